/* SPDX-License-Identifier: ISC */
/* One more state than elsewhere, so the others have other numbers. */
#ifndef _NETINET_TCP_FSM_H_
#define _NETINET_TCP_FSM_H_

#define TCPS_CLOSED		0
#define TCPS_TERMINATING	1
#define TCPS_LISTEN		2
#define TCPS_SYN_SENT		3
#define TCPS_SYN_RECEIVED	4
#define TCPS_ESTABLISHED	5
#define TCPS_CLOSE_WAIT		6
#define TCPS_FIN_WAIT_1		7
#define TCPS_CLOSING		8
#define TCPS_LAST_ACK		9
#define TCPS_FIN_WAIT_2		10
#define TCPS_TIME_WAIT		11

#endif
