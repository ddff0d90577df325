/* SPDX-License-Identifier: MIT */
/* exec: arguments, scripts, what is kept, and files that are no programs. */
#define _GNU_SOURCE
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tap.h"

static char dir[] = "/tmp/programs.XXXXXX";

/* Wait status of exec of PATH with ARGV in a child; 1000 + errno: it failed. */
static int
run(const char *path, char *const argv[], char *const envp[])
{
	int status, fds[2], err = 0;
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC) != 0)
		return -1;
	pid = fork();
	if (pid == 0) {
		execve(path, argv, envp);
		err = errno;
		if (write(fds[1], &err, sizeof(err)) < 0)
			_exit(98);
		_exit(99);
	}
	close(fds[1]);
	if (read(fds[0], &err, sizeof(err)) != sizeof(err))
		err = 0;
	close(fds[0]);
	waitpid(pid, &status, 0);
	return err != 0 ? 1000 + err : status;
}

/* Make a file with LEN bytes of DATA; its name is good until the next call. */
static const char *
make_file(const void *data, size_t len, mode_t mode)
{
	static char name[64];
	static int n;
	int fd;

	snprintf(name, sizeof(name), "%s/%d", dir, n++);
	fd = open(name, O_WRONLY | O_CREAT, 0600);
	if (write(fd, data, len) != (ssize_t)len || fchmod(fd, mode) != 0)
		perror(name);
	close(fd);
	return name;
}

/* A program that exits with 5, to be spoiled. */
struct tiny {
	Elf64_Ehdr head;
	Elf64_Phdr seg[2];
	unsigned char code[16];
};

static struct tiny
tiny(void)
{
	static const unsigned char code[] = {
	    0xb8, 60,	0, 0, 0, /* mov $60, %eax */
	    0xbf, 5,	0, 0, 0, /* mov $5, %edi */
	    0x0f, 0x05,		 /* syscall */
	};
	struct tiny t = {
	    .head =
		{
		    .e_ident = {0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB,
				1},
		    .e_type = ET_EXEC,
		    .e_machine = EM_X86_64,
		    .e_version = 1,
		    .e_entry = 0x400000 + offsetof(struct tiny, code),
		    .e_phoff = offsetof(struct tiny, seg),
		    .e_ehsize = sizeof(Elf64_Ehdr),
		    .e_phentsize = sizeof(Elf64_Phdr),
		    .e_phnum = 1,
		},
	    .seg = {{
		.p_type = PT_LOAD,
		.p_flags = PF_R | PF_X,
		.p_vaddr = 0x400000,
		.p_filesz = sizeof(struct tiny),
		.p_memsz = sizeof(struct tiny),
		.p_align = 4096,
	    }},
	};

	memcpy(t.code, code, sizeof(code));
	return t;
}

static int
run_tiny(const struct tiny *t, size_t len)
{
	char *argv[] = {"tiny", NULL}, *envp[] = {NULL};

	return run(make_file(t, len, 0700), argv, envp);
}

/* What may come of a file that is half good: an error, or a signal. */
static int
refused(int status)
{
	return status > 1000 || WIFSIGNALED(status);
}

static void
test_bad_elf(void)
{
	struct tiny t = tiny();

	is_int(run_tiny(&t, sizeof(t)), 5 << 8, "the tiny program");
	is_int(run_tiny(&t, 0), 1000 + ENOEXEC, "an empty file");
	is_int(run_tiny(&t, 20), 1000 + ENOEXEC, "half a header");
	t.head.e_machine = EM_386;
	is_int(run_tiny(&t, sizeof(t)), 1000 + ENOEXEC, "another machine");
	t = tiny();
	t.head.e_type = ET_REL;
	is_int(run_tiny(&t, sizeof(t)), 1000 + ENOEXEC, "an object file");
	t = tiny();
	t.head.e_phnum = 0;
	is_int(run_tiny(&t, sizeof(t)), 1000 + ENOEXEC, "no segments");
	t = tiny();
	t.head.e_phentsize = 1;
	is_int(run_tiny(&t, sizeof(t)), 1000 + ENOEXEC, "a wrong entry size");
	t = tiny();
	t.head.e_phoff = 1 << 30;
	ok(refused(run_tiny(&t, sizeof(t))), "headers beyond the end");
	t = tiny();
	t.head.e_phoff = ~0ull - 8;
	ok(refused(run_tiny(&t, sizeof(t))), "headers that wrap around");
	t = tiny();
	t.seg[0].p_vaddr = 0xffffffff80000000;
	ok(refused(run_tiny(&t, sizeof(t))), "a segment in the kernel");
	t = tiny();
	t.seg[0].p_memsz = ~0ull - 0x1000;
	ok(refused(run_tiny(&t, sizeof(t))), "a segment without end");
	t = tiny();
	t.seg[0].p_filesz = 1 << 20;
	ok(refused(run_tiny(&t, sizeof(t))), "more in file than in memory");
	t = tiny();
	t.seg[0].p_offset = 1;
	ok(refused(run_tiny(&t, sizeof(t))), "a segment that is not aligned");
	t = tiny();
	t.head.e_entry = 0x8000000000000000;
	ok(refused(run_tiny(&t, sizeof(t))), "a non-canonical entry");
	t = tiny();
	t.head.e_entry = 0xffffffff80100000;
	ok(refused(run_tiny(&t, sizeof(t))), "an entry in the kernel");
}

static void
test_interpreter(void)
{
	struct tiny t = tiny();

	t.head.e_phnum = 2;
	t.seg[1].p_type = PT_INTERP;
	t.seg[1].p_offset = offsetof(struct tiny, code);
	t.seg[1].p_filesz = 5;
	memcpy(t.code, "/nox", 5);
	is_int(run_tiny(&t, sizeof(t)), 1000 + ENOENT, "an absent interpreter");
	t.seg[1].p_filesz = 4;
	is_int(run_tiny(&t, sizeof(t)), 1000 + ENOEXEC,
	       "a name that does not end");
	t.seg[1].p_filesz = 1 << 20;
	ok(refused(run_tiny(&t, sizeof(t))), "a name that is too long");
	t.seg[1].p_filesz = 5;
	memcpy(t.code, "/etc", 5);
	is_int(run_tiny(&t, sizeof(t)), 1000 + EACCES, "a directory");
}

static void
test_scripts(void)
{
	static const char script[] = "#! /bin/sh -e  \nexit $(($# + 10))\n";
	static const char loop[] = "#!%s\n";
	char *argv[] = {"x", "a", "b", NULL}, *envp[] = {NULL};
	char self[80], text[100];

	is_int(run(make_file(script, sizeof(script) - 1, 0700), argv, envp),
	       12 << 8, "a script gets its arguments");
	is_int(run(make_file(script, sizeof(script) - 1, 0600), argv, envp),
	       1000 + EACCES, "without permission it is EACCES");
	is_int(run(make_file("#!\n", 3, 0700), argv, envp), 1000 + ENOEXEC,
	       "no interpreter");
	is_int(run(make_file("#!/nonexistent\n", 15, 0700), argv, envp),
	       1000 + ENOENT, "an absent one");
	is_int(run(make_file("exit 3\n", 7, 0700), argv, envp), 1000 + ENOEXEC,
	       "text without a first line is ENOEXEC");
	/* A script that is its own interpreter. */
	strcpy(self, make_file("", 0, 0700));
	snprintf(text, sizeof(text), loop, self);
	unlink(self);
	{
		int fd = open(self, O_WRONLY | O_CREAT, 0700);

		if (write(fd, text, strlen(text)) < 0)
			perror(self);
		close(fd);
	}
	is_int(run(self, argv, envp), 1000 + ELOOP, "its own interpreter");
}

static void
test_errors(void)
{
	char *argv[] = {"x", NULL}, *envp[] = {NULL};
	size_t big = 200 << 10;
	char *long_arg = malloc(big + 1);
	char *long_argv[] = {"true", long_arg, NULL};
	char *volatile wild = (char *)8;

	is_int(run("/nonexistent", argv, envp), 1000 + ENOENT, "no file");
	is_int(run("/", argv, envp), 1000 + EACCES, "a directory");
	is_int(run("/etc/passwd/x", argv, envp), 1000 + ENOTDIR,
	       "below a file");
	is_int(run("", argv, envp), 1000 + ENOENT, "an empty name");
	is_int(run(wild, argv, envp), 1000 + EFAULT, "a wild name");
	is_int(run("/bin/true", (char **)wild, envp), 1000 + EFAULT,
	       "a wild vector");
	argv[0] = wild;
	is_int(run("/bin/true", argv, envp), 1000 + EFAULT,
	       "a wild string in it");
	memset(long_arg, 'x', big);
	long_arg[big] = '\0';
	is_int(run("/bin/true", long_argv, envp), 1000 + E2BIG,
	       "a string over 128 KiB");
	long_arg[100 << 10] = '\0';
	is_int(run("/bin/true", long_argv, envp), 0, "one below it");
	free(long_arg);
}

static void
test_kept(char *self)
{
	char fds[32], *argv[] = {self, "child", fds, NULL};
	char *envp[] = {"PROGRAMS=yes", NULL};
	int kept = open("/dev/null", O_RDONLY);
	int closed = open("/dev/null", O_RDONLY | O_CLOEXEC);

	snprintf(fds, sizeof(fds), "%d,%d", kept, closed);
	signal(SIGUSR1, SIG_IGN);
	is_int(run(self, argv, envp), 0, "what exec keeps and what not");
	close(kept);
	close(closed);
}

/* What the program started by test_kept() finds. */
static int
child(const char *fds)
{
	struct sigaction sa;
	int kept, closed;

	if (sscanf(fds, "%d,%d", &kept, &closed) != 2)
		return 1;
	if (fcntl(kept, F_GETFD) != 0)
		return 2;
	if (fcntl(closed, F_GETFD) != -1)
		return 3;
	sigaction(SIGUSR1, NULL, &sa);
	if (sa.sa_handler != SIG_IGN)
		return 4;
	if (getenv("PROGRAMS") == NULL || strcmp(getenv("PROGRAMS"), "yes"))
		return 5;
	if (getauxval(AT_PAGESZ) != 4096 || getauxval(AT_RANDOM) == 0)
		return 6;
	if (getauxval(AT_EXECFN) == 0 || getauxval(AT_UID) != getuid())
		return 7;
	if (strcmp((char *)getauxval(AT_PLATFORM), "x86_64") != 0)
		return 8;
	if (environ[1] != NULL)
		return 9;
	return 0;
}

static void
test_at(void)
{
	char *argv[] = {"true", NULL}, *envp[] = {NULL};
	int fd = open("/bin/true", O_RDONLY | O_CLOEXEC), status;
	pid_t pid = fork();

	if (pid == 0) {
		execveat(fd, "", argv, envp, AT_EMPTY_PATH);
		_exit(99);
	}
	waitpid(pid, &status, 0);
	is_int(status, 0, "execveat() of a descriptor");
	close(fd);
	fd = open("/bin", O_RDONLY | O_DIRECTORY);
	pid = fork();
	if (pid == 0) {
		execveat(fd, "true", argv, envp, 0);
		_exit(99);
	}
	waitpid(pid, &status, 0);
	is_int(status, 0, "execveat() in a directory");
	close(fd);
}

int
main(int argc, char **argv)
{
	char remove_dir[64];

	if (argc == 3 && strcmp(argv[1], "child") == 0)
		return child(argv[2]);
	if (mkdtemp(dir) == NULL)
		return 1;
	test_bad_elf();
	test_interpreter();
	test_scripts();
	test_errors();
	test_kept(argv[0]);
	test_at();
	snprintf(remove_dir, sizeof(remove_dir), "rm -r %s", dir);
	is_int(system(remove_dir), 0, "system()");
	return done_testing();
}
