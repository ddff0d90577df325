/* SPDX-License-Identifier: MIT */
/* What the parts of the simulated machine share. Not for its users. */
#ifndef SIM_SIM_INT_H
#define SIM_SIM_INT_H

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>

#include <kshim/fpu.h>
#include <kshim/frame.h>
#include <kshim/proc.h>

#include "sim.h"

/* Restart codes, between a system call and the signal code: as Linux's. */
#define ERESTARTSYS	      512
#define ERESTARTNOINTR	      513
#define ERESTARTNOHAND	      514
#define ERESTART_RESTARTBLOCK 516

#define SIG_BIT(sig) (UINT64_C(1) << ((sig)-1))
#define SIM_NSIG     64

#define RFLAGS_ZF UINT64_C(0x40)
#define RFLAGS_SF UINT64_C(0x80)
#define RFLAGS_TF UINT64_C(0x100)
#define RFLAGS_RF UINT64_C(0x10000)

/* In orig_rax of a thread that is in no system call. */
#define NO_SYSCALL (~UINT64_C(0))

enum {
	S_ILL = 4,
	S_TRAP = 5,
	S_BUS = 7,
	S_KILL = 9,
	S_SEGV = 11,
	S_CHLD = 17,
	S_CONT = 18,
	S_STOP = 19,
	S_TSTP = 20,
	S_TTIN = 21,
	S_TTOU = 22,
	S_URG = 23,
	S_WINCH = 28,
};

enum {
	SIM_SA_NOCLDSTOP = 1,
	SIM_SA_NOCLDWAIT = 2,
	SIM_SA_RESTART = 0x10000000,
	SIM_SA_NODEFER = 0x40000000,
	SIM_SA_RESETHAND = (int)0x80000000,
};

enum {
	CLD_EXITED_ = 1,
	CLD_KILLED_,
	CLD_DUMPED_,
	CLD_TRAPPED_,
	CLD_STOPPED_,
	CLD_CONTINUED_,
};

/* ---- memory ---- */

struct sim_frame {
	uint32_t refs;
	uint32_t next;	  /* free list: index plus 1 */
	uint32_t windows; /* that are open on it */
};

/* A program's pages, shared by all who map it. */
struct sim_object {
	struct sim_object *next;
	struct sim_program p;
	unsigned npages[2]; /* text, data */
	ks_paddr_t *page[2];
};

struct sim_vma {
	struct sim_vma *next;
	uint64_t start, end;
	unsigned prot;		   /* KS_READ.. */
	bool shared;		   /* never copy-on-write */
	struct sim_object *object; /* NULL: zero pages */
	unsigned part;		   /* of the object: 0 text, 1 data */
	uint64_t base;		   /* where the object's first page would be */
};

/* An address space: USERS are threads, REFS keep the structure. */
struct sim_mm {
	struct ks_space space;
	struct sim *s;
	struct sim_vma *vmas;
	unsigned users, refs;
};

#define SIM_TLB 64

struct sim_tlb {
	struct sim_mm *mm;
	uint64_t page; /* virtual */
	uint64_t pa;
	unsigned rights; /* KS_READ.. */
};

/* ---- processes ---- */

struct sim_sigq {
	struct sim_sigq *next;
	struct proc_siginfo info;
};

struct sim_action {
	uint64_t handler; /* 0 default, 1 ignore */
	uint64_t flags, restorer, mask;
};

#define SIM_NFILES 32768
#define SIM_MAPPED 16 /* pages of a mapped file */

struct sim_file {
	unsigned refs;
	unsigned flags; /* enum sim_open_flag */
	uint64_t off;
	char *exe; /* not a file of the shim's: the program's path */
	struct {
		uint64_t off;
		ks_paddr_t pa; /* held; 0: zeros */
		bool write;
	} page[SIM_MAPPED]; /* entries of its mapping */
	unsigned npages;
	struct ks_file kf;
};

struct sim_proc {
	struct sim *s;
	unsigned refs;
	int32_t tgid;
	bool host; /* has no code */
	struct sim_proc *parent, *children, *sibling;
	struct sim_thread *threads; /* alive or dead, until reaped */
	unsigned alive;
	struct sim_thread *leader;
	struct sim_thread *execer; /* the others must go */
	struct ks_tracer tracer;
	struct ks_cred cred;
	struct sim_action action[SIM_NSIG + 1];
	struct sim_sigq *queue;
	struct sim_file **files;
	int nfiles;
	struct sim_object *program;

	int group_stop;	   /* signal of the job control stop in force */
	unsigned stopping; /* threads that have not taken part yet */
	bool stopped;	   /* all have */
	bool stop_report, cont_report; /* wait has not seen it */
	bool dying;		       /* all threads are to end with STATUS */
	int status;
	bool buried; /* the leader's death was told to its tracer */
	bool zombie; /* wait may have it */
	int exit_signal;
};

enum sim_sleep {
	SIM_RUNS,   /* runs or waits for the CPU */
	SIM_TRACED, /* thread_sleep */
	SIM_INTR,   /* a signal ends it */
	SIM_JOB,    /* job control stop */
	SIM_KILL,   /* only SIGKILL ends it */
	SIM_GONE,
};

struct sim_thread {
	struct ks_thread kt;
	struct sim *s;
	struct sim_proc *proc;
	struct sim_thread *next;      /* in the process */
	struct sim_thread *hash_next; /* by tid */
	struct sim_thread *run_next;
	unsigned refs;
	int32_t tid;

	pthread_t host;
	sem_t baton;
	bool has_host, finished;

	enum sim_sleep sleep;
	bool queued; /* in the run queue */
	bool wake;   /* a thread_wake() that has not been slept for */
	bool kick;   /* ks_on_user_return() is due */
	bool killed; /* SIGKILL is pending */
	bool dead, reaped;
	bool stop_pending;  /* is to take part in the group stop */
	bool in_stop;	    /* sleeps in it, but for what its tracer wants */
	bool stop_dequeued; /* SIGCONT since would undo it */
	int status;
	uint64_t wake_at; /* clock; 0 none */

	struct sim_mm *mm;
	struct ks_regs regs;
	struct ks_debugregs debug;
	uint64_t hw_dr7;
	uint64_t hw_dr6; /* of the trap being handled */
	int step;	 /* KS_STEP_* */
	unsigned char *fpu;
	uint64_t sigmask;
	struct sim_sigq *queue;
	bool forced; /* the signal being taken cannot be blocked */

	struct sim_thread *vfork_parent; /* waits for us */
	bool vfork_done;
	uint64_t restart_until; /* nanosleep goes on */
	int seccomp_nr;		/* -1: none */
	uint32_t seccomp_data;
	uint64_t ticks; /* of user time */
	uint64_t fault_addr;
};

#define SIM_HASH 1024

struct sim {
	struct ks_machine m;
	struct sim_config cfg;
	struct ks_xlayout layout;

	unsigned char *ram;
	size_t ram_size;
	struct sim_frame *frames;
	uint32_t nframes, frame_next, frame_free;
	struct sim_tlb tlb[SIM_TLB];
	struct sim_object *objects;

	struct sim_census used;
	struct sim_thread *hash[SIM_HASH];
	int32_t last_pid;
	unsigned nthreads;

	struct sim_thread *run_head, *run_tail;
	unsigned run_count;
	struct sim_thread *current; /* has the baton; NULL: the test */
	sem_t baton;
	uint64_t clock;
	uint64_t timer; /* the next that may be due; 0 none */
	uint64_t random;

	char *console;
	size_t console_len;

	unsigned fail_ops;
	unsigned long fail_n;
	bool failed;
};

/* A broken rule of the port contract: the test dies. */
_Noreturn void sim_bug(const char *what);

/* ram.c */
int sim_ram_init(struct sim *s);
void sim_ram_fini(struct sim *s);
int sim_frame_alloc(struct sim *s, ks_paddr_t *out_pa);
void sim_frame_ref(struct sim *s, ks_paddr_t pa);
void sim_frame_put(struct sim *s, ks_paddr_t pa);
bool sim_frame_shared(struct sim *s, ks_paddr_t pa);
bool sim_is_ram(const struct sim *s, uint64_t pa, uint64_t len);
void *sim_window_map(struct sim *s, ks_paddr_t pa, size_t len);
void sim_window_unmap(struct sim *s, void *va, size_t len);
/* The machine's own way to RAM, around windows and poison. */
void sim_ram_read(struct sim *s, uint64_t pa, void *buf, size_t len);
void sim_ram_write(struct sim *s, uint64_t pa, const void *buf, size_t len);

/* mmu.c: what the processor does with page tables. 0, or a fault. */
enum sim_fault { SIM_OK, SIM_NOT_PRESENT, SIM_NO_RIGHT, SIM_RESERVED };
enum sim_fault sim_mmu(struct sim_mm *mm, uint64_t va, unsigned access,
		       uint64_t *out_pa);
void sim_tlb_flush(struct sim *s, struct ks_space *space, uint64_t va,
		   uint64_t len);
/* LEN is at most a page. On a fault nothing was written. */
enum sim_fault sim_load(struct sim_thread *t, uint64_t va, void *buf,
			size_t len, unsigned access);
enum sim_fault sim_store(struct sim_thread *t, uint64_t va, const void *buf,
			 size_t len);

/* cpu.c */
enum sim_trap {
	SIM_TRAP_NONE, /* the time slice is over */
	SIM_TRAP_SYSCALL,
	SIM_TRAP_INT3,
	SIM_TRAP_DEBUG, /* hw_dr6 says why */
	SIM_TRAP_UD,
	SIM_TRAP_GP,
	SIM_TRAP_LOAD, /* page faults at fault_addr */
	SIM_TRAP_STORE,
	SIM_TRAP_FETCH,
};
enum sim_trap sim_cpu_run(struct sim_thread *t, unsigned slice);

/* x87.c */
void sim_layout_init(struct ks_xlayout *l, enum sim_fpu kind);
void sim_x87_push(struct sim_thread *t, const unsigned char value[10]);
void sim_xmm_set(struct sim_thread *t, unsigned reg, uint64_t v);

/* mm.c */
struct sim_mm *sim_mm_new(struct sim *s);
struct sim_mm *sim_mm_fork(struct sim_mm *mm);
void sim_mm_get(struct sim_mm *mm); /* a reference */
void sim_mm_put(struct sim_mm *mm);
void sim_mm_use(struct sim_mm *mm); /* a user */
void sim_mm_unuse(struct sim_mm *mm);
int sim_mm_add(struct sim_mm *mm, uint64_t start, uint64_t end, unsigned prot,
	       struct sim_object *object, unsigned part, bool shared);
int sim_mm_protect(struct sim_mm *mm, uint64_t start, uint64_t end,
		   unsigned prot);
int sim_mm_unmap(struct sim_mm *mm, uint64_t start, uint64_t end);
uint64_t sim_mm_gap(struct sim_mm *mm, uint64_t len);
/* -EFAULT: not mapped; -EACCES: no right; -ENOMEM. */
int sim_mm_fault(struct sim_mm *mm, uint64_t va, unsigned access, bool force);
int sim_copy_in(struct sim_thread *t, void *buf, uint64_t va, size_t len);
int sim_copy_out(struct sim_thread *t, uint64_t va, const void *buf,
		 size_t len);

/* object.c */
struct sim_object *sim_object_find(struct sim *s, const char *path);
void sim_objects_free(struct sim *s);

/* sched.c */
int sim_thread_start(struct sim_thread *t);
void sim_ready(struct sim_thread *t);
void sim_block(struct sim_thread *t, enum sim_sleep kind);
void sim_yield(struct sim_thread *t);
int sim_block_intr(struct sim_thread *t); /* -ERESTARTSYS: a signal */

/* process.c */
struct sim_proc *sim_proc_new(struct sim *s, struct sim_proc *parent);
void sim_proc_get(struct sim_proc *p);
void sim_proc_put(struct sim_proc *p);
struct sim_thread *sim_thread_new(struct sim_proc *p, struct sim_thread *from);
void sim_thread_free(struct sim_thread *t); /* one that never was found */
void sim_thread_publish(struct sim_thread *t);
void sim_thread_get(struct sim_thread *t);
void sim_thread_put(struct sim_thread *t);
void sim_hash_add(struct sim_thread *t);
void sim_hash_del(struct sim_thread *t);
void sim_thread_reap(struct sim_thread *t);
void sim_proc_wake(struct sim_proc *p); /* its sleeping system calls */

/* fork.c, exec.c, exit.c, wait.c: negated errno or the result */
int64_t sim_clone(struct sim_thread *t, uint64_t flags, uint64_t stack,
		  uint64_t tls);
int64_t sim_execve(struct sim_thread *t, uint64_t path);
int sim_exec_program(struct sim_thread *t, struct sim_object *o);
void sim_mm_release(struct sim_thread *t);
void sim_thread_exit(struct sim_thread *t, int status);
void sim_group_exit(struct sim_proc *p, int status);
void sim_released(struct sim_thread *t, struct sim_proc *told);
int32_t sim_do_wait(struct sim_thread *t, int32_t pid, int *out_status,
		    int options, struct proc_rusage *out_ru);
void sim_rusage(struct sim_thread *t, struct proc_rusage *out);

/* signal.c */
void sim_send(struct sim_thread *t, const struct proc_siginfo *info,
	      bool shared);
void sim_force(struct sim_thread *t, const struct proc_siginfo *info);
bool sim_signal_due(const struct sim_thread *t);
int sim_dequeue(struct sim_thread *t, struct proc_siginfo *out);
void sim_queue_free(struct sim *s, struct sim_sigq **q);
/* Nothing that T blocks or ignores is asleep for it: a host's signal. */
bool sim_caught(const struct sim_thread *t);
int64_t sim_do_kill(struct sim_thread *t, int32_t pid, int sig);
int64_t sim_do_tgkill(struct sim_thread *t, int32_t tgid, int32_t tid, int sig);

/* job.c */
void sim_job_signal(struct sim_proc *p, int sig);
void sim_job_stop(struct sim_thread *t, int sig);
void sim_job_join(struct sim_thread *t);
void sim_job_leave(struct sim_thread *t);
void sim_notify(struct sim_proc *to, struct sim_thread *about, int code,
		int status);

/* deliver.c: false when T is dead */
bool sim_user_return(struct sim_thread *t);
int64_t sim_sigreturn(struct sim_thread *t);

/* kernel.c */
void sim_user_loop(struct sim_thread *t);

/* syscall.c */
int64_t sim_syscall(struct sim_thread *t);

/* file.c */
int sim_file_open(struct sim_thread *t, const char *path, unsigned flags);
int64_t sim_file_io(struct sim_thread *t, int fd, struct ks_io *io, bool write,
		    const uint64_t *off);
int64_t sim_file_close(struct sim_thread *t, int fd);
int sim_files_copy(struct sim_proc *to, struct sim_proc *from);
void sim_files_free(struct sim_proc *p);
/* Another descriptor of F in T's process, or -errno. */
int sim_file_dup(struct sim_thread *t, struct sim_file *f);
struct sim_file *sim_file_at(struct sim_thread *t, int fd);

/* mapping.c: drop the entries of F's mapping */
void sim_mapping_drop(struct sim *s, struct sim_file *f);
void sim_mapping_revoke(struct ks_machine *m, struct ks_file *f);

/* port.c */
extern const struct ks_port_ops sim_ops;

#endif
