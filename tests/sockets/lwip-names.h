/* Included before sockets.c: its sockets are lwIP's. */
#include <lwip/sockets.h>

#define accept(fd, name, size) lwip_accept(fd, name, size)
#define bind(fd, name, size) lwip_bind(fd, name, size)
#define close(fd) lwip_close(fd)
#define connect(fd, name, size) lwip_connect(fd, name, size)
#define fcntl(fd, command, value) lwip_fcntl(fd, command, value)
#define getpeername(fd, name, size) lwip_getpeername(fd, name, size)
#define getsockname(fd, name, size) lwip_getsockname(fd, name, size)
#define getsockopt(fd, level, option, value, size) lwip_getsockopt(fd, level, option, value, size)
#define listen(fd, backlog) lwip_listen(fd, backlog)
#define recv(fd, bytes, count, flags) lwip_recv(fd, bytes, count, flags)
#define recvfrom(fd, bytes, count, flags, name, size) lwip_recvfrom(fd, bytes, count, flags, name, size)
#define send(fd, bytes, count, flags) lwip_send(fd, bytes, count, flags)
#define sendto(fd, bytes, count, flags, name, size) lwip_sendto(fd, bytes, count, flags, name, size)
#define setsockopt(fd, level, option, value, size) lwip_setsockopt(fd, level, option, value, size)
#define socket(domain, type, protocol) lwip_socket(domain, type, protocol)
