/* SPDX-License-Identifier: ISC */
/* gcc's <stddef.h> asks for it on FreeBSD and needs nothing from it here. */
