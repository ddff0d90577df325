/* SPDX-License-Identifier: MIT */
/*
 * The x87's 80-bit floating point numbers, as they lie in a st slot of
 * user_fpregs_struct: ten bytes, little-endian on every host. Integer
 * arithmetic only, for hosts whose long double is something else.
 */
#ifndef SYS_FLOAT80_H
#define SYS_FLOAT80_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

enum float80_class {
	FLOAT80_ZERO,
	FLOAT80_DENORMAL,	 /* exponent 0, integer bit 0 */
	FLOAT80_PSEUDO_DENORMAL, /* exponent 0, integer bit 1: valid */
	FLOAT80_NORMAL,
	FLOAT80_INFINITY,
	FLOAT80_QUIET_NAN,
	FLOAT80_SIGNALLING_NAN,
	/* Integer bit 0 under another exponent: invalid since the 80387. */
	FLOAT80_UNNORMAL,
	FLOAT80_PSEUDO_INFINITY,
	FLOAT80_PSEUDO_NAN,
};

/* Room for every text that float80_format() can make, with its NUL. */
#define FLOAT80_TEXT_MAX 48

enum float80_class float80_classify(const unsigned char st[10]);

/*
 * Write the number to BUF in decimal, as printf's %Lg writes it with as few
 * digits as lead back to the same number when rounded to the nearest, 21 at
 * most: "1", "-0.5", "1e+4932". Special values: "inf", "nan(0xPAYLOAD)",
 * "snan(0xPAYLOAD)" with the 62 low bits of the fraction, and with their sign.
 * Encodings that the processor refuses show what their bits would mean:
 * "unnormal(1.5)", "pseudo-inf", "pseudo-nan(0x1)".
 *
 * Returns the length without the NUL, as snprintf(): if that is SIZE or more
 * the text was cut. BUF may be NULL if SIZE is 0.
 */
int float80_format(char *buf, size_t size, const unsigned char st[10]);

/*
 * The nearest double, ties to even; infinity above its range, subnormal
 * results rounded once. NaNs keep their sign and the top bits of their payload
 * and become quiet; refused encodings become the default NaN.
 */
double float80_to_double(const unsigned char st[10]);

#ifdef __cplusplus
}
#endif

#endif
