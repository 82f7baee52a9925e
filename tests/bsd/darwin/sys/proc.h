/* SPDX-License-Identifier: ISC */
/* struct extern_proc of macOS SDK 26.0. */
#ifndef _SYS_PROC_H_
#define _SYS_PROC_H_

#include <sys/types.h>
#include <sys/time.h>
#include <stdint.h>

#define MAXCOMLEN	16

#define SIDL	1
#define SRUN	2
#define SSLEEP	3
#define SSTOP	4
#define SZOMB	5

#define P_CONTROLT	0x00000002
#define P_SYSTEM	0x00000200

struct extern_proc {
	union {
		struct {
			void *__p_forw, *__p_back;
		} p_st1;
		struct timeval __p_starttime;
	} p_un;
#define p_starttime	p_un.__p_starttime
	void *p_vmspace, *p_sigacts;
	int p_flag;
	char p_stat;
	pid_t p_pid, p_oppid;
	int p_dupfd;
	char *user_stack;
	void *exit_thread;
	int p_debugger, sigwait;
	unsigned p_estcpu;
	int p_cpticks;
	unsigned p_pctcpu;
	void *p_wchan;
	char *p_wmesg;
	unsigned p_swtime, p_slptime;
	char p_realtimer[32];
	struct timeval p_rtime;
	uint64_t p_uticks, p_sticks, p_iticks;
	int p_traceflag;
	void *p_tracep;
	int p_siglist;
	void *p_textvp;
	int p_holdcnt;
	uint32_t p_sigmask, p_sigignore, p_sigcatch;	/* sigset_t there */
	unsigned char p_priority, p_usrpri;
	char p_nice;
	char p_comm[MAXCOMLEN + 1];
	void *p_pgrp, *p_addr;
	unsigned short p_xstat, p_acflag;
	void *p_ru;
};

#endif
