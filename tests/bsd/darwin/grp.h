/* SPDX-License-Identifier: ISC */
/* Without glibc's getgrouplist(), which takes other pointers. */
