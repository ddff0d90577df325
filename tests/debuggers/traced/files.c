/* SPDX-License-Identifier: MIT */
/* Traced: files, offsets and errors. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

int
main(void)
{
	char buf[64];
	int fd =
	    open("traced.tmp", O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);

	write(fd, "some text\n\tand \"quotes\" \001\377", 27);
	lseek(fd, 5, SEEK_SET);
	read(fd, buf, sizeof(buf));
	read(fd, buf, sizeof(buf));
	pwrite(fd, "abc", 3, 100);
	pread(fd, buf, sizeof(buf), 80);
	lseek(fd, -1000, SEEK_CUR);
	ftruncate(fd, 7);
	fsync(fd);
	close(fd);
	close(fd);
	open("not/there", O_RDONLY);
	open("traced.tmp", O_RDONLY | O_DIRECTORY);
	rename("traced.tmp", "traced.new");
	link("traced.new", "traced.tmp");
	symlink("traced.new", "traced.link");
	readlink("traced.link", buf, sizeof(buf));
	unlink("traced.link");
	unlink("traced.new");
	unlink("traced.tmp");
	unlink("traced.tmp");
	return 0;
}
