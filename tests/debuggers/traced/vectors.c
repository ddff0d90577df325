/* SPDX-License-Identifier: MIT */
/* Traced: vectors of buffers, sendfile. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/sendfile.h>
#include <sys/uio.h>
#include <unistd.h>

int
main(void)
{
	char a[8], b[8];
	struct iovec out[2] = {{"one ", 4}, {"two\n", 4}};
	struct iovec in[2] = {{a, 3}, {b, sizeof(b)}};
	int fd = open("traced.tmp", O_RDWR | O_CREAT | O_TRUNC, 0600);
	off_t off = 2;

	writev(fd, out, 2);
	lseek(fd, 0, SEEK_SET);
	readv(fd, in, 2);
	preadv(fd, in, 2, 1);
	sendfile(1, fd, &off, 100);
	unlink("traced.tmp");
	return 0;
}
