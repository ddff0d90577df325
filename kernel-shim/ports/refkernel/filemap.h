/* SPDX-License-Identifier: MIT */
/* Regular files, read and written through their page cache. */
#ifndef REFKERNEL_FILEMAP_H
#define REFKERNEL_FILEMAP_H

#include "file.h"

extern const struct file_ops regular_file_ops;

/* Seek within SIZE as lseek(2) does, without SEEK_DATA. */
int64_t generic_seek(struct file *f, int64_t off, int whence, uint64_t size);

#endif
