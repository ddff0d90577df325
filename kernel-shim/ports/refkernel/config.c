/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "fwcfg.h"
#include "kprintf.h"
#include "mem.h"
#include "string.h"

static char *blob;
static size_t blob_size;

void
config_init(void)
{
	uint32_t size;

	if (!fwcfg_open("opt/proctrace/config", &size))
		panic("no configuration: start the kernel with `run`");
	blob = kmalloc(size + 1);
	if (blob == NULL)
		panic("the configuration is too large");
	for (uint32_t i = 0; i < size; i++)
		blob[i] = fwcfg_byte();
	blob[size] = '\0';
	blob_size = size;
}

void
config_fini(void)
{
	kfree(blob);
	blob = NULL;
	blob_size = 0;
}

const char *
config_get(const char *key, size_t i)
{
	size_t len = strlen(key);

	for (char *p = blob; p < blob + blob_size; p += strlen(p) + 1) {
		if (strncmp(p, key, len) == 0 && p[len] == '=' && i-- == 0)
			return p + len + 1;
	}
	return NULL;
}

unsigned long
config_num(const char *key, unsigned base, unsigned long dflt)
{
	const char *s = config_get(key, 0);
	unsigned long v = 0;

	if (s == NULL || *s == '\0')
		return dflt;
	for (; *s >= '0' && (unsigned)(*s - '0') < base; s++)
		v = v * base + *s - '0';
	return v;
}
