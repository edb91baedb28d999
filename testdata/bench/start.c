// Starts a program without a shell and measures it. A shell would be part of what is measured, and so would the memory of whatever
// starts the program: the peak of a process counts what it was before execve. This one is small.
//
//	start LOG NAME INPUT COMMAND [ARGUMENT]...
//
// It adds a line to LOG: the name, microseconds of processor time and of time, and the peak of memory in KiB.
#define _GNU_SOURCE
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>

extern char **environ;

static long micros(struct timeval t) { return t.tv_sec * 1000000L + t.tv_usec; }

int main(int argc, char **argv) {
	posix_spawn_file_actions_t actions;
	struct timespec began, ended;
	struct rusage used;
	pid_t pid;
	int status, failed;
	FILE *log;

	if (argc < 5)
		return fputs("usage: start LOG NAME INPUT COMMAND [ARGUMENT]...\n", stderr), 2;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 0, argv[3], O_RDONLY, 0);
	clock_gettime(CLOCK_MONOTONIC, &began);
	failed = posix_spawnp(&pid, argv[4], &actions, NULL, argv + 4, environ);
	if (failed || wait4(pid, &status, 0, &used) != pid)
		return fprintf(stderr, "start: %s cannot be started\n", argv[4]), 2;
	clock_gettime(CLOCK_MONOTONIC, &ended);
	log = fopen(argv[1], "a");
	if (!log)
		return perror(argv[1]), 2;
	fprintf(log, "%s %ld %ld %ld\n", argv[2], micros(used.ru_utime) + micros(used.ru_stime),
		(ended.tv_sec - began.tv_sec) * 1000000L + (ended.tv_nsec - began.tv_nsec) / 1000, used.ru_maxrss);
	if (fclose(log))
		return perror(argv[1]), 2;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}
