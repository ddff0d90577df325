/* SPDX-License-Identifier: MIT */
/* Programs: their pages, which all who execute them share. */
#include <stdlib.h>
#include <string.h>

#include "sim_int.h"

static void
object_free(struct sim *s, struct sim_object *o)
{
	for (int part = 0; part < 2; part++) {
		for (unsigned i = 0; i < o->npages[part]; i++)
			if (o->page[part][i].v)
				sim_frame_put(s, o->page[part][i]);
		free(o->page[part]);
	}
	free((char *)o->p.path);
	free(o);
}

/* Put LEN bytes into pages of their own. */
static int
load_part(struct sim *s, struct sim_object *o, int part, const void *bytes,
	  size_t len)
{
	unsigned n = (len + KS_PAGE_MASK) >> KS_PAGE_SHIFT;

	o->npages[part] = n;
	o->page[part] = calloc(n + 1, sizeof(*o->page[part]));
	if (!o->page[part])
		return -ENOMEM;
	for (unsigned i = 0; i < n; i++) {
		size_t at = (size_t)i << KS_PAGE_SHIFT;
		size_t part_len = len - at;

		if (part_len > KS_PAGE_SIZE)
			part_len = KS_PAGE_SIZE;
		if (sim_frame_alloc(s, &o->page[part][i]))
			return -ENOMEM;
		sim_ram_write(s, o->page[part][i].v, (const char *)bytes + at,
			      part_len);
	}
	return 0;
}

int
sim_install(struct sim *s, const struct sim_program *p)
{
	struct sim_object *o;

	if (sim_object_find(s, p->path))
		return -EEXIST;
	o = calloc(1, sizeof(*o));
	if (!o)
		return -ENOMEM;
	o->p = *p;
	o->p.path = strdup(p->path);
	if (!o->p.entry)
		o->p.entry = SIM_TEXT;
	if (!o->p.data_size)
		o->p.data_size = 4 * KS_PAGE_SIZE;
	if (!o->p.path || load_part(s, o, 0, p->text, p->text_len) ||
	    load_part(s, o, 1, p->data, p->data_len)) {
		object_free(s, o);
		return -ENOMEM;
	}
	o->next = s->objects;
	s->objects = o;
	return 0;
}

struct sim_object *
sim_object_find(struct sim *s, const char *path)
{
	struct sim_object *o = s->objects;

	while (o && strcmp(o->p.path, path))
		o = o->next;
	return o;
}

void
sim_objects_free(struct sim *s)
{
	while (s->objects) {
		struct sim_object *o = s->objects;

		s->objects = o->next;
		object_free(s, o);
	}
}
