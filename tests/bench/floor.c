/* SPDX-License-Identifier: ISC */
/*
 * The floor: the least that a complete answer to "which processes are
 * called ssh" costs.  One walk of /proc, one look at the name of each.
 * Prints their PIDs, like pgrep -x ssh.
 */

#include <sys/types.h>

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* "PID/comm" relative to /proc, PID being at most 10 digits. */
static int
is_ssh(int proc, const char *pid)
{
	char path[32], comm[32];
	ssize_t n;
	size_t len;
	int fd;

	len = strlen(pid);
	if (len > sizeof(path) - sizeof("/comm"))
		return 0;
	memcpy(path, pid, len);
	memcpy(path + len, "/comm", sizeof("/comm"));
	if ((fd = openat(proc, path, O_RDONLY | O_CLOEXEC)) == -1)
		return 0;
	n = read(fd, comm, sizeof(comm));
	close(fd);
	return n == 4 && memcmp(comm, "ssh\n", 4) == 0;
}

int
main(void)
{
	struct dirent *d;
	DIR *dir;
	int found = 0;

	if ((dir = opendir("/proc")) == NULL) {
		perror("floor: /proc");
		return 3;
	}
	while ((d = readdir(dir)) != NULL) {
		if (d->d_name[0] < '1' || d->d_name[0] > '9')
			continue;
		if (is_ssh(dirfd(dir), d->d_name)) {
			puts(d->d_name);
			found = 1;
		}
	}
	closedir(dir);
	return !found;
}
