/* SPDX-License-Identifier: MIT */
/* Traced: what stat tells. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int
main(void)
{
	struct stat st;
	int fd = open("traced.tmp", O_WRONLY | O_CREAT, 0600);

	write(fd, "12345", 5);
	fstat(fd, &st);
	fchmod(fd, 0644);
	close(fd);
	stat("traced.tmp", &st);
	lstat("traced.none", &st);
	stat("/dev/null", &st);
	unlink("traced.tmp");
	return (int)st.st_size;
}
