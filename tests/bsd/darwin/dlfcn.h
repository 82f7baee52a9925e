/* SPDX-License-Identifier: ISC */
/*
 * The sanitizers look up what they replace with dlsym(3), so ours goes by
 * another name.
 */
#ifndef _DLFCN_H_
#define _DLFCN_H_

#define RTLD_DEFAULT	((void *)-2)

#define dlsym		fake_dlsym

void	*dlsym(void *, const char *);

#endif
