/* SPDX-License-Identifier: MIT */
/* Traced: memory mappings. */
#define _GNU_SOURCE
#include <sys/mman.h>
#include <unistd.h>

int
main(void)
{
	const size_t page = 4096;
	char *p = mmap(NULL, 4 * page, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	p[0] = 1;
	mprotect(p, page, PROT_READ);
	mprotect(p + page, page, PROT_NONE);
	madvise(p, page, MADV_DONTNEED);
	munmap(p + 2 * page, page);
	munmap(p + 1, page);
	p = mremap(p, page, 8 * page, MREMAP_MAYMOVE);
	msync(p, page, MS_SYNC);
	munmap(p, 8 * page);
	mmap(NULL, 0, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	mmap(NULL, page, PROT_READ, MAP_PRIVATE, 99, 0);
	mprotect(NULL, page, PROT_READ);
	return 0;
}
