import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

/**
 * lwIP built from sources that $LWIP_SOURCE names (a checkout of lwip-tcpip/lwip), instrumented, with the options that
 * ESP-IDF has: there its backlog is on, and its own allocations can be made to fail. Without them nothing is lost but
 * these cases: Debian's library serves all others.
 */
const FOLDER = process.env.LWIP_SOURCE;
const PORT = `${FOLDER}/contrib/ports/unix/port`;
const OPTIONS = fileURLToPath(new URL("../../../tests/sockets/lwip-options", import.meta.url));
const SOURCES = {
  "src/core": "def dns inet_chksum init ip mem memp netif pbuf raw stats sys tcp tcp_in tcp_out timeouts udp",
  "src/core/ipv4": "acd dhcp etharp icmp igmp ip4 ip4_addr ip4_frag",
  "src/core/ipv6": "dhcp6 ethip6 icmp6 inet6 ip6 ip6_addr ip6_frag mld6 nd6",
  "src/api": "api_lib api_msg err if_api netbuf netdb netifapi sockets tcpip",
  "src/netif": "ethernet",
  "contrib/ports/unix/port": "sys_arch",
};

export const HAS_LWIP_SOURCE =
  FOLDER !== undefined && existsSync(`${FOLDER}/src/core/tcp_in.c`) && existsSync(`${PORT}/sys_arch.c`);

export const LWIP_SOURCE_INCLUDES = [OPTIONS, `${FOLDER}/src/include`, `${PORT}/include`];

/** Compiles into `folder`; returns the objects. */
export function buildLwip(folder: string): string[] {
  mkdirSync(folder, { recursive: true });
  const includes = LWIP_SOURCE_INCLUDES.map((path) => `-I${path}`);
  const flags = ["-std=gnu11", "-g", "-O1", "-w", "-fsanitize=address", ...includes];
  const sources = Object.entries(SOURCES).flatMap(([from, names]) =>
    names.split(" ").map((name) => `${FOLDER}/${from}/${name}.c`),
  );
  const compile = (chosen: RegExp, ...more: string[]): void => {
    const files = sources.filter((source) => chosen.test(source));
    execFileSync("gcc", [...flags, ...more, "-c", ...files], { cwd: folder, stdio: "pipe" });
  };
  const failing = ["-Dmalloc=rig_malloc", "-Dcalloc=rig_calloc"];
  compile(/\/src\/.*(?<!\/timeouts)\.c$/, ...failing);
  // lwIP asserts that there is memory for its timers, and its port to Unix that there is some for semaphores.
  compile(/\/timeouts\.c$/, "-Dmemp_malloc=rig_memp_malloc");
  compile(/\/sys_arch\.c$/);
  return sources.map((source) => `${folder}/${source.replace(/^.*\/(\w+)\.c$/, "$1.o")}`);
}
