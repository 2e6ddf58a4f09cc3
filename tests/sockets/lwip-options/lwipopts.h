/*
 * lwIP built from its sources ($LWIP_SOURCE): as ESP-IDF 6.0 has it with our configuration (its port's lwipopts.h,
 * sdkconfig.defaults of the SDK and ours), but for what is said.
 */
#ifndef TESTS_LWIPOPTS_H
#define TESTS_LWIPOPTS_H

#define NO_SYS 0
/* The computer has them. */
#define LWIP_DONT_PROVIDE_BYTEORDER_FUNCTIONS
#define SYS_LIGHTWEIGHT_PROT 1
#define TCPIP_MBOX_SIZE 32
#define DEFAULT_UDP_RECVMBOX_SIZE 6
#define DEFAULT_TCP_RECVMBOX_SIZE 6
#define DEFAULT_ACCEPTMBOX_SIZE 6

/* All of lwIP's memory is of the heap, and fails where the case says so (lwip-source.ts). */
#define MEM_LIBC_MALLOC 1
#define MEMP_MEM_MALLOC 1
#define MEM_ALIGNMENT 8

#define MEMP_NUM_NETCONN 16
#define MEMP_NUM_TCP_PCB 16
#define MEMP_NUM_TCP_PCB_LISTEN 16
#define MEMP_NUM_UDP_PCB 16

#define TCP_MSS 1436
#define TCP_SND_BUF 5744
#define TCP_WND 5744
#define TCP_QUEUE_OOSEQ 1
#define TCP_OVERSIZE TCP_MSS
#define TCP_LISTEN_BACKLOG 1
#define SO_REUSE 1
#define IP_REASSEMBLY 0
#define LWIP_IPV6 1
#define LWIP_IPV6_REASS 0
#define LWIP_HAVE_LOOPIF 1
#define LWIP_NETIF_LOOPBACK 1

#define LWIP_SOCKET 1
#define LWIP_COMPAT_SOCKETS 0
#define LWIP_POSIX_SOCKETS_IO_NAMES 0
#define LWIP_TIMEVAL_PRIVATE 0
#define LWIP_SOCKET_EXTERNAL_HEADERS 1
#define LWIP_SOCKET_EXTERNAL_HEADER_SOCKETS_H "system-sockets.h"
#define LWIP_SOCKET_EXTERNAL_HEADER_INET_H "system-sockets.h"
#define LWIP_SOCKET_SELECT 0
#define LWIP_SOCKET_POLL 1

/* ESP-IDF asks lwIP's task instead; the programs here change interfaces under the lock. */
#define LWIP_TCPIP_CORE_LOCKING 1
/* 250 there: what waits for lwIP's timers would wait long. */
#define TCP_TMR_INTERVAL 10

#endif
