/* SPDX-License-Identifier: MIT */
/* The system calls about files; see syscall.h. */
#ifndef REFKERNEL_CALLS_FILE_H
#define REFKERNEL_CALLS_FILE_H

#include <stdint.h>

#define CALLS_FILE(X)                                                          \
	X(0, read)                                                             \
	X(1, write)                                                            \
	X(2, open)                                                             \
	X(3, close)                                                            \
	X(4, stat)                                                             \
	X(5, fstat)                                                            \
	X(6, lstat)                                                            \
	X(7, poll)                                                             \
	X(8, lseek)                                                            \
	X(16, ioctl)                                                           \
	X(17, pread64)                                                         \
	X(18, pwrite64)                                                        \
	X(19, readv)                                                           \
	X(20, writev)                                                          \
	X(21, access)                                                          \
	X(22, pipe)                                                            \
	X(23, select)                                                          \
	X(32, dup)                                                             \
	X(33, dup2)                                                            \
	X(40, sendfile)                                                        \
	X(44, sendto)                                                          \
	X(45, recvfrom)                                                        \
	X(46, sendmsg)                                                         \
	X(47, recvmsg)                                                         \
	X(48, shutdown)                                                        \
	X(53, socketpair)                                                      \
	X(72, fcntl)                                                           \
	X(73, flock)                                                           \
	X(74, fsync)                                                           \
	X(75, fdatasync)                                                       \
	X(76, truncate)                                                        \
	X(77, ftruncate)                                                       \
	X(78, getdents)                                                        \
	X(79, getcwd)                                                          \
	X(80, chdir)                                                           \
	X(81, fchdir)                                                          \
	X(82, rename)                                                          \
	X(83, mkdir)                                                           \
	X(84, rmdir)                                                           \
	X(85, creat)                                                           \
	X(86, link)                                                            \
	X(87, unlink)                                                          \
	X(88, symlink)                                                         \
	X(89, readlink)                                                        \
	X(90, chmod)                                                           \
	X(91, fchmod)                                                          \
	X(92, chown)                                                           \
	X(93, fchown)                                                          \
	X(94, lchown)                                                          \
	X(95, umask)                                                           \
	X(132, utime)                                                          \
	X(133, mknod)                                                          \
	X(137, statfs)                                                         \
	X(138, fstatfs)                                                        \
	X(161, chroot)                                                         \
	X(162, sync)                                                           \
	X(187, readahead)                                                      \
	X(188, setxattr)                                                       \
	X(189, lsetxattr)                                                      \
	X(190, fsetxattr)                                                      \
	X(191, getxattr)                                                       \
	X(192, lgetxattr)                                                      \
	X(193, fgetxattr)                                                      \
	X(194, listxattr)                                                      \
	X(195, llistxattr)                                                     \
	X(196, flistxattr)                                                     \
	X(197, removexattr)                                                    \
	X(198, lremovexattr)                                                   \
	X(199, fremovexattr)                                                   \
	X(213, epoll_create)                                                   \
	X(217, getdents64)                                                     \
	X(221, fadvise64)                                                      \
	X(232, epoll_wait)                                                     \
	X(233, epoll_ctl)                                                      \
	X(235, utimes)                                                         \
	X(257, openat)                                                         \
	X(258, mkdirat)                                                        \
	X(259, mknodat)                                                        \
	X(260, fchownat)                                                       \
	X(261, futimesat)                                                      \
	X(262, newfstatat)                                                     \
	X(263, unlinkat)                                                       \
	X(264, renameat)                                                       \
	X(265, linkat)                                                         \
	X(266, symlinkat)                                                      \
	X(267, readlinkat)                                                     \
	X(268, fchmodat)                                                       \
	X(269, faccessat)                                                      \
	X(270, pselect6)                                                       \
	X(271, ppoll)                                                          \
	X(277, sync_file_range)                                                \
	X(280, utimensat)                                                      \
	X(281, epoll_pwait)                                                    \
	X(282, signalfd)                                                       \
	X(283, timerfd_create)                                                 \
	X(284, eventfd)                                                        \
	X(285, fallocate)                                                      \
	X(286, timerfd_settime)                                                \
	X(287, timerfd_gettime)                                                \
	X(289, signalfd4)                                                      \
	X(290, eventfd2)                                                       \
	X(291, epoll_create1)                                                  \
	X(292, dup3)                                                           \
	X(293, pipe2)                                                          \
	X(295, preadv)                                                         \
	X(296, pwritev)                                                        \
	X(306, syncfs)                                                         \
	X(316, renameat2)                                                      \
	X(319, memfd_create)                                                   \
	X(327, preadv2)                                                        \
	X(328, pwritev2)                                                       \
	X(332, statx)                                                          \
	X(436, close_range)                                                    \
	X(437, openat2)                                                        \
	X(439, faccessat2)                                                     \
	X(441, epoll_pwait2)                                                   \
	X(452, fchmodat2)

/* ---- calls_rw.c ---- */
long sys_read(int fd, uint64_t buf, uint64_t n);
long sys_write(int fd, uint64_t buf, uint64_t n);
long sys_pread64(int fd, uint64_t buf, uint64_t n, int64_t pos);
long sys_pwrite64(int fd, uint64_t buf, uint64_t n, int64_t pos);
long sys_readv(int fd, uint64_t iov, uint64_t n);
long sys_writev(int fd, uint64_t iov, uint64_t n);
long sys_preadv(int fd, uint64_t iov, uint64_t n, int64_t pos);
long sys_pwritev(int fd, uint64_t iov, uint64_t n, int64_t pos);
long sys_preadv2(int fd, uint64_t iov, uint64_t n, int64_t pos, int64_t high,
		 unsigned flags);
long sys_pwritev2(int fd, uint64_t iov, uint64_t n, int64_t pos, int64_t high,
		  unsigned flags);
long sys_lseek(int fd, int64_t off, int whence);
long sys_sendfile(int out, int in, uint64_t upos, uint64_t n);
long sys_fsync(int fd);
long sys_fdatasync(int fd);
long sys_sync(void);
long sys_syncfs(int fd);
long sys_sync_file_range(int fd, int64_t off, int64_t n, unsigned flags);
long sys_readahead(int fd, int64_t off, uint64_t n);
long sys_fadvise64(int fd, int64_t off, int64_t n, int advice);
long sys_fallocate(int fd, int mode, int64_t off, int64_t n);
long sys_truncate(uint64_t path, int64_t size);
long sys_ftruncate(int fd, int64_t size);

/* ---- calls_fd.c ---- */
long sys_close(int fd);
long sys_close_range(unsigned first, unsigned last, unsigned flags);
long sys_dup(int fd);
long sys_dup2(int fd, int nfd);
long sys_dup3(int fd, int nfd, unsigned flags);
long sys_fcntl(int fd, unsigned cmd, uint64_t arg);
long sys_flock(int fd, unsigned op);
long sys_ioctl(int fd, unsigned cmd, uint64_t arg);
long sys_memfd_create(uint64_t name, unsigned flags);

/* ---- calls_open.c ---- */
long sys_open(uint64_t path, unsigned flags, uint32_t mode);
long sys_creat(uint64_t path, uint32_t mode);
long sys_openat(int dirfd, uint64_t path, unsigned flags, uint32_t mode);
long sys_openat2(int dirfd, uint64_t path, uint64_t how, uint64_t size);
long sys_getdents(int fd, uint64_t buf, unsigned n);
long sys_getdents64(int fd, uint64_t buf, unsigned n);
long sys_getcwd(uint64_t buf, uint64_t n);
long sys_chdir(uint64_t path);
long sys_fchdir(int fd);
long sys_chroot(uint64_t path);
long sys_umask(uint32_t mask);

/* ---- calls_stat.c ---- */
long sys_stat(uint64_t path, uint64_t buf);
long sys_lstat(uint64_t path, uint64_t buf);
long sys_fstat(int fd, uint64_t buf);
long sys_newfstatat(int dirfd, uint64_t path, uint64_t buf, unsigned flags);
long sys_statx(int dirfd, uint64_t path, unsigned flags, unsigned mask,
	       uint64_t buf);
long sys_access(uint64_t path, unsigned mode);
long sys_faccessat(int dirfd, uint64_t path, unsigned mode);
long sys_faccessat2(int dirfd, uint64_t path, unsigned mode, unsigned flags);
long sys_readlink(uint64_t path, uint64_t buf, int n);
long sys_readlinkat(int dirfd, uint64_t path, uint64_t buf, int n);
long sys_statfs(uint64_t path, uint64_t buf);
long sys_fstatfs(int fd, uint64_t buf);

/* ---- calls_name.c ---- */
long sys_mkdir(uint64_t path, uint32_t mode);
long sys_mkdirat(int dirfd, uint64_t path, uint32_t mode);
long sys_mknod(uint64_t path, uint32_t mode, uint64_t dev);
long sys_mknodat(int dirfd, uint64_t path, uint32_t mode, uint64_t dev);
long sys_rmdir(uint64_t path);
long sys_unlink(uint64_t path);
long sys_unlinkat(int dirfd, uint64_t path, unsigned flags);
long sys_link(uint64_t from, uint64_t to);
long sys_linkat(int fromfd, uint64_t from, int tofd, uint64_t to,
		unsigned flags);
long sys_symlink(uint64_t target, uint64_t path);
long sys_symlinkat(uint64_t target, int dirfd, uint64_t path);
long sys_rename(uint64_t from, uint64_t to);
long sys_renameat(int fromfd, uint64_t from, int tofd, uint64_t to);
long sys_renameat2(int fromfd, uint64_t from, int tofd, uint64_t to,
		   unsigned flags);

/* ---- calls_attr.c ---- */
long sys_chmod(uint64_t path, uint32_t mode);
long sys_fchmod(int fd, uint32_t mode);
long sys_fchmodat(int dirfd, uint64_t path, uint32_t mode);
long sys_fchmodat2(int dirfd, uint64_t path, uint32_t mode, unsigned flags);
long sys_chown(uint64_t path, uint32_t uid, uint32_t gid);
long sys_lchown(uint64_t path, uint32_t uid, uint32_t gid);
long sys_fchown(int fd, uint32_t uid, uint32_t gid);
long sys_fchownat(int dirfd, uint64_t path, uint32_t uid, uint32_t gid,
		  unsigned flags);
long sys_utime(uint64_t path, uint64_t times);
long sys_utimes(uint64_t path, uint64_t times);
long sys_futimesat(int dirfd, uint64_t path, uint64_t times);
long sys_utimensat(int dirfd, uint64_t path, uint64_t times, unsigned flags);

/* ---- calls_xattr.c; the arguments that do not matter are left out ---- */
long sys_setxattr(uint64_t path);
long sys_lsetxattr(uint64_t path);
long sys_fsetxattr(int fd);
long sys_getxattr(uint64_t path);
long sys_lgetxattr(uint64_t path);
long sys_fgetxattr(int fd);
long sys_listxattr(uint64_t path);
long sys_llistxattr(uint64_t path);
long sys_flistxattr(int fd);
long sys_removexattr(uint64_t path);
long sys_lremovexattr(uint64_t path);
long sys_fremovexattr(int fd);

/* ---- pipe.c, socketpair.c ---- */
long sys_pipe(uint64_t fds);
long sys_pipe2(uint64_t fds, unsigned flags);
long sys_socketpair(int domain, int type, int protocol, uint64_t fds);
long sys_sendto(int fd, uint64_t buf, uint64_t n, unsigned flags, uint64_t name,
		uint64_t namelen);
long sys_recvfrom(int fd, uint64_t buf, uint64_t n, unsigned flags,
		  uint64_t name, uint64_t namelen);
long sys_sendmsg(int fd, uint64_t msg, unsigned flags);
long sys_recvmsg(int fd, uint64_t msg, unsigned flags);
long sys_shutdown(int fd, int how);

/* ---- poll.c, select.c, epoll.c ---- */
long sys_poll(uint64_t fds, unsigned n, int timeout);
long sys_ppoll(uint64_t fds, unsigned n, uint64_t timeout, uint64_t mask,
	       uint64_t size);
long sys_select(int n, uint64_t in, uint64_t out, uint64_t ex,
		uint64_t timeout);
long sys_pselect6(int n, uint64_t in, uint64_t out, uint64_t ex,
		  uint64_t timeout, uint64_t mask);
long sys_epoll_create(int size);
long sys_epoll_create1(unsigned flags);
long sys_epoll_ctl(int epfd, int op, int fd, uint64_t event);
long sys_epoll_wait(int epfd, uint64_t events, int n, int timeout);
long sys_epoll_pwait(int epfd, uint64_t events, int n, int timeout,
		     uint64_t mask, uint64_t size);
long sys_epoll_pwait2(int epfd, uint64_t events, int n, uint64_t timeout,
		      uint64_t mask, uint64_t size);

/* ---- eventfd.c, signalfd.c, timerfd.c ---- */
long sys_eventfd(unsigned value);
long sys_eventfd2(unsigned value, unsigned flags);
long sys_signalfd(int fd, uint64_t mask, uint64_t size);
long sys_signalfd4(int fd, uint64_t mask, uint64_t size, unsigned flags);
long sys_timerfd_create(int clock, unsigned flags);
long sys_timerfd_settime(int fd, unsigned flags, uint64_t value, uint64_t old);
long sys_timerfd_gettime(int fd, uint64_t value);

#endif
