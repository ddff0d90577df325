/* SPDX-License-Identifier: MIT */
/* Traced: directories and paths. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

int
main(void)
{
	char buf[4096];
	int fd;

	umask(027);
	mkdir("traced.dir", 0777);
	mkdir("traced.dir", 0777);
	close(creat("traced.dir/file", 0666));
	rmdir("traced.dir");
	chmod("traced.dir/file", 0604);
	access("traced.dir/file", R_OK | W_OK);
	access("traced.dir/none", F_OK);
	fd = open("traced.dir", O_RDONLY | O_DIRECTORY);
	unlinkat(fd, "file", 0);
	close(fd);
	rmdir("traced.dir");
	chdir("/");
	syscall(SYS_getcwd, buf, sizeof(buf));
	chdir("/dev/null");
	return 0;
}
