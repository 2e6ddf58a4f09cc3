import { describe, expect, it } from "vitest";
import { limit } from "../support/limit";
import { findTool } from "../support/tools";
import { LONG, SEED } from "../support/volume";
import {
  buildSockets,
  type Checker,
  casesOf,
  type Fault,
  HAS_GCC,
  HAS_LWIP,
  runCase,
  SDK_FAULTS,
  type Stack,
} from "./support/build";
import { HAS_LWIP_SOURCE } from "./support/lwip-source";

/** In thousands: of connections, and of fuzzed segments in each of two cases. */
const VOLUMES = { connects: LONG ? 10 : 1, segments: LONG ? 50 : 2 };
const LIMIT_MS = LONG ? 1_200_000 : 60_000;

const valgrind = LONG && HAS_LWIP && findTool("valgrind");
if (!HAS_GCC) console.log("gcc is not installed: modules/sockets was not run");
else if (!HAS_LWIP) console.log("liblwip-dev is not installed: modules/sockets was not run over lwIP");
if (!HAS_LWIP_SOURCE)
  console.log("$LWIP_SOURCE is no checkout of lwIP: its backlog and its allocations were not looked at");
if (process.env.CI && !HAS_LWIP) throw new Error("gcc or liblwip-dev is not installed");

const volumeOf = (sentence: string): number =>
  /fuzzed|noise/.test(sentence) ? VOLUMES.segments : VOLUMES.connects;

function everyCase(
  program: string,
  {
    wrapped = [],
    volume = volumeOf,
    but = /^$/,
  }: { wrapped?: string[]; volume?: typeof volumeOf; but?: RegExp },
): void {
  const cases = casesOf(program)
    .map((sentence, number) => [sentence, number] as const)
    .filter(([sentence]) => !but.test(sentence));
  it.each(cases)(
    "%s",
    (sentence, number) => {
      expect(
        runCase([...wrapped, program], { number, seed: SEED % 1_000_000, volume: volume(sentence) }),
      ).toBe("");
    },
    LIMIT_MS,
  );
}

const on = (stack: Stack, checker: Checker): void => everyCase(buildSockets(stack, checker), {});

describe.skipIf(!HAS_GCC)("sockets over Linux, under AddressSanitizer", () => {
  if (HAS_GCC) on("linux", "address");
});
describe.skipIf(!HAS_GCC || !LONG)("sockets over Linux, under ThreadSanitizer", () => {
  if (HAS_GCC && LONG) on("linux", "thread");
});
describe.skipIf(!HAS_LWIP)("sockets over lwIP, under AddressSanitizer", () => {
  if (HAS_LWIP) on("lwip", "address");
});
describe.skipIf(!HAS_LWIP)("the guard of the station, before lwIP, under AddressSanitizer", () => {
  if (HAS_LWIP) on("guard", "address");
});
const fromSource = HAS_GCC && HAS_LWIP_SOURCE;
describe.skipIf(!fromSource).each(["source", "lwip", "guard"] as const)(
  "lwIP from its sources, all of it under AddressSanitizer: %s",
  (stack) => {
    if (!fromSource) return;
    // Those of our allocations alone: lwIP's count here.
    const but = stack === "lwip" ? /^a (client|server) without memory/ : /^$/;
    everyCase(buildSockets(stack, "address", undefined, true), { but });
  },
);
/** Debian's lwIP is not instrumented; an error inside it ends the run like one of ours. */
const VALGRIND = ["valgrind", "-q", "--error-exitcode=9", "--exit-on-first-error=yes"];
describe.skipIf(!valgrind)("sockets over lwIP, itself looked at by valgrind", () => {
  if (valgrind) everyCase(buildSockets("lwip", "nothing"), { wrapped: VALGRIND, volume: () => 1 });
});

describe.skipIf(!valgrind)("the cases find the SDK's two faults", () => {
  it.each([
    ["a pcb that a RST freed after FIN is used by the next read", 0, "Invalid read", "tcp_recved"],
    ["a pcb that a RST freed while it waited to be accepted is written to", 1, "Invalid write", "tcp_arg"],
  ] as const)(
    "%s",
    (_name, number, access, where) => {
      const program = buildSockets("lwip", "nothing", SDK_FAULTS);
      const found = runCase([...VALGRIND, program], { number, seed: 1, volume: 1 });
      expect(found).toContain(access);
      expect(found).toContain(where);
    },
    limit(60_000),
  );
});

/** Each is the removal of what keeps a fault away, and the case that shows it. */
const FAULTS: readonly (Fault & {
  readonly name: string;
  readonly stack: Stack;
  readonly shownBy: RegExp;
})[] = [
  {
    name: "bytes that wait are freed when the peer resets after its end",
    stack: "lwip",
    shownBy: /^bytes, FIN and RST/,
    file: "streams.c",
    from: "    stream->broken = stream->broken || broken;\n",
    to: "    stream->broken = stream->broken || broken;\n    free(stream->in.bytes);\n",
  },
  {
    name: "a socket is freed at its end, before its owner closes it",
    stack: "lwip",
    shownBy: /^bytes, FIN and RST/,
    file: "streams.c",
    from: "            sockets_tell(stream->owner, SOCKETS_ENDED, 0);\n",
    to: "            sockets_tell(stream->owner, SOCKETS_ENDED, 0);\n        free(stream);\n",
  },
  {
    name: "a connection that waits is announced once, and what became of it is not looked at",
    stack: "lwip",
    shownBy: /^a connection that is reset while it waits/,
    file: "bound.c",
    from: "    if (listener->room == 0)\n        return NULL;\n    listener->room = 0;\n",
    to: "    static bool once;\n    if (once)\n        return NULL;\n    once = true;\n",
  },
  {
    name: "connections that wait have no bound",
    stack: "linux",
    shownBy: /^of a flood/,
    file: "bound.c",
    from: "listen((*made)->fd, SOCKETS_BACKLOG)",
    to: "listen((*made)->fd, 1000)",
  },
  {
    name: "memory to receive into is not checked",
    stack: "lwip",
    shownBy: /^without memory to receive into/,
    file: "streams.c",
    from: "    if (!queue_provide(&stream->in, SOCKETS_STEP))\n        return -1;\n",
    to: "    queue_provide(&stream->in, SOCKETS_STEP);\n",
  },
  {
    name: "memory for a socket is not checked",
    stack: "linux",
    shownBy: /^without memory at any allocation/,
    file: "sockets.c",
    from: "    if (!socket || flags < 0",
    to: "    if (flags < 0",
  },
  {
    name: "listeners and datagrams are bound to an address alone",
    stack: "lwip",
    shownBy: /^what is bound to one interface/,
    file: "bound.c",
    from: "    if (interface) {",
    to: "    if (interface && port_ms() == 1) {",
  },
  {
    name: "a socket that closes in its own callback is freed at once",
    stack: "lwip",
    shownBy: /^a client meets every fault/,
    file: "sockets.c",
    from: "    if (!socket->busy)\n        free(socket);\n",
    to: "    free(socket);\n    socket = NULL;\n",
  },
  {
    name: "a post that failed is forgotten",
    stack: "linux",
    shownBy: /^where the owner cannot be asked/,
    file: "watch.c",
    from: "    watch.posted = false;\n    port_lock_give(&watch.lock);\n    return false;\n",
    to: "    port_lock_give(&watch.lock);\n    return false;\n",
  },
  {
    name: "what was written and not taken is dropped at close",
    stack: "lwip",
    shownBy: /^to a peer with a closed window/,
    file: "sockets.c",
    from: "    if (!socket->broken && queue_length(&socket->out) > 0) {",
    to: "    if (socket->broken && queue_length(&socket->out) > 0) {",
  },
  {
    name: "any port of UDP is one that was asked from",
    stack: "guard",
    shownBy: /^while the access point is up, nothing/,
    file: "station-guard.c",
    from: "it->destination_port >= FIRST_CHOSEN_PORT && ",
    to: "",
  },
  {
    name: "connections of the other interface count",
    stack: "guard",
    shownBy: /^a phone's connection/,
    file: "station-guard.c",
    from: "return index == NETIF_NO_INDEX || index == netif_get_index(netif);",
    to: "return index == NETIF_NO_INDEX || netif;",
  },
  {
    name: "any address of the device is the station's",
    stack: "guard",
    shownBy: /^answers to what/,
    file: "station-guard.c",
    from: "!ip_addr_cmp(&it->destination, netif_ip_addr4(netif))",
    to: "!netif",
  },
  {
    name: "a ping is answered in setup mode",
    stack: "guard",
    shownBy: /^while the access point is up, nothing/,
    file: "station-guard.c",
    from: " && !is_setup_mode()",
    to: " && (is_setup_mode() || true)",
  },
];

describe.skipIf(!HAS_LWIP || !LONG)("the cases find it when", () => {
  it.each(FAULTS.map((each) => [each.name, each] as const))(
    "%s",
    (_name, { stack, shownBy, ...fault }) => {
      const program = buildSockets(stack, "address", fault);
      const number = casesOf(program).findIndex((sentence) => shownBy.test(sentence));
      expect(number).toBeGreaterThanOrEqual(0);
      expect(runCase([program], { number, seed: 1, volume: 1 })).not.toBe("");
    },
    limit(60_000),
  );
});
