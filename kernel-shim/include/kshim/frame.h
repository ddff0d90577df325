/* SPDX-License-Identifier: MIT */
/*
 * Frame mapping: copying to and from the memory of another address space, by
 * finding the frames of its pages and mapping them here.
 */
#ifndef KSHIM_FRAME_H
#define KSHIM_FRAME_H

#include <kshim/page.h>

/*
 * LEN bytes of physical memory at PA as the kernel sees them: the direct map
 * or, beyond it, a window of the port's (then at most KS_WINDOW_PAGES pages
 * may be touched). NULL: that is not memory, or no window is free. Every map
 * has its unmap, with the same LEN, on the same CPU.
 */
void *ks_phys_map(struct ks_machine *m, ks_paddr_t pa, size_t len);
void ks_phys_unmap(struct ks_machine *m, void *va, size_t len);

/*
 * Copy LEN bytes from VA of S to BUF (ks_mem_read) or back (ks_mem_write).
 * BUF is kernel memory. Absent pages are faulted in, copy-on-write is broken
 * before a write; FORCE as for fault_in (a debugger's access): a forced write
 * goes into private memory whatever its rights, but never into a frame that is
 * shared. Both may sleep; no shim lock may be held. No frame can change hands
 * while it is copied: a short run is copied under the lock of S, a long one
 * (more than 128 KiB) with a reference to each frame; what ks_mem_visit() says
 * of a fork then holds here too. The accessed and dirty bits of the entries are
 * not set: a kernel that evicts pages by them must not rely on dirty alone for
 * what a debugger has written.
 *
 * Return the number of bytes copied, which is short at the first page that
 * cannot be had; if that is the first byte, -EFAULT (or -EIO: corrupt tables
 * or no memory there; or what else fault_in said, as -ENOMEM). LEN 0 returns 0.
 * What lies beyond the user half cannot be had.
 */
int64_t ks_mem_read(struct ks_space *s, ks_uaddr_t va, void *buf, size_t len,
		    bool force);
int64_t ks_mem_write(struct ks_space *s, ks_uaddr_t va, const void *buf,
		     size_t len, bool force);

/*
 * Gets LEN (not 0) bytes of the memory visited, at RUN. Returns LEN to go on,
 * less to end there (so many bytes count), or a negated errno.
 */
typedef int64_t ks_run_fn(void *arg, void *run, size_t len);

/*
 * Hand out the memory of [VA, VA + LEN) of S for ACCESS (KS_READ, or KS_WRITE
 * and then perhaps KS_READ too) to FN, run by run in order, so that a kernel
 * can copy between two user memories with no buffer in between. Pages are had
 * as by ks_mem_read() and ks_mem_write(), with their results; the error of FN
 * is returned if nothing was visited before it.
 *
 * FN is called without a lock, so it may sleep and fault, with a reference to
 * each frame held; it may not sleep where the port's windows do not outlive
 * that. If other threads of S run and one forks meanwhile, a write of FN may
 * reach only the child.
 */
int64_t ks_mem_visit(struct ks_space *s, ks_uaddr_t va, size_t len,
		     unsigned access, bool force, ks_run_fn *fn, void *arg);

#endif
