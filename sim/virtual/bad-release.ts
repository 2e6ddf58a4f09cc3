// Releases that are bad in one way each, for tests and scenes: the way is put in front of a bundle's text, where the
// machine is at hand (sim/device/firmware.ts). Nothing of it is in the firmware's sources.

const MINUTE_MS = 60_000;

/** What each does wrong, for the page and the tables. */
export const BAD_RELEASES = {
  "crashes-at-once": "The engine aborts before the first part is made.",
  "crashes-after-a-minute": "The processor panics after a minute.",
  hangs: "Nothing moves any more after five seconds, and the watchdog bites.",
  "never-blue": "Every connection to the broker is refused on the board itself.",
  "blue-and-lost": "The connection to the broker ends thirty seconds after it was opened, every time.",
  restarts: "It restarts itself after forty seconds, without a word.",
} as const;
export type BadRelease = keyof typeof BAD_RELEASES;

/** The broker's port, on any host: 443 is the update server's, and well. */
const ON_OPENING = (change: string): string =>
  `{ const { network } = machine, open = network.openTcp.bind(network);
  network.openTcp = (address, port, callbacks) => port === 443 ? open(address, port, callbacks) : ${change}; }`;

const CODE: Record<BadRelease, string> = {
  "crashes-at-once": `throw new Error("injected: crashes at once");`,
  "crashes-after-a-minute": `machine.setTimer(() => machine.board.fail("panic",
    "task main, LoadProhibited, PC 0x400d3f21, backtrace 0x400d3f21 0x400d2a10"), ${MINUTE_MS});`,
  hangs: `machine.setTimer(() => machine.board.fail("hang"), 5000);`,
  "never-blue": ON_OPENING("open(address, 1, callbacks)"),
  "blue-and-lost": ON_OPENING(`(() => {
    machine.setTimer(() => callbacks.onEnd(), 30000);
    return open(address, port, callbacks);
  })()`),
  restarts: `machine.setTimer(() => machine.board.wire.post({ t: "restart", reason: "injected" }), 40000);`,
};

/** The bundle of a release, made bad. */
export const spoil = (bundle: string, how: BadRelease): string => `${CODE[how]}\n${bundle}`;
