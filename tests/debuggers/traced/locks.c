/* SPDX-License-Identifier: MIT */
/* Traced: descriptor flags and locks. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

int
main(void)
{
	struct flock fl = {
	    .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = 10};
	int fd = open("traced.tmp", O_RDWR | O_CREAT, 0600);

	fcntl(fd, F_SETLK, &fl);
	fl.l_type = F_UNLCK;
	fcntl(fd, F_SETLK, &fl);
	flock(fd, LOCK_EX | LOCK_NB);
	flock(fd, LOCK_UN);
	fcntl(fd, F_GETFD);
	fcntl(fd, 9999);
	unlink("traced.tmp");
	return 0;
}
