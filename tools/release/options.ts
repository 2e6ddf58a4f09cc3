import { existsSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { FORMATS } from "../../modules/update/formats";

const text = { type: "string" } as const;
const many = { type: "string", multiple: true } as const;
const yes = { type: "boolean" } as const;

/** Who reaches the broker, as `npm run cloud` does. */
const BROKER = { broker: text, ca: text, cert: text, key: text, pki: text, wait: text } as const;
const MANIFEST = { manifest: text } as const;
const RELEASE = { ...MANIFEST, offer: text, image: text, folder: text } as const;
const DEVICES = { device: many, devices: text, all: yes } as const;

/** Options by action. */
const TABLE = {
  keygen: { ...MANIFEST, dir: text, plain: yes, offline: yes, "passphrase-file": text },
  build: { board: text, out: text, secure: yes },
  sign: {
    ...MANIFEST,
    ...{ image: text, board: text, release: text, from: text, floor: text, expires: text, formats: text },
    ...{ "signing-key": text, "passphrase-file": text, out: text, prepare: text, public: text },
  },
  trust: {
    ...MANIFEST,
    ...{ authority: many, list: text, previous: text, out: text },
    ...{ "signing-key": text, "passphrase-file": text, prepare: text, public: text },
  },
  "publish-trust": { ...BROKER, ...MANIFEST, ...DEVICES, trust: text },
  attach: { input: text, signature: text, public: text, out: text },
  publish: { ...BROKER, ...RELEASE, ...DEVICES, withdraw: yes },
  rollout: {
    ...{ ...BROKER, ...RELEASE, ...DEVICES },
    ...{ file: text, stages: text, soak: text, once: yes, every: text, stop: yes, resume: yes, why: text },
  },
  status: { ...BROKER, ...DEVICES, json: yes },
} as const;

export type ActionName = keyof typeof TABLE;
export type Values = { readonly [name: string]: string | boolean | string[] | undefined };

export class UsageError extends Error {}

const isAction = (name: string | undefined): name is ActionName =>
  name !== undefined && Object.hasOwn(TABLE, name);

/** What is asked for; `undefined`: help. @throws UsageError */
export function parseCli(
  args: readonly string[],
): { action: ActionName; name?: string; read: Reader } | undefined {
  const [action, ...rest] = args;
  if (action === undefined || action === "--help" || action === "-h" || rest.includes("--help"))
    return undefined;
  if (!isAction(action)) throw new UsageError(`there is no "${action}": ${Object.keys(TABLE).join(", ")}`);
  try {
    const { values, positionals } = parseArgs({
      args: rest,
      options: TABLE[action],
      allowPositionals: action === "keygen",
      strict: true,
    });
    const [name] = positionals;
    return { action, ...(name !== undefined && { name }), read: new Reader(action, values as Values) };
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

/** Reads options, and says which one is missing or wrong. */
export class Reader {
  #action: string;
  #values: Values;

  constructor(action: string, values: Values) {
    this.#action = action;
    this.#values = values;
  }

  text(name: string): string | undefined {
    const value = this.#values[name];
    return typeof value === "string" ? value : undefined;
  }

  needed(name: string): string {
    const value = this.text(name);
    if (value === undefined) throw new UsageError(`${this.#action} needs --${name}`);
    return value;
  }

  is(name: string): boolean {
    return this.#values[name] === true;
  }

  list(name: string): string[] {
    const value = this.#values[name];
    return Array.isArray(value) ? value : [];
  }

  whole(name: string, usual: number | undefined, least: number, most: number): number {
    const value = Number(this.text(name) ?? usual ?? Number.NaN);
    if (Number.isInteger(value) && value >= least && value <= most) return value;
    if (this.text(name) === undefined) throw new UsageError(`${this.#action} needs --${name}`);
    throw new UsageError(`--${name} is a whole number from ${least} to ${most}`);
  }

  /** `journal=1,settings=1`: what is not named is as this firmware has it. */
  formats(): typeof FORMATS {
    const parts = (this.text("formats") ?? "").split(",").filter(Boolean);
    const given = parts.map((part): [string, number] => {
      const [, name = "", version = ""] = /^(\w+)=(\d{1,4})$/.exec(part) ?? [];
      if (!Object.hasOwn(FORMATS, name) || Number(version) < 1)
        throw new UsageError(`--formats is ${Object.keys(FORMATS).join("=N,")}=N`);
      return [name, Number(version)];
    });
    return { ...FORMATS, ...Object.fromEntries(given) };
  }

  /** `1,10,100`: percents, each above the one before. */
  shares(): number[] {
    const shares = (this.text("stages") ?? "1,10,100").split(",").map((each) => Number(each) / 100);
    const fits = shares.every((share, i) => share > (shares[i - 1] ?? 0) && share <= 1);
    if (!fits || shares.at(-1) !== 1)
      throw new UsageError("--stages are rising percents up to 100: 1,10,100");
    return shares;
  }

  /** The broker, with the files where npm start and npm run identity leave them. */
  broker(): { url: string; ca: string; cert: string; key: string; timeoutMs: number } {
    const pki = this.text("pki") ?? join(".aerolink", "pki");
    const url = this.text("broker") ?? "mqtts://localhost:8883";
    if (!/^mqtts:\/\/[^/:]+(:\d+)?$/.test(url)) throw new UsageError("--broker is mqtts://host:port");
    const old = join(pki, "ca.cert.pem");
    return {
      url,
      ca: this.text("ca") ?? (existsSync(old) ? old : join(pki, "broker-ca.cert.pem")),
      cert: this.text("cert") ?? join(pki, "operators", "cloud.cert.pem"),
      key: this.text("key") ?? join(pki, "operators", "cloud.key.pem"),
      timeoutMs: this.whole("wait", 10, 1, 3_600) * 1_000,
    };
  }
}
