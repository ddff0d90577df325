/* SPDX-License-Identifier: MIT */
/* Eight threads, a mutex, two condition variables: what goes in comes out. */
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>

#define PAIRS 4
#define EACH  2000
#define ROOM  5

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t has_room = PTHREAD_COND_INITIALIZER;
static pthread_cond_t has_items = PTHREAD_COND_INITIALIZER;
static int items[ROOM], n_items;
static __thread long sum; /* of one consumer */

static void *
produce(void *arg)
{
	int first = (int)(intptr_t)arg * EACH;

	for (int i = 0; i < EACH; i++) {
		pthread_mutex_lock(&lock);
		while (n_items == ROOM)
			pthread_cond_wait(&has_room, &lock);
		items[n_items++] = first + i;
		pthread_cond_signal(&has_items);
		pthread_mutex_unlock(&lock);
	}
	return NULL;
}

static void *
consume(void *arg)
{
	(void)arg;
	for (int i = 0; i < EACH; i++) {
		pthread_mutex_lock(&lock);
		while (n_items == 0)
			pthread_cond_wait(&has_items, &lock);
		sum += items[--n_items];
		pthread_cond_signal(&has_room);
		pthread_mutex_unlock(&lock);
	}
	return (void *)(intptr_t)sum;
}

int
main(void)
{
	pthread_t threads[2 * PAIRS];
	long total = 0;
	void *part;

	for (int i = 0; i < 2 * PAIRS; i++) {
		if (pthread_create(&threads[i], NULL, i % 2 ? consume : produce,
				   (void *)(intptr_t)(i / 2)) != 0)
			return 1;
	}
	for (int i = 0; i < 2 * PAIRS; i++) {
		pthread_join(threads[i], &part);
		total += (intptr_t)part;
	}
	printf("%ld\n", total);
	return 0;
}
