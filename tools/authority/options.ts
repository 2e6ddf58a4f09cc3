import { existsSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";

const text = { type: "string" } as const;
const many = { type: "string", multiple: true } as const;

const FOLDER = { folder: text, pki: text } as const;
const KEYS = { "ca-cert": text, "ca-key": text, former: many, "passphrase-file": text } as const;
const LISTS = { ...FOLDER, ...KEYS, reload: text } as const;
const BROKER = { broker: text, ca: text, cert: text, key: text, prefix: text, wait: text } as const;

/** Options by action. */
const TABLE = {
  serve: {
    ...LISTS,
    ...BROKER,
    ...{ days: text, "a-day": text },
    ...{ "est-port": text, "est-cert": text, "est-key": text, "est-address": text },
    ...{ upstream: text, "upstream-ca": text, "upstream-cert": text, "upstream-key": text },
  },
  rescue: {
    ...FOLDER,
    ...{ "ca-cert": text, "ca-key": text, former: many, "passphrase-file": text },
    ...{ port: text, "broker-port": text, "broker-cert": text, "broker-key": text },
  },
  known: { ...FOLDER, certificate: many },
  revoke: { ...LISTS, device: many, why: text },
  lists: LISTS,
  log: { ...FOLDER, device: many },
  status: { ...FOLDER, ...BROKER },
} as const;

export type ActionName = keyof typeof TABLE;
type Values = { readonly [name: string]: string | boolean | string[] | undefined };

export class UsageError extends Error {}

const isAction = (name: string | undefined): name is ActionName =>
  name !== undefined && Object.hasOwn(TABLE, name);

/** What is asked for; `undefined`: help. @throws UsageError */
export function parseCli(args: readonly string[]): { action: ActionName; read: Reader } | undefined {
  const [action, ...rest] = args;
  if (action === undefined || action === "--help" || action === "-h" || rest.includes("--help"))
    return undefined;
  if (!isAction(action)) throw new UsageError(`there is no "${action}": ${Object.keys(TABLE).join(", ")}`);
  try {
    const { values } = parseArgs({ args: rest, options: TABLE[action], strict: true });
    return { action, read: new Reader(action, values as Values) };
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

  list(name: string): string[] {
    const value = this.#values[name];
    return Array.isArray(value) ? value : [];
  }

  whole(name: string, usual: number, least: number, most: number): number {
    const value = Number(this.text(name) ?? usual);
    if (Number.isInteger(value) && value >= least && value <= most) return value;
    throw new UsageError(`--${name} is a whole number from ${least} to ${most}`);
  }

  get pki(): string {
    return this.text("pki") ?? join(".aerolink", "pki");
  }

  get folder(): string {
    return this.text("folder") ?? join(".aerolink", "authority");
  }

  /** A customer's authority: both files or neither. */
  customer(): { certificate: string; key: string } | undefined {
    const [certificate, key] = [this.text("ca-cert"), this.text("ca-key")];
    if ((certificate === undefined) !== (key === undefined))
      throw new UsageError("--ca-cert and --ca-key go together");
    return certificate === undefined || key === undefined ? undefined : { certificate, key };
  }

  /** `CERT,KEY` of authorities that have signed devices and do no longer. */
  former(): { certificate: string; key: string }[] {
    return this.list("former").map((each) => {
      const [certificate, key, ...more] = each.split(",");
      if (!certificate || !key || more.length > 0) throw new UsageError("--former is CERT,KEY: two files");
      return { certificate, key };
    });
  }

  /** The broker, with the files where npm start and npm run identity leave them. */
  broker(): { url: string; ca: string; cert: string; key: string; prefix?: string; timeoutMs: number } {
    const { pki } = this;
    const url = this.text("broker") ?? "mqtts://localhost:8883";
    if (!/^mqtts:\/\/[^/:]+(:\d+)?$/.test(url)) throw new UsageError("--broker is mqtts://host:port");
    const old = join(pki, "ca.cert.pem");
    const prefix = this.text("prefix");
    return {
      url,
      ca: this.text("ca") ?? (existsSync(old) ? old : join(pki, "broker-ca.cert.pem")),
      cert: this.text("cert") ?? join(pki, "operators", "cloud.cert.pem"),
      key: this.text("key") ?? join(pki, "operators", "cloud.key.pem"),
      timeoutMs: this.whole("wait", 10, 1, 3_600) * 1_000,
      ...(prefix !== undefined && { prefix }),
    };
  }
}
