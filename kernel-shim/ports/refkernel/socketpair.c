/* SPDX-License-Identifier: MIT */
/*
 * Pairs of connected sockets: each end has a queue of messages, which a stream
 * reads as one run of bytes. There is no name to connect to and no network.
 */
#include "calls_file.h"
#include "errno.h"
#include "file.h"
#include "kprintf.h"
#include "list.h"
#include "mem.h"
#include "poll.h"
#include "thread.h"
#include "user.h"
#include "waitq.h"

#define AF_UNIX	       1
#define SOCK_STREAM    1
#define SOCK_DGRAM     2
#define SOCK_SEQPACKET 5
#define SOCK_NONBLOCK  O_NONBLOCK
#define SOCK_CLOEXEC   O_CLOEXEC

#define MSG_PEEK     0x02
#define MSG_TRUNC    0x20
#define MSG_DONTWAIT 0x40
#define MSG_WAITALL  0x100
#define MSG_NOSIGNAL 0x4000

#define QUEUE_MAX   212992u /* bytes, as net.core.wmem_default */
#define MESSAGE_MAX 65536u  /* of a stream: more goes as several */

struct message {
	struct list link;
	size_t len, off; /* [off, len) is unread */
	char data[];
};

/* One end. It lives as long as either file, since its peer sends to it. */
struct end {
	struct end *peer;
	struct list messages;
	size_t queued; /* bytes of all messages */
	int type;
	bool closed;		/* its file is gone */
	bool no_read, no_write; /* shutdown() */
	struct waitq changed;
};

struct msghdr {
	uint64_t name;
	uint32_t namelen, pad;
	uint64_t iov, iovlen, control, controllen;
	uint32_t flags, pad2;
};

static struct superblock socket_sb = {
    .type = "sockfs", .source = "sockfs", .dev = MAKEDEV(0, 8)};
static const struct inode_ops socket_inode_ops;

/* True if nothing more will come to E. */
static bool
at_end(const struct end *e)
{
	return e->no_read || e->peer->closed || e->peer->no_write;
}

static void
message_free(struct end *e, struct message *m)
{
	e->queued -= m->len;
	list_del(&m->link);
	kfree(m);
}

static int
await(struct end *e, bool nonblock)
{
	if (nonblock)
		return -EAGAIN;
	return wait_on(&e->changed, NO_DEADLINE, WAIT_INTERRUPTIBLE);
}

/* Copy what is in E to IO: one message, or of a stream what fits. */
static int
take(struct end *e, struct uio *io, unsigned flags)
{
	struct message *m, *next;
	int err = 0;

	list_each_safe(m, next, &e->messages, link)
	{
		size_t n = m->len - m->off, before = io->left;

		if (n > io->left)
			n = io->left;
		err = uio_put(io, m->data + m->off, n);
		n = before - io->left;
		if (!(flags & MSG_PEEK)) {
			m->off += n;
			if (m->off == m->len || e->type != SOCK_STREAM)
				message_free(e, m);
		}
		if (err || e->type != SOCK_STREAM || !io->left)
			break;
	}
	wake_all(&e->peer->changed);
	return err;
}

static int64_t
receive(struct end *e, struct uio *io, unsigned flags)
{
	bool nonblock = flags & MSG_DONTWAIT;
	size_t before = io->left;
	int err;

	while (list_empty(&e->messages)) {
		if (at_end(e))
			return 0;
		err = await(e, nonblock);
		if (err)
			return err;
	}
	err = take(e, io, flags);
	while (!err && flags & MSG_WAITALL && io->left &&
	       e->type == SOCK_STREAM && !at_end(e)) {
		err = await(e, nonblock);
		if (!err)
			err = take(e, io, flags);
	}
	return before != io->left ? (int64_t)(before - io->left) : err;
}

/* Queue N bytes of IO as one message for TO. */
static int
put(struct end *to, struct uio *io, size_t n)
{
	struct message *m = kmalloc(sizeof(*m) + n);
	int err;

	if (!m)
		return -ENOMEM;
	err = uio_get(io, m->data, n);
	if (err) {
		kfree(m);
		return err;
	}
	m->len = n;
	m->off = 0;
	list_add_tail(&to->messages, &m->link);
	to->queued += n;
	wake_all(&to->changed);
	return 0;
}

static int64_t
transmit(struct end *e, struct uio *io, unsigned flags)
{
	struct end *to = e->peer;
	size_t total = io->left, n;
	int err = 0;

	if (e->type != SOCK_STREAM && total > QUEUE_MAX)
		return -EMSGSIZE;
	do {
		n = io->left;
		if (e->type == SOCK_STREAM && n > MESSAGE_MAX)
			n = MESSAGE_MAX;
		if (e->no_write || to->closed || to->no_read)
			err = e->type == SOCK_DGRAM ? -ECONNREFUSED : -EPIPE;
		else if (to->queued && to->queued + n > QUEUE_MAX)
			err = await(e, flags & MSG_DONTWAIT);
		else if (n || e->type != SOCK_STREAM)
			err = put(to, io, n);
	} while (io->left && !err);
	return total != io->left || !err ? (int64_t)(total - io->left) : err;
}

static unsigned
with_mode(const struct file *f, unsigned flags)
{
	return f->flags & O_NONBLOCK ? flags | MSG_DONTWAIT : flags;
}

static int64_t
socket_read(struct file *f, struct uio *io, uint64_t *pos)
{
	(void)pos;
	return receive(f->priv, io, with_mode(f, 0));
}

static int64_t
socket_write(struct file *f, struct uio *io, uint64_t *pos)
{
	(void)pos;
	return transmit(f->priv, io, with_mode(f, 0));
}

static unsigned
socket_poll(struct file *f, struct poll_table *pt)
{
	struct end *e = f->priv;
	unsigned ready = 0;

	poll_wait(pt, &e->changed);
	if (!list_empty(&e->messages) || at_end(e))
		ready |= POLLIN | POLLRDNORM;
	if (e->peer->closed || (at_end(e) && e->no_write))
		ready |= POLLHUP;
	if (e->peer->queued < QUEUE_MAX)
		ready |= POLLOUT | POLLWRNORM;
	return ready;
}

static void
drain(struct end *e)
{
	struct message *m, *next;

	list_each_safe(m, next, &e->messages, link) message_free(e, m);
}

static void
socket_release(struct file *f)
{
	struct end *e = f->priv;

	drain(e);
	e->closed = true;
	wake_all(&e->peer->changed);
	if (e->peer->closed) {
		kfree(e->peer);
		kfree(e);
	}
}

static const struct file_ops socket_ops = {
    .read = socket_read,
    .write = socket_write,
    .poll = socket_poll,
    .release = socket_release,
    .async_owner = async_nobody,
    .stream = true,
};

static struct end *
end_new(int type)
{
	struct end *e = kzalloc(sizeof(*e));

	if (!e)
		return NULL;
	e->type = type;
	list_init(&e->messages);
	waitq_init(&e->changed);
	return e;
}

static int
socket_file(struct end *e, unsigned flags, struct file **out)
{
	struct inode *ino;
	char name[32];

	ino = inode_new(&socket_sb, S_IFSOCK | 0777, &socket_inode_ops);
	if (!ino)
		return -ENOMEM;
	ksnprintf(name, sizeof(name), "socket:[%lu]", ino->ino);
	return file_anon(ino, name, &socket_ops, e, O_RDWR | flags, out);
}

static int
pair_new(int type, unsigned flags, struct file **out_a, struct file **out_b)
{
	struct end *a = end_new(type), *b = end_new(type);
	int err = -ENOMEM;

	if (!a || !b)
		goto out;
	a->peer = b;
	b->peer = a;
	err = socket_file(a, flags, out_a);
	if (err)
		goto out;
	err = socket_file(b, flags, out_b);
	if (!err)
		return 0;
	b->closed = true; /* now A's file frees both */
	file_put(*out_a);
	return err;
out:
	kfree(a);
	kfree(b);
	return err;
}

long
sys_socketpair(int domain, int type, int protocol, uint64_t ufds)
{
	unsigned flags = (unsigned)type & (SOCK_NONBLOCK | SOCK_CLOEXEC);
	struct file *a, *b;
	int err;

	type &= ~(int)(SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (type & ~0xf)
		return -EINVAL;
	if (domain != AF_UNIX)
		return -EAFNOSUPPORT;
	if (protocol && protocol != AF_UNIX)
		return -EPROTONOSUPPORT;
	if (type != SOCK_STREAM && type != SOCK_DGRAM && type != SOCK_SEQPACKET)
		return -ESOCKTNOSUPPORT;
	err = pair_new(type, flags & SOCK_NONBLOCK, &a, &b);
	if (err)
		return err;
	return fd_install_pair(a, b, flags & SOCK_CLOEXEC, ufds);
}

/* The socket of FD, referenced. -EBADF, -ENOTSOCK. */
static int
socket_get(int fd, struct file **out)
{
	struct file *f = fd_get(fd);

	if (!f)
		return -EBADF;
	if (f->ops != &socket_ops) {
		file_put(f);
		return -ENOTSOCK;
	}
	*out = f;
	return 0;
}

static long
finish_send(long n, unsigned flags)
{
	if (n == -EPIPE && !(flags & MSG_NOSIGNAL))
		signal_user_thread(current, SIGPIPE);
	return n;
}

long
sys_sendto(int fd, uint64_t buf, uint64_t n, unsigned flags, uint64_t name,
	   uint64_t namelen)
{
	struct file *f;
	struct uio io;
	long r = socket_get(fd, &f);

	(void)namelen;
	if (r)
		return r;
	uio_user(&io, buf, n);
	if (!user_range(buf, n))
		r = -EFAULT;
	else if (name)
		r = -EISCONN;
	else
		r = transmit(f->priv, &io, with_mode(f, flags));
	file_put(f);
	return finish_send(r, flags);
}

long
sys_recvfrom(int fd, uint64_t buf, uint64_t n, unsigned flags, uint64_t name,
	     uint64_t namelen)
{
	const uint32_t none = 0;
	struct file *f;
	struct uio io;
	long r = socket_get(fd, &f);

	if (r)
		return r;
	uio_user(&io, buf, n);
	r = user_range(buf, n) ? receive(f->priv, &io, with_mode(f, flags))
			       : -EFAULT;
	file_put(f);
	if (r >= 0 && name && namelen && copy_out(namelen, &none, sizeof(none)))
		return -EFAULT;
	return r;
}

/* Load the header at UA and its vector, which the caller frees. */
static int
header_in(uint64_t ua, struct msghdr *out, struct linux_iovec **out_iov,
	  struct uio *io)
{
	int err;

	if (copy_in(out, ua, sizeof(*out)))
		return -EFAULT;
	err = iov_in(out->iov, out->iovlen, out_iov);
	if (err)
		return err == -EINVAL ? -EMSGSIZE : err;
	uio_vec(io, *out_iov, out->iovlen);
	return 0;
}

long
sys_sendmsg(int fd, uint64_t msg, unsigned flags)
{
	struct linux_iovec *iov;
	struct msghdr h;
	struct file *f;
	struct uio io;
	long r = socket_get(fd, &f);

	if (r)
		return r;
	r = header_in(msg, &h, &iov, &io);
	if (!r) {
		/* No descriptors or credentials can be passed. */
		r = h.control && h.controllen
			? -EOPNOTSUPP
			: transmit(f->priv, &io, with_mode(f, flags));
		kfree(iov);
	}
	file_put(f);
	return finish_send(r, flags);
}

long
sys_recvmsg(int fd, uint64_t msg, unsigned flags)
{
	struct linux_iovec *iov;
	struct msghdr h;
	struct file *f;
	struct uio io;
	long r = socket_get(fd, &f);

	if (r)
		return r;
	r = header_in(msg, &h, &iov, &io);
	if (!r) {
		r = receive(f->priv, &io, with_mode(f, flags));
		kfree(iov);
	}
	file_put(f);
	if (r < 0)
		return r;
	h.namelen = 0;
	h.controllen = 0;
	h.flags = 0;
	return copy_out(msg, &h, sizeof(h)) ? -EFAULT : r;
}

long
sys_shutdown(int fd, int how)
{
	struct file *f;
	struct end *e;
	long r = socket_get(fd, &f);

	if (r)
		return r;
	e = f->priv;
	if (how < 0 || how > 2) {
		r = -EINVAL;
	} else {
		e->no_read |= how != 1;
		e->no_write |= how != 0;
		wake_all(&e->changed);
		wake_all(&e->peer->changed);
	}
	file_put(f);
	return r;
}
