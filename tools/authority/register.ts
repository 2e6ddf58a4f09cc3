import { mkdir, open } from "node:fs/promises";
import { dirname } from "node:path";
import { isObject } from "../../modules/base/json";
import { Refusal } from "../pki/files";
import type { RefusalReason } from "./messages";

/** How a request came. */
export type Via = "mqtt" | "est";

/** A certificate that a device has or had. */
export interface CertificateRecord {
  /** Hex, without leading zeros. */
  readonly serial: string;
  /** SHA-256 of its public key, hex. */
  readonly keyId: string;
  /** Unix seconds. */
  readonly until: number;
}

/** A line of the register: what happened, and when (Unix seconds). */
export type RegisterEvent = { readonly at: number; readonly device: string } & (
  | ({ readonly what: "known" } & CertificateRecord)
  | ({
      readonly what: "issued";
      readonly via: Via;
      /** DER, base64, leaf first: whoever asks again with the same key gets the same answer. */
      readonly chain: readonly string[];
    } & CertificateRecord)
  | { readonly what: "refused"; readonly via: Via; readonly reason: RefusalReason; readonly why?: string }
  | { readonly what: "revoked"; readonly why: string }
);

/** What is known of a device. */
export interface DeviceRecord {
  readonly certificates: readonly CertificateRecord[];
  /** What was signed here in the last day, and the newest whenever that was. */
  readonly issued: readonly {
    readonly at: number;
    readonly keyId: string;
    readonly chain: readonly string[];
  }[];
  readonly revokedAt?: number;
}

const NONE: DeviceRecord = { certificates: [], issued: [] };
/** The same refusal of the same device is written down once in so many seconds: a log is not to be filled from outside. */
export const SAME_REFUSAL_SECONDS = 3_600;
const DAY_SECONDS = 86_400;

/**
 * Whom certificates were given, by whom they were asked for, and who is shut out: a file of JSON lines that is only ever
 * appended to, and is the log as well. Several programs may have it open: what another has added is seen by
 * {@link refresh}. A line that a power cut left unfinished was never believed, and is passed over.
 */
export class Register {
  #path: string | undefined;
  /** Bytes that have been read, up to the end of a line. */
  #read = 0;
  #devices = new Map<string, DeviceRecord>();
  #keys = new Map<string, string>();
  #refusals = new Map<string, { at: number; reason: RefusalReason }>();
  #writing: Promise<void> = Promise.resolve();

  private constructor(path: string | undefined) {
    this.#path = path;
  }

  /** @throws Refusal for a file that is none */
  static async open(path: string): Promise<Register> {
    const register = new Register(path);
    await register.refresh();
    return register;
  }

  /** One that is forgotten with the process. */
  static inMemory(): Register {
    return new Register(undefined);
  }

  /** Learns what others have added since. */
  async refresh(): Promise<void> {
    const path = this.#path;
    if (path === undefined) return;
    const bytes = await readFrom(path, this.#read);
    const end = bytes.lastIndexOf(0x0a) + 1;
    for (const line of bytes.subarray(0, end).toString("utf8").split("\n")) {
      const event = line === "" ? undefined : parseEvent(line);
      if (event) this.#learn(event);
      else if (line !== "" && this.#read === 0 && this.#devices.size === 0 && this.#refusals.size === 0)
        throw new Refusal(`${path} is no register: its first line is none of one`);
    }
    this.#read += end;
  }

  get(device: string): DeviceRecord {
    return this.#devices.get(device) ?? NONE;
  }

  /** Whose key it is or was. */
  ownerOf(keyId: string): string | undefined {
    return this.#keys.get(keyId);
  }

  get devices(): ReadonlyMap<string, DeviceRecord> {
    return this.#devices;
  }

  /** Resolves when it is written down, and on the disk. */
  async add(event: RegisterEvent): Promise<void> {
    if (event.what === "refused" && this.#isRepeated(event.device, event.reason, event.at)) return;
    this.#learn(event);
    await this.#append(`${JSON.stringify(event)}\n`);
  }

  /** Serial numbers of those who are shut out, of certificates that have not expired, with the time of it. */
  revoked(now: number): { serial: string; at: number }[] {
    return [...this.#devices.values()].flatMap(({ certificates, revokedAt: at }) =>
      at === undefined
        ? []
        : certificates.filter(({ until }) => until >= now).map(({ serial }) => ({ serial, at })),
    );
  }

  /** Names of those who are shut out. */
  denied(): string[] {
    return [...this.#devices].filter(([, { revokedAt }]) => revokedAt !== undefined).map(([id]) => id);
  }

  #isRepeated(device: string, reason: RefusalReason, at: number): boolean {
    const last = this.#refusals.get(device);
    return last?.reason === reason && at - last.at < SAME_REFUSAL_SECONDS;
  }

  #learn(event: RegisterEvent): void {
    const { device, at } = event;
    if (event.what === "refused") {
      this.#refusals.set(device, { at, reason: event.reason });
      return;
    }
    const before = this.get(device);
    if (event.what === "revoked") {
      this.#devices.set(device, { ...before, revokedAt: before.revokedAt ?? at });
      return;
    }
    const { serial, keyId, until } = event;
    if (before.certificates.some((each) => each.serial === serial)) return;
    this.#keys.set(keyId, device);
    const issued =
      event.what === "issued"
        ? [...before.issued.filter((each) => at - each.at < DAY_SECONDS), { at, keyId, chain: event.chain }]
        : before.issued;
    this.#devices.set(device, {
      ...before,
      // What has expired needs no revoking.
      certificates: [...before.certificates.filter((each) => each.until >= at), { serial, keyId, until }],
      issued,
    });
  }

  /** One line after the other, each whole on the disk before it is believed. */
  #append(text: string): Promise<void> {
    const path = this.#path;
    if (path === undefined) return Promise.resolve();
    const written = this.#writing.then(async () => {
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      const file = await open(path, "a+", 0o600);
      try {
        const { size } = await file.stat();
        const last = Buffer.alloc(1);
        if (size > 0) await file.read(last, 0, 1, size - 1);
        // What a power cut left unfinished must not be joined to it.
        await file.write(size > 0 && last[0] !== 0x0a ? `\n${text}` : text);
        await file.sync();
      } finally {
        await file.close();
      }
    });
    this.#writing = written.catch(() => {});
    return written;
  }
}

async function readFrom(path: string, at: number): Promise<Buffer> {
  const file = await open(path, "r").catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === "ENOENT") return undefined;
    throw new Refusal(`${path}: cannot be read (${cause.code})`, { cause });
  });
  if (!file) return Buffer.alloc(0);
  try {
    const bytes = Buffer.alloc(Math.max(0, (await file.stat()).size - at));
    const { bytesRead } = await file.read(bytes, 0, bytes.length, at);
    return bytes.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

function parseEvent(line: string): RegisterEvent | undefined {
  try {
    const value: unknown = JSON.parse(line);
    const isEvent =
      isObject(value) &&
      typeof value.at === "number" &&
      typeof value.device === "string" &&
      ["known", "issued", "refused", "revoked"].includes(value.what as string);
    return isEvent ? (value as unknown as RegisterEvent) : undefined;
  } catch {
    return undefined;
  }
}
