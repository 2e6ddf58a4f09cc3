/* What lwIP's sockets are declared with: the computer's own headers, as Debian's build has it. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>

/* Of sockaddr_in. */
#define SIN_ZERO_LEN 8
/* Of msghdr and writev(). */
typedef size_t msg_iovlen_t;
#ifndef IOV_MAX
#define IOV_MAX 1024
#endif
/* lwIP's own; nobody asks for it. */
#define TCP_KEEPALIVE 0x2002
/* Between lwIP's addresses and the computer's. */
#define inet_addr_from_ip4addr(to, from) ((to)->s_addr = ip4_addr_get_u32(from))
#define inet_addr_to_ip4addr(to, from) ip4_addr_set_u32(to, (from)->s_addr)
#define inet6_addr_from_ip6addr(to, from) memcpy(to, (from)->addr, 16)
#define inet6_addr_to_ip6addr(to, from) (memcpy((to)->addr, from, 16), ip6_addr_clear_zone(to))
