/* SPDX-License-Identifier: MIT */
#include "fwcfg.h"

#include "cpu.h"
#include "string.h"

/* QEMU docs/specs/fw_cfg: ports, and the key of the directory. */
#define FWCFG_SELECT 0x510
#define FWCFG_DATA   0x511
#define FWCFG_DIR    0x19

/* A directory entry; the numbers are big-endian. */
struct entry {
	uint32_t size;
	uint16_t key;
	uint16_t reserved;
	char name[56];
};

char
fwcfg_byte(void)
{
	return (char)inb(FWCFG_DATA);
}

static void
read_bytes(void *buf, unsigned n)
{
	for (char *p = buf; n > 0; n--)
		*p++ = fwcfg_byte();
}

bool
fwcfg_open(const char *name, uint32_t *out_size)
{
	struct entry e;
	uint32_t count;

	outw(FWCFG_SELECT, FWCFG_DIR);
	read_bytes(&count, sizeof(count));
	for (count = __builtin_bswap32(count); count > 0; count--) {
		read_bytes(&e, sizeof(e));
		if (strncmp(e.name, name, sizeof(e.name)) == 0) {
			*out_size = __builtin_bswap32(e.size);
			outw(FWCFG_SELECT, __builtin_bswap16(e.key));
			return true;
		}
	}
	return false;
}
