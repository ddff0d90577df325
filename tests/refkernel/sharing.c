/* SPDX-License-Identifier: MIT */
/*
 * Threads that read the same files at the same time, in every way that there
 * is: each page comes once, and is the same for all.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tap.h"

#define THREADS 8
#define PAGE	4096
#define FILES	24
#define LIBS	"/usr/lib/x86_64-linux-gnu"

static char names[FILES][300];
static int n_names;
static pthread_barrier_t gate;

/* The first large libraries that are there, as the directory has them. */
static void
find_files(void)
{
	DIR *d = opendir(LIBS);
	struct dirent *e;
	struct stat st;

	while (d != NULL && n_names < FILES && (e = readdir(d)) != NULL) {
		snprintf(names[n_names], sizeof(names[0]), LIBS "/%s",
			 e->d_name);
		if (stat(names[n_names], &st) == 0 && S_ISREG(st.st_mode) &&
		    st.st_size > 40 * PAGE && access(names[n_names], R_OK) == 0)
			n_names++;
	}
	if (d != NULL)
		closedir(d);
	if (n_names == 0)
		skip_all("no libraries in " LIBS);
}

static uint64_t
add(uint64_t sum, const unsigned char *p, size_t n, uint64_t index)
{
	for (size_t i = 0; i < n; i += 61)
		sum += (p[i] + 1) * (index * PAGE + i + 1);
	return sum;
}

/* The pages of a file in an order that differs from thread to thread. */
static uint64_t
by_pread(int fd, uint64_t pages, int turn)
{
	unsigned char buf[PAGE];
	uint64_t sum = 0;

	for (uint64_t i = 0; i < pages; i++) {
		uint64_t index = (i * 7 + (uint64_t)turn * 13) % pages;
		ssize_t n = pread(fd, buf, PAGE, (off_t)(index * PAGE));

		if (n > 0)
			sum = add(sum, buf, (size_t)n, index);
	}
	return sum;
}

static uint64_t
by_mapping(int fd, uint64_t pages, int turn, size_t size)
{
	unsigned char *p = mmap(NULL, size, PROT_READ,
				turn % 4 ? MAP_PRIVATE : MAP_SHARED, fd, 0);
	uint64_t sum = 0;

	if (p == MAP_FAILED)
		return 0;
	for (uint64_t i = 0; i < pages; i++) {
		uint64_t index = (i * 7 + (uint64_t)turn * 13) % pages;
		size_t n = size - index * PAGE;

		sum = add(sum, p + index * PAGE, n < PAGE ? n : PAGE, index);
	}
	munmap(p, size);
	return sum;
}

/* Of all pages of a file; the number of pages is no multiple of 7. */
static uint64_t
sum_of(const char *name, int turn)
{
	int fd = open(name, O_RDONLY);
	struct stat st;
	uint64_t pages, sum;

	if (fd < 0 || fstat(fd, &st) != 0)
		return 0;
	pages = (uint64_t)(st.st_size / PAGE);
	while (pages % 7 == 0)
		pages--;
	sum = turn % 2 ? by_mapping(fd, pages, turn, (size_t)st.st_size)
		       : by_pread(fd, pages, turn);
	close(fd);
	return sum;
}

static uint64_t sums[THREADS][FILES];

static void *
reader(void *arg)
{
	int turn = (int)(intptr_t)arg;

	pthread_barrier_wait(&gate);
	for (int i = 0; i < n_names; i++)
		sums[turn][i] = sum_of(names[i], turn);
	return NULL;
}

static void
test_contents(void)
{
	pthread_t threads[THREADS];
	int bad = 0;

	for (intptr_t i = 0; i < THREADS; i++)
		pthread_create(&threads[i], NULL, reader, (void *)i);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	for (int i = 0; i < n_names; i++) {
		for (int t = 0; t < THREADS; t++) {
			bad += sums[t][i] != sums[0][i];
			bad += sums[t][i] == 0;
		}
	}
	is_int(bad, 0, "threads read the same from the same files");
}

/* Everything below the directories, by names that others look up as well. */
static long
count(const char *path, int depth)
{
	DIR *d = opendir(path);
	char name[1024], link[1024];
	struct dirent *e;
	struct stat st;
	long n = 0;

	while (d != NULL && (e = readdir(d)) != NULL) {
		if (e->d_name[0] == '.')
			continue;
		snprintf(name, sizeof(name), "%s/%s", path, e->d_name);
		if (lstat(name, &st) != 0)
			return -1000000;
		n++;
		if (S_ISLNK(st.st_mode))
			n += readlink(name, link, sizeof(link)) > 0;
		if (S_ISDIR(st.st_mode) && depth > 0)
			n += count(name, depth - 1);
	}
	if (d != NULL)
		closedir(d);
	return n;
}

static void *
walker(void *arg)
{
	(void)arg;
	pthread_barrier_wait(&gate);
	return (void *)count("/etc", 2);
}

static void
test_names(void)
{
	pthread_t threads[THREADS];
	void *first, *other;
	int bad = 0;

	for (intptr_t i = 0; i < THREADS; i++)
		pthread_create(&threads[i], NULL, walker, (void *)i);
	pthread_join(threads[0], &first);
	for (int i = 1; i < THREADS; i++) {
		pthread_join(threads[i], &other);
		bad += other != first;
	}
	ok((long)first > 10, "a walk finds names");
	is_int(bad, 0, "threads find the same names");
}

/* One open file of several processes: its position moves for all of them. */
static void
test_position(void)
{
	int fd = open(names[0], O_RDONLY), status, bad = 0;
	struct stat st;
	unsigned char c[100];
	int fds[2];
	long n, total = 0;

	if (pipe(fds) != 0 || fstat(fd, &st) != 0)
		return;
	for (int i = 0; i < 4; i++) {
		if (fork() == 0) {
			long got = 0;

			while ((n = read(fd, c, sizeof(c))) > 0)
				got += n;
			_exit(write(fds[1], &got, sizeof(got)) < 0);
		}
	}
	for (int i = 0; i < 4; i++) {
		if (read(fds[0], &n, sizeof(n)) == sizeof(n))
			total += n;
		bad += wait(&status) < 0 || status != 0;
	}
	is_int(total, st.st_size, "each byte is read by one process");
	is_int(bad, 0, "which then ends");
	close(fd);
	close(fds[0]);
	close(fds[1]);
}

static void *
reader_to_be_killed(void *arg)
{
	for (int i = 0;; i = (i + 1) % n_names)
		sum_of(names[i], (int)(intptr_t)arg);
	return NULL;
}

static void
test_death(void)
{
	int bad = 0, status;

	for (int i = 0; i < 20; i++) {
		pid_t pid = fork();

		if (pid == 0) {
			pthread_t t;

			for (intptr_t k = 0; k < 3; k++)
				pthread_create(&t, NULL, reader_to_be_killed,
					       (void *)(k + i));
			pause();
		}
		usleep((useconds_t)i * 500);
		kill(pid, SIGKILL);
		bad += waitpid(pid, &status, 0) != pid || status != SIGKILL;
	}
	is_int(bad, 0, "a process that reads can be killed");
}

int
main(void)
{
	find_files();
	pthread_barrier_init(&gate, NULL, THREADS);
	test_contents();
	test_names();
	test_position();
	test_death();
	return done_testing();
}
