/* SPDX-License-Identifier: MIT */
/* The library that loader.c loads. */
int plugin_calls;

int plugin_twice(int n);

int
plugin_twice(int n)
{
	plugin_calls++;
	return 2 * n;
}
