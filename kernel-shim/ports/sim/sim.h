/* SPDX-License-Identifier: MIT */
/*
 * A simulated machine in one host process, on which both halves are tested.
 *
 * It has RAM, x86_64 page tables in it, a CPU of a few real x86_64
 * instructions (asm.h) and a small kernel that embeds the shim: processes,
 * threads, signals, job control, fork, exec. Everything is deterministic: one
 * thread runs at a time, and who is next follows from the seed alone. The
 * clock counts instructions.
 *
 * Words in the machine's memory are in the byte order of the host; operands in
 * the code are little-endian, as x86 has them. So the machine is the same on
 * every host, and its debugger's structures need no conversion.
 *
 * A process either has code, or it has none: then the test is its code and
 * acts through the functions below that take SELF. What would block runs the
 * machine until it need not wait any more, or gives -EDEADLK if nothing in the
 * machine can ever end the wait.
 */
#ifndef SIM_SIM_H
#define SIM_SIM_H

#include <kshim/regs.h>
#include <kshim/trace.h>

struct sim;
struct sim_thread;

enum sim_fpu {
	SIM_FPU_XSAVE,	 /* standard format, with AVX */
	SIM_FPU_COMPACT, /* compacted format */
	SIM_FPU_FX,	 /* no XSAVE */
};

/* All members may be 0. */
struct sim_config {
	uint64_t ram;	    /* bytes; 0: 64 MiB */
	bool window;	    /* no direct map: a window of a few pages */
	unsigned pt_levels; /* 0: 4 */
	unsigned seed;	    /* of the scheduler; 0: round robin */
	unsigned quantum;   /* instructions in a time slice; 0: 100 */
	int32_t pid_max;    /* ids wrap here; 0: 32768 */
	enum sim_fpu fpu;
};

/* What is in use. All are 0 after a machine has been shut down. */
struct sim_census {
	long frames, windows, spaces, procs, threads, files, signals, locks;
};

/* NULL: no host memory. */
struct sim *sim_new(const struct sim_config *config);

/*
 * End every process, let the machine run down, release all and report in OUT
 * what was not given back. True if nothing was lost.
 */
bool sim_free(struct sim *s, struct sim_census *out);

/* As it stands now. */
void sim_census(struct sim *s, struct sim_census *out);

/* The shim's view of the machine. */
struct ks_machine *sim_machine(struct sim *s);

/* ---- programs and processes ---- */

#define SIM_TEXT       UINT64_C(0x400000) /* read, execute */
#define SIM_DATA       UINT64_C(0x600000) /* read, write; zero after `data` */
#define SIM_STACK      UINT64_C(0x7ffffff00000) /* the end of the stack */
#define SIM_STACK_SIZE UINT64_C(0x10000)

struct sim_program {
	const char *path;
	const void *text;
	size_t text_len;
	const void *data;
	size_t data_len;
	size_t data_size; /* of the mapping; 0: 4 pages */
	uint64_t entry;	  /* 0: SIM_TEXT */
	int64_t set_uid;  /* an uid plus 1, where the program is setuid */
	bool unreadable;  /* the process is not dumpable */
};

/* Install P, which is copied; exec finds it by path. 0, -ENOMEM, -EEXIST. */
int sim_install(struct sim *s, const struct sim_program *p);

/*
 * A process without code, child of PARENT (NULL: of nobody), with all ids UID;
 * uid 0 has CAP_SYS_PTRACE. NULL: no memory.
 */
struct sim_thread *sim_host(struct sim *s, struct sim_thread *parent,
			    uint32_t uid);

/*
 * A process that executes the program at PATH, child of PARENT, with all ids
 * UID. It has not run yet. Its id, or a negated errno.
 */
int32_t sim_spawn(struct sim *s, struct sim_thread *parent, const char *path,
		  uint32_t uid);

/* The thread with id TID, valid until it is reaped; NULL if there is none. */
struct sim_thread *sim_find(struct sim *s, int32_t tid);
int32_t sim_tid(const struct sim_thread *t);
int32_t sim_tgid(const struct sim_thread *t);
struct ks_thread *sim_ks(struct sim_thread *t);
struct ks_regs *sim_regs(struct sim_thread *t);
struct ks_cred *sim_cred(struct sim_thread *t);

/*
 * The text of the state, as in /proc/PID/stat: R runs, S sleeps, T stopped by
 * job control, t in a trace stop, Z dead, H without code.
 */
char sim_state(struct sim_thread *t);

/* End the process of SELF, which has no code, with STATUS as wait(2) gives. */
void sim_exit(struct sim_thread *self, int status);

/* ---- running ---- */

/* Run one time slice. False: nothing can run, and no timer is set. */
bool sim_step(struct sim *s);

/*
 * Run until nothing can run, or COND(ARG) holds (COND may be NULL), or LIMIT
 * time slices have passed. True if COND holds.
 */
bool sim_run(struct sim *s, bool (*cond)(void *arg), void *arg,
	     unsigned long limit);

/* sim_run() to the end: until everybody sleeps, stops or is gone. */
void sim_idle(struct sim *s);

/* Instructions executed so far. */
uint64_t sim_clock(struct sim *s);

/* What programs wrote to descriptors 1 and 2 so far. */
const char *sim_console(struct sim *s);

/* ---- system calls on behalf of SELF; a negated errno when they fail ---- */

enum sim_open_flag {
	SIM_O_READ = 1,
	SIM_O_WRITE = 2,
	SIM_O_RDWR = 3,
	SIM_O_TRUNC = 4,
	SIM_O_EXCL = 8,
	SIM_O_NONBLOCK = 16,
};

int sim_open(struct sim_thread *self, const char *path, unsigned flags);
/* Redox's dup: the sibling file NAME of FD. */
int sim_dup(struct sim_thread *self, int fd, const char *name, unsigned flags);
int sim_close(struct sim_thread *self, int fd);
int64_t sim_read(struct sim_thread *self, int fd, void *buf, size_t len);
int64_t sim_write(struct sim_thread *self, int fd, const void *buf, size_t len);
int64_t sim_pread(struct sim_thread *self, int fd, void *buf, size_t len,
		  uint64_t off);
int64_t sim_pwrite(struct sim_thread *self, int fd, const void *buf, size_t len,
		   uint64_t off);

/* As poll(2): KS_READ and KS_WRITE in EVENTS; the number of ready ones. */
struct sim_pollfd {
	int fd;
	unsigned events, revents;
};
/* TIMEOUT in time slices; negative: none. */
int sim_poll(struct sim_thread *self, struct sim_pollfd *fds, unsigned n,
	     long timeout);

/*
 * Map FD, as far as it can be mapped, until it is closed: to be written too if
 * it is open for that. 0 or a negated errno.
 */
int sim_map(struct sim_thread *self, int fd);
/* To be written, whatever it is open for: then that is the shim's to refuse. */
int sim_map_write(struct sim_thread *self, int fd);

/*
 * Load LEN bytes at OFF, within one page, of the mapping of FD: by its page
 * table entry, or if there is none by a page fault. What cannot be had is
 * zeros. -ENOMEM: the mapping has no room for more entries.
 */
int sim_mapped(struct sim_thread *self, int fd, uint64_t off, void *buf,
	       size_t len);

/*
 * Store them. A page that can be read alone is faulted in anew; what cannot be
 * had is a new frame.
 */
int sim_mapped_store(struct sim_thread *self, int fd, uint64_t off,
		     const void *buf, size_t len);

/*
 * Map the first page of FD, which lasts as it is (`stop`, `events`), for
 * reading or with WRITE for both: where it is, or NULL. It is mapped until
 * *OUT_FD, another descriptor of the same file, is closed.
 */
void *sim_map_page(struct sim_thread *self, int fd, bool write, int *out_fd);

/* The entries that FD's mapping has. */
unsigned sim_mapped_pages(struct sim_thread *self, int fd);

#define SIM_WNOHANG    1
#define SIM_WUNTRACED  2
#define SIM_WEXITED    4
#define SIM_WCONTINUED 8
#define SIM_WNOWAIT    0x1000000

/*
 * Wait for a child: PID above 0 or -1, OPTIONS of SIM_W* without WEXITED. Its
 * id; 0 with WNOHANG; -ECHILD. Any out pointer may be NULL.
 */
int32_t sim_wait4(struct sim_thread *self, int32_t pid, int *out_status,
		  int options, struct proc_rusage *out_ru);
int sim_kill(struct sim_thread *self, int32_t pid, int sig);
int sim_tgkill(struct sim_thread *self, int32_t tgid, int32_t tid, int sig);

/* What SELF's process does with SIG, for a process without code. */
enum sim_action_kind { SIM_DEFAULT, SIM_IGNORE, SIM_CATCH, SIM_NOCLDSTOP };
void sim_action(struct sim_thread *self, int sig, enum sim_action_kind action);

/* Take a caught signal of SELF, which has no code: its number or 0. */
int sim_signal(struct sim_thread *self, struct proc_siginfo *out);

/*
 * Filter the system calls of T from now on: call NR asks the tracer, with
 * DATA. Inherited by new threads. NR negative: no filter.
 */
void sim_seccomp(struct sim_thread *t, int nr, uint32_t data);

/* ---- memory, past all rights: a negated errno, or 0 ---- */

int sim_peek(struct sim_thread *t, uint64_t va, void *buf, size_t len);
int sim_poke(struct sim_thread *t, uint64_t va, const void *buf, size_t len);
/* The frame that the page tables give for VA, or 0: by a walk of its own. */
uint64_t sim_frame_of(struct sim_thread *t, uint64_t va);

/* ---- fault injection ---- */

enum sim_op {
	SIM_OP_FRAME = 1,
	SIM_OP_WINDOW = 2,
	SIM_OP_FAULT = 4,
	SIM_OP_THREAD = 8,
	SIM_OP_SPACE = 16,
	SIM_OP_FPU = 32,
	SIM_OP_DEBUG = 64,
	SIM_OP_SIGQUEUE = 128,
	SIM_OP_ALL = 255,
};

/*
 * The N-th (from 1) call from now of the port operations OPS by the shim
 * fails, once. N 0: none does.
 */
void sim_fail_at(struct sim *s, unsigned ops, unsigned long n);
/* True if that has happened. */
bool sim_failed(struct sim *s);

#endif
