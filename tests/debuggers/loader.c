/* SPDX-License-Identifier: MIT */
/* Debugged: loads a library when it already runs. */
#include <dlfcn.h>
#include <stdio.h>

int
main(int argc, char **argv)
{
	int (*twice)(int);
	void *library;
	int result;

	if (argc < 2)
		return 2;
	library = dlopen(argv[1], RTLD_NOW);
	if (!library) {
		puts(dlerror());
		return 1;
	}
	twice = (int (*)(int))dlsym(library, "plugin_twice");
	result = twice(21);
	printf("%d\n", result);
	dlclose(library);
	return 0;
}
