/* SPDX-License-Identifier: MIT */
/* The parts of the ELF-64 format that the loader needs. */
#ifndef ELF_H
#define ELF_H

#include <stdint.h>

struct file;
struct vm;

struct elf_header {
	unsigned char ident[16];
	uint16_t type, machine;
	uint32_t version;
	uint64_t entry, phoff, shoff;
	uint32_t flags;
	uint16_t ehsize, phentsize, phnum, shentsize, shnum, shstrndx;
};

struct elf_segment {
	uint32_t type, flags;
	uint64_t offset, vaddr, paddr, filesz, memsz, align;
};

_Static_assert(sizeof(struct elf_header) == 64, "ELF-64 header");
_Static_assert(sizeof(struct elf_segment) == 56, "ELF-64 program header");

#define ET_EXEC 2
#define ET_DYN	3

#define PT_LOAD	     1
#define PT_INTERP    3
#define PT_PHDR	     6
#define PT_GNU_STACK 0x6474e551

#define PF_X 1
#define PF_W 2
#define PF_R 4

/* A file whose headers have been read and checked. */
struct elf {
	struct file *file; /* the caller's reference */
	struct elf_header head;
	struct elf_segment *seg; /* head.phnum of them */
};

/* Where elf_load() put it. */
struct elf_image {
	uint64_t bias; /* added to the addresses in the file */
	uint64_t entry, phdr;
	uint64_t code_start, code_end, data_start, data_end;
	uint64_t end; /* of the last segment */
};

/*
 * Read the headers of F. -ENOEXEC: not a program for this machine; -EIO,
 * -ENOMEM. elf_close() frees what this allocates.
 */
int elf_open(struct file *f, struct elf *out);
void elf_close(struct elf *e);

/* The first segment of TYPE, or NULL. */
const struct elf_segment *elf_find(const struct elf *e, uint32_t type);

/*
 * Map the segments of E into VM, which nobody uses yet. BASE: where a
 * position-independent file is to be; 0: anywhere among the mappings.
 * -ENOEXEC, -EINVAL, -ENOMEM and what reading fails with.
 */
int elf_load(struct vm *vm, const struct elf *e, uint64_t base,
	     struct elf_image *out);

#endif
