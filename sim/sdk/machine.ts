/**
 * The machine under the SDK modules of this folder: one powered board. The modules reach it through `machine()`,
 * so that the same firmware runs on a real-time machine, in a worker, or in the virtual world.
 *
 * A firmware bundle captures the machine that is installed when it is evaluated, so one process can hold many.
 * With none installed, timers and clock are those of the process (unit tests, vitest's fake timers).
 */
export interface Machine {
  /** Milliseconds since power-on, monotonic. */
  now(): number;
  setTimer(callback: () => void, delayMs: number): unknown;
  clearTimer(timer: unknown): void;
  /** The board's wall clock, as firmware set it; Unix milliseconds. Starts at 0, like an ESP32 without a battery. */
  wallClock: { get(): number; set(unixMs: number): void };
  /** Where `trace` goes. */
  trace(text: string): void;
  readonly network: MachineNetwork;
  readonly storage: MachineStorage;
  /** Who sees what the firmware puts on its pins; absent: nobody. */
  pins?: MachinePins;
  /** What is plugged in at that address of that bus; asked at each transfer. `undefined`: nothing acknowledges. */
  i2c?(pins: I2cPins): I2cPeripheral | undefined;
  /** What is at the other end of that serial line; asked when it is opened. */
  serial?(pins: SerialPins): SerialPeripheral | undefined;
  /** What only this board's own files know (radio, LED, button, sensor, identity). */
  readonly board: unknown;
}

/** What hangs on outputs. */
export interface MachinePins {
  digital(pin: number, level: 0 | 1): void;
  /** The bytes of a chain of addressable lamps, as they go out. */
  pixels(pin: number, bytes: readonly number[]): void;
  /** How much of the time it is high, 0 to 1. */
  duty(pin: number, share: number): void;
}

export interface I2cPins {
  readonly data: number;
  readonly clock: number;
  readonly port?: number;
  readonly address: number;
}

/** A device on an I²C bus. It throws where it does not acknowledge. */
export interface I2cPeripheral {
  write(bytes: Uint8Array): void;
  /** Fills `bytes`, and returns how many it is. */
  read(bytes: Uint8Array): number;
}

export interface SerialPins {
  readonly receive?: number;
  readonly transmit?: number;
  readonly port?: number;
  readonly baud: number;
}

/** A device at the other end of a serial line. */
export interface SerialPeripheral {
  /** The board has opened the line; `send` are bytes to it, at the line's speed. */
  attach(send: (bytes: Uint8Array) => void): void;
  /** Bytes from the board, once their last has come. */
  take(bytes: Uint8Array): void;
  /** The board has closed the line. */
  detach(): void;
}

/** The board's IP stack. Callbacks are never made from inside a call. */
export interface MachineNetwork {
  openTcp(address: string, port: number, callbacks: TcpCallbacks): TcpLink;
  /** `address`: whose connection it is. */
  listenTcp(
    port: number,
    onConnection: (accept: (callbacks: TcpCallbacks) => TcpLink, address: string) => void,
  ): ClosableLink;
  openUdp(
    port: number | undefined,
    onDatagram: (bytes: Uint8Array, address: string, port: number) => void,
  ): UdpLink;
  /** Servers that DHCP gave: what `Net.get("DNS")` answers. */
  dnsServers(): readonly string[];
}

export interface TcpCallbacks {
  /** Connected; `window` bytes may be sent. */
  onOpen(window: number): void;
  onData(bytes: Uint8Array): void;
  /** `bytes` more may be sent: the peer's stack took them. */
  onWindow(bytes: number): void;
  /** Ended: orderly by the peer, or refused/reset. */
  onEnd(): void;
}

export interface ClosableLink {
  close(): void;
}

export interface TcpLink extends ClosableLink {
  readonly remoteAddress: string;
  readonly remotePort: number;
  send(bytes: Uint8Array): void;
}

export interface UdpLink extends ClosableLink {
  readonly port: number;
  send(bytes: Uint8Array, address: string, port: number): void;
}

/** What survives a power cut. Every call has taken effect when it returns. */
export interface MachineStorage {
  /** Key-value store of one NVS namespace; values are kept as given. */
  keyValue(path: string): Map<string, StoredValue>;
  /** Bytes of a flash partition, or undefined when the board has none of that name. */
  flash(path: string): FlashChip | undefined;
}

export type StoredValue = string | number | bigint | Uint8Array;

/** NOR flash: `program` only clears bits, `erase` sets a sector to FF. */
export interface FlashChip {
  readonly byteLength: number;
  readonly sectorLength: number;
  read(offset: number, into: Uint8Array): void;
  program(offset: number, bytes: Uint8Array): void;
  erase(sector: number): void;
  /** Nothing was ever written to it; absent: nobody knows. */
  readonly isFresh?: boolean;
  /** As the factory writes, by cable. */
  load?(offset: number, bytes: Uint8Array): void;
}

const KEY = Symbol.for("aerolink.machine");
const registry = globalThis as { [KEY]?: Machine };
const captured = registry[KEY];

/** Makes `machine` the one that bundles evaluated from now on run on; `undefined` removes it. */
export function installMachine(machine: Machine | undefined): void {
  if (machine) registry[KEY] = machine;
  else delete registry[KEY];
}

/** The machine under the caller; `undefined` when none was installed. */
export function machine(): Machine | undefined {
  return captured ?? registry[KEY];
}

/** As {@link machine}, for modules that cannot do without. */
export function requireMachine(): Machine {
  const found = machine();
  if (!found) throw new Error("no machine is installed (see sim/sdk/machine.ts)");
  return found;
}
