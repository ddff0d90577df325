/* SPDX-License-Identifier: MIT */
/*
 * exec: the new address space is made completely beside the old one, so that
 * every error comes before the point of no return.
 */
#include "exec.h"

#include "cpu.h"
#include "elf.h"
#include "errno.h"
#include "execstack.h"
#include "file.h"
#include "mem.h"
#include "string.h"
#include "thread.h"
#include "vdso.h"
#include "vm.h"

#define SCRIPT_DEPTH	    4
#define SCRIPT_LINE	    256
#define S_IXGRP		    0010
#define AT_EMPTY_PATH	    0x1000
#define AT_SYMLINK_NOFOLLOW 0x100

/* Where Linux puts a position-independent program without randomisation. */
#define PIE_BASE 0x555555554000u

static int
start_of(int dirfd, const char *path, struct dentry **out)
{
	struct file *f;

	*out = NULL;
	if (path[0] == '/' || dirfd == AT_FDCWD)
		return 0;
	f = fd_get(dirfd);
	if (f == NULL)
		return -EBADF;
	*out = dentry_get(f->dentry);
	file_put(f);
	return 0;
}

/* Open PATH to execute it. */
static int
open_program(int dirfd, const char *path, unsigned flags, struct file **out)
{
	unsigned walk = flags & AT_SYMLINK_NOFOLLOW ? 0 : WALK_FOLLOW;
	struct dentry *start, *d;
	int err;

	if (flags & AT_EMPTY_PATH)
		walk |= WALK_EMPTY_OK;
	err = start_of(dirfd, path, &start);
	if (err != 0)
		return err;
	err = path_walk(start, path, walk, &d);
	if (start != NULL)
		dentry_put(start);
	if (err != 0)
		return err;
	if ((d->inode->mode & S_IFMT) == S_IFLNK)
		err = -ELOOP;
	else
		err = file_may_exec(d->inode);
	/* To execute a file one need not be allowed to read it. */
	if (err == 0)
		err = file_new(d, O_RDONLY, out);
	dentry_put(d);
	return err;
}

/* ---- scripts ---- */

static bool
blank(char c)
{
	return c == ' ' || c == '\t';
}

/*
 * Split "#!INTERPRETER [ARGUMENT]" in place. -ENOEXEC: it is not such a line,
 * or the interpreter's name does not end within it.
 */
static int
parse_script(char *line, size_t len, char **out_interp, char **out_arg)
{
	char *p, *end;

	if (len < 2 || line[0] != '#' || line[1] != '!')
		return -ENOEXEC;
	line[len] = '\0';
	end = strchr(line, '\n');
	if (end == NULL)
		end = line + len;
	while (end > line + 2 && blank(end[-1]))
		end--;
	*end = '\0';
	for (p = line + 2; blank(*p); p++)
		;
	if (*p == '\0')
		return -ENOEXEC;
	*out_interp = p;
	while (*p != '\0' && !blank(*p))
		p++;
	if (*p == '\0' && len == SCRIPT_LINE && end == line + len)
		return -ENOEXEC;
	while (blank(*p))
		*p++ = '\0';
	*out_arg = *p != '\0' ? p : NULL;
	return 0;
}

/* Put a copy of S at index AT of V. */
static int
strings_insert(struct exec_strings *v, size_t at, const char *s)
{
	char **grown = krealloc(v->v, (v->n + 1) * sizeof(*grown));
	char *copy;

	if (grown == NULL)
		return -ENOMEM;
	v->v = grown;
	copy = kstrdup(s);
	if (copy == NULL)
		return -ENOMEM;
	memmove(&grown[at + 1], &grown[at], (v->n - at) * sizeof(*grown));
	grown[at] = copy;
	v->n++;
	v->bytes += strlen(s) + 1;
	return 0;
}

static void
strings_remove(struct exec_strings *v, size_t at)
{
	v->bytes -= strlen(v->v[at]) + 1;
	kfree(v->v[at]);
	v->n--;
	memmove(&v->v[at], &v->v[at + 1], (v->n - at) * sizeof(*v->v));
}

/* PATH is a script: its interpreter's arguments replace argv[0]. */
static int
script_args(struct exec_strings *argv, const char *path, const char *interp,
	    const char *arg)
{
	int err;

	if (argv->n > 0)
		strings_remove(argv, 0);
	err = strings_insert(argv, 0, path);
	if (err == 0 && arg != NULL)
		err = strings_insert(argv, 0, arg);
	if (err == 0)
		err = strings_insert(argv, 0, interp);
	return err;
}

/*
 * Open the program for PATH, going through scripts, whose arguments are put
 * in ARGV.
 */
static int
find_program(int dirfd, const char *path, unsigned flags,
	     struct exec_strings *argv, struct file **out)
{
	char line[SCRIPT_LINE + 1], name[SCRIPT_LINE + 1];
	char *interp = NULL, *arg = NULL;
	int64_t n;
	int err;

	for (int depth = 0; depth <= SCRIPT_DEPTH; depth++) {
		err = open_program(dirfd, path, flags, out);
		if (err != 0)
			return err;
		n = file_pread(*out, line, SCRIPT_LINE, 0);
		if (n < 0)
			err = (int)n;
		else if (n < 2 || line[0] != '#' || line[1] != '!')
			return 0;
		else
			err = parse_script(line, n, &interp, &arg);
		file_put(*out);
		if (err == 0)
			err = script_args(argv, path, interp, arg);
		if (err != 0)
			return err;
		strlcpy(name, interp, sizeof(name));
		path = name;
		dirfd = AT_FDCWD;
		flags = 0;
	}
	return -ELOOP;
}

/* ---- programs ---- */

/* The interpreter's name, which segment S of E holds; kfree() it. */
static int
interp_name(const struct elf *e, const struct elf_segment *s, char **out)
{
	int64_t n;
	char *name;

	if (s->filesz < 2 || s->filesz > PATH_MAX)
		return -ENOEXEC;
	name = kmalloc(s->filesz);
	if (name == NULL)
		return -ENOMEM;
	n = file_pread(e->file, name, s->filesz, s->offset);
	if (n == (int64_t)s->filesz && name[n - 1] == '\0') {
		*out = name;
		return 0;
	}
	kfree(name);
	return n < 0 ? (int)n : -ENOEXEC;
}

/*
 * Load a file into the new address space. Where that fails Linux has given up
 * the old one already, and the process dies.
 */
static int
load(struct vm *vm, const struct elf *e, uint64_t base, struct elf_image *out)
{
	int err = elf_load(vm, e, base, out);

	if (err != 0 && exec_alone() == 0) {
		signal_exec();
		signal_force_kernel(SIGSEGV);
	}
	return err;
}

/* Open and load the interpreter that segment S of E names. */
static int
load_interp(struct vm *vm, const struct elf *e, const struct elf_segment *s,
	    struct exec_info *info, struct elf_image *out)
{
	struct file *f;
	struct elf interp;
	char *name = NULL;
	int err;

	err = interp_name(e, s, &name);
	if (err != 0)
		return err;
	err = open_program(AT_FDCWD, name, 0, &f);
	kfree(name);
	if (err != 0)
		return err;
	info->hidden |= inode_permission(f->inode, R_OK) != 0;
	err = elf_open(f, &interp);
	if (err == -ENOEXEC)
		err = -ELIBBAD;
	if (err == 0) {
		err = load(vm, &interp, 0, out);
		elf_close(&interp);
	}
	file_put(f);
	return err;
}

static void
set_layout(struct vm *vm, const struct elf_image *img, bool low)
{
	struct vm_layout *l = &vm->layout;

	l->code_start = img->code_start;
	l->code_end = img->code_end;
	l->data_start = img->data_start;
	l->data_end = img->data_end;
	/* A static PIE lies among the mappings, where nothing could grow. */
	l->brk_start = l->brk = low ? page_up(img->end) : PIE_BASE;
}

/* Build the address space of program E. */
static int
build(struct vm *vm, const struct elf *e, struct exec_info *info,
      uint64_t *out_entry)
{
	const struct elf_segment *stack = elf_find(e, PT_GNU_STACK);
	const struct elf_segment *interp = elf_find(e, PT_INTERP);
	bool low = e->head.type == ET_EXEC || interp != NULL;
	struct elf_image img, loader = {0};
	int err;

	err = load(vm, e, interp != NULL ? PIE_BASE : 0, &img);
	if (err == 0 && interp != NULL)
		err = load_interp(vm, e, interp, info, &loader);
	if (err != 0)
		return err;
	info->exec_stack = stack != NULL && (stack->flags & PF_X);
	info->phdr = img.phdr;
	info->phnum = e->head.phnum;
	info->entry = img.entry;
	info->base = loader.bias;
	set_layout(vm, &img, low);
	vm->exe = file_get(e->file);
	*out_entry = interp != NULL ? loader.entry : img.entry;
	err = vdso_map(vm, &info->vdso);
	return err != 0 ? err : stack_build(vm, info);
}

/*
 * Who the program in F will be: the set-id bits of its inode count, but not
 * with no_new_privs or under a tracer that could not attach to the result.
 */
static void
set_ids(const struct file *f, struct exec_info *info)
{
	const struct inode *ino = f->inode;

	info->euid = current->cred.euid;
	info->egid = current->cred.egid;
	if (current->no_new_privs || ks_tracer_is_lesser(&current->trace))
		return;
	if (ino->mode & S_ISUID)
		info->euid = ino->uid;
	if ((ino->mode & (S_ISGID | S_IXGRP)) == (S_ISGID | S_IXGRP))
		info->egid = ino->gid;
}

static const char *
last_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? slash + 1 : path;
}

/* Past the point of no return: become the program in VM. */
static void
become(struct vm *vm, const struct exec_info *info, const char *name,
       uint64_t entry)
{
	struct regs *r = current->regs;
	uint64_t nr = r->orig_rax;

	exec_set_vm(vm);
	current->cred.euid = info->euid;
	current->cred.egid = info->egid;
	exec_reset(name, info->hidden);
	fdtable_exec(&current->files);
	memset(r, 0, sizeof(*r));
	r->orig_rax = nr;
	r->rip = entry;
	r->rsp = vm->layout.stack_start;
	r->cs = SEL_USER_CS;
	r->ss = SEL_USER_DS;
	r->rflags = RFLAGS_IF | RFLAGS_ONE;
}

int
exec_program(int dirfd, const char *path, struct exec_strings *argv,
	     struct exec_strings *envp, unsigned flags)
{
	struct exec_info info = {.path = path, .argv = argv, .envp = envp};
	struct file *f;
	struct elf e;
	struct vm *vm;
	uint64_t entry;
	int err;

	err = find_program(dirfd, path, flags, argv, &f);
	if (err != 0)
		return err;
	err = elf_open(f, &e);
	if (err != 0)
		goto out_file;
	/* Linux gives a program at least an empty argv[0]. */
	if (argv->n == 0)
		err = strings_insert(argv, 0, "");
	if (err == 0)
		err = vm_new(&vm);
	if (err != 0)
		goto out_elf;
	set_ids(f, &info);
	info.hidden = inode_permission(f->inode, R_OK) != 0;
	err = build(vm, &e, &info, &entry);
	if (err == 0)
		err = exec_alone();
	if (err == 0)
		become(vm, &info, last_name(path), entry);
	else
		vm_put(vm);
out_elf:
	elf_close(&e);
out_file:
	file_put(f);
	if (err == 0)
		exec_done();
	return err;
}
