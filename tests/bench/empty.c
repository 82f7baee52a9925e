/* SPDX-License-Identifier: ISC */
/* What starting a program costs, whatever it does. */

int
main(void)
{
	return 0;
}
