/* SPDX-License-Identifier: ISC */
/*
 * The floor: the least that a complete answer costs.
 *
 *	floor		which processes are called ssh: one walk of /proc, one
 *			look at the name of each.  Prints PIDs, as pgrep -x ssh
 *	floor sshd	which sockets do the sessions of sshd hold: the same,
 *			then the title of each sshd, and of each that is no
 *			monitor its row and the link of each descriptor
 */

#define _GNU_SOURCE
#include <sys/types.h>

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char buf[4096];

/* Of a file in the directory of a process, as a string. */
static ssize_t
read_file(int dir, const char *file)
{
	ssize_t n;
	int fd;

	if ((fd = openat(dir, file, O_RDONLY | O_CLOEXEC)) == -1)
		return -1;
	n = read(fd, buf, sizeof(buf) - 1);
	close(fd);
	if (n >= 0)
		buf[n] = '\0';
	return n;
}

static void
read_sockets(int process)
{
	struct dirent *d;
	DIR *dir;
	ssize_t n;
	int fd = openat(process, "fd", O_RDONLY | O_CLOEXEC | O_DIRECTORY);

	if (fd == -1 || (dir = fdopendir(fd)) == NULL)
		return;
	while ((d = readdir(dir)) != NULL)
		if ((n = readlinkat(fd, d->d_name, buf, sizeof(buf))) > 8 &&
		    memcmp(buf, "socket:", 7) == 0)
			printf(" %.*s", (int)n, buf);
	closedir(dir);
}

/* Of a session; a monitor has "[priv]" in its title. */
static int
look_at_session(int process)
{
	if (read_file(process, "cmdline") == -1 || strchr(buf, '[') != NULL ||
	    read_file(process, "stat") == -1)
		return 0;
	printf("%d", (int)strtol(buf, NULL, 10));
	read_sockets(process);
	putchar('\n');
	return 1;
}

static int
look(int proc, const char *pid, const char *name)
{
	char path[32];
	size_t len = strlen(pid);
	int process, found;

	if (len > sizeof(path) - sizeof("/comm"))
		return 0;
	memcpy(path, pid, len);
	memcpy(path + len, "/comm", sizeof("/comm"));
	if (read_file(proc, path) == -1 || strcmp(buf, name) != 0)
		return 0;
	if (strcmp(name, "ssh\n") == 0)
		return puts(pid) != EOF;
	if ((process = openat(proc, pid, O_PATH | O_CLOEXEC)) == -1)
		return 0;
	found = look_at_session(process);
	close(process);
	return found;
}

int
main(int argc, char **argv)
{
	const char *name = argc > 1 && strcmp(argv[1], "sshd") == 0 ?
	    "sshd\n" : "ssh\n";
	struct dirent *d;
	DIR *dir;
	int found = 0;

	if ((dir = opendir("/proc")) == NULL) {
		perror("floor: /proc");
		return 3;
	}
	while ((d = readdir(dir)) != NULL)
		if (d->d_name[0] >= '1' && d->d_name[0] <= '9')
			found |= look(dirfd(dir), d->d_name, name);
	closedir(dir);
	return !found;
}
