/* SPDX-License-Identifier: MIT */
#include "kprintf.h"

#include "cpu.h"
#include "string.h"

#define DEBUG_PORT 0xe9

/* Where formatted text goes: a buffer, of which LEN may pass SIZE. */
struct out {
	char *buf;
	size_t size, len;
};

enum { F_LEFT = 1, F_ZERO = 2, F_PLUS = 4, F_ALT = 8, F_UPPER = 16 };

struct spec {
	unsigned flags;
	int width, precision; /* -1: not given */
	int length;	      /* number of l; -1: h */
};

static void
put(struct out *o, char c)
{
	if (o->len + 1 < o->size)
		o->buf[o->len] = c;
	o->len++;
}

static void
put_run(struct out *o, const char *s, size_t n)
{
	if (o->len + n < o->size)
		memcpy(o->buf + o->len, s, n);
	else
		for (size_t i = 0; i < n && o->len + i + 1 < o->size; i++)
			o->buf[o->len + i] = s[i];
	o->len += n;
}

static void
pad(struct out *o, char c, int n)
{
	while (n-- > 0)
		put(o, c);
}

static void
put_string(struct out *o, const struct spec *sp, const char *s)
{
	size_t n;

	if (s == NULL)
		s = "(null)";
	n = sp->precision < 0 ? strlen(s) : strnlen(s, sp->precision);
	if (!(sp->flags & F_LEFT))
		pad(o, ' ', sp->width - (int)n);
	put_run(o, s, n);
	if (sp->flags & F_LEFT)
		pad(o, ' ', sp->width - (int)n);
}

/* The digits of V before END; where they begin. */
static char *
digits_of(uint64_t v, unsigned base, const char *set, char *end)
{
	/* Bases that are constants need no division. */
	if (base == 10)
		do
			*--end = (char)('0' + v % 10);
		while ((v /= 10) != 0);
	else if (base == 16)
		do
			*--end = set[v % 16];
		while ((v /= 16) != 0);
	else
		do
			*--end = set[v % 8];
		while ((v /= 8) != 0);
	return end;
}

static void
put_number(struct out *o, const struct spec *sp, uint64_t v, unsigned base,
	   const char *sign)
{
	const char *set =
	    sp->flags & F_UPPER ? "0123456789ABCDEF" : "0123456789abcdef";
	char digits[24], *end = digits + sizeof(digits);
	char *first = digits_of(v, base, set, end);
	int n = (int)(end - first), zeros, total;

	if (!sp->width && sp->precision < 0 && *sign == '\0') {
		put_run(o, first, (size_t)n);
		return;
	}
	zeros = sp->precision > n ? sp->precision - n : 0;
	total = (int)strlen(sign) + zeros + n;
	if ((sp->flags & F_ZERO) && !(sp->flags & F_LEFT) &&
	    sp->precision < 0 && sp->width > total) {
		zeros += sp->width - total;
		total = sp->width;
	}
	if (!(sp->flags & F_LEFT))
		pad(o, ' ', sp->width - total);
	put_run(o, sign, strlen(sign));
	pad(o, '0', zeros);
	put_run(o, first, (size_t)n);
	if (sp->flags & F_LEFT)
		pad(o, ' ', sp->width - total);
}

static int64_t
next_signed(va_list *ap, int length)
{
	return length > 0 ? va_arg(*ap, long) : va_arg(*ap, int);
}

static uint64_t
next_unsigned(va_list *ap, int length)
{
	return length > 0 ? va_arg(*ap, unsigned long) : va_arg(*ap, unsigned);
}

static unsigned
flag_of(char c)
{
	switch (c) {
	case '-':
		return F_LEFT;
	case '0':
		return F_ZERO;
	case '+':
		return F_PLUS;
	case '#':
		return F_ALT;
	default:
		return 0;
	}
}

/* Parse flags, width, precision and length; the conversion's character. */
static const char *
parse_spec(const char *p, struct spec *sp, va_list *ap)
{
	*sp = (struct spec){.precision = -1};
	for (unsigned f; (f = flag_of(*p)) != 0; p++)
		sp->flags |= f;
	if (*p == '*') {
		sp->width = va_arg(*ap, int);
		p++;
	}
	while (*p >= '0' && *p <= '9')
		sp->width = sp->width * 10 + *p++ - '0';
	if (*p == '.') {
		sp->precision = 0;
		if (*++p == '*') {
			sp->precision = va_arg(*ap, int);
			p++;
		}
		while (*p >= '0' && *p <= '9')
			sp->precision = sp->precision * 10 + *p++ - '0';
	}
	for (; *p == 'l' || *p == 'z' || *p == 'h' || *p == 'j'; p++)
		sp->length += *p == 'h' ? 0 : 1;
	return p;
}

static void
convert(struct out *o, struct spec *sp, char conv, va_list *ap)
{
	char c[2] = {0};
	int64_t i;

	switch (conv) {
	case 'c':
		c[0] = (char)va_arg(*ap, int);
		put_string(o, sp, c);
		break;
	case 's':
		put_string(o, sp, va_arg(*ap, const char *));
		break;
	case 'd':
	case 'i':
		i = next_signed(ap, sp->length);
		put_number(o, sp, i < 0 ? -(uint64_t)i : (uint64_t)i, 10,
			   i < 0		? "-"
			   : sp->flags & F_PLUS ? "+"
						: "");
		break;
	case 'u':
		put_number(o, sp, next_unsigned(ap, sp->length), 10, "");
		break;
	case 'o':
		put_number(o, sp, next_unsigned(ap, sp->length), 8,
			   sp->flags & F_ALT ? "0" : "");
		break;
	case 'X':
		sp->flags |= F_UPPER;
		/* fall through */
	case 'x':
		put_number(o, sp, next_unsigned(ap, sp->length), 16,
			   sp->flags & F_ALT ? "0x" : "");
		break;
	case 'p':
		put_number(o, sp, (uint64_t)va_arg(*ap, void *), 16, "0x");
		break;
	default:
		put(o, conv);
	}
}

int
kvsnprintf(char *buf, size_t n, const char *fmt, va_list ap)
{
	struct out o = {buf, n, 0};
	struct spec sp;
	va_list args;

	va_copy(args, ap);
	for (const char *p = fmt; *p != '\0'; p++) {
		const char *text = p;

		while (*p != '%' && *p != '\0')
			p++;
		put_run(&o, text, (size_t)(p - text));
		if (*p != '\0')
			p = parse_spec(p + 1, &sp, &args);
		if (*p == '\0')
			break;
		convert(&o, &sp, *p, &args);
	}
	va_end(args);
	if (n > 0)
		buf[o.len < n ? o.len : n - 1] = '\0';
	return (int)o.len;
}

int
ksnprintf(char *buf, size_t n, const char *fmt, ...)
{
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = kvsnprintf(buf, n, fmt, ap);
	va_end(ap);
	return len;
}

void
kputs(const char *s, size_t n)
{
	while (n-- > 0)
		outb(DEBUG_PORT, *s++);
}

void
kprintf(const char *fmt, ...)
{
	char line[512];
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = kvsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	kputs(line,
	      (size_t)len < sizeof(line) ? (size_t)len : sizeof(line) - 1);
}
