import { existsSync } from "node:fs";
import { join } from "node:path";

export class UsageError extends Error {}

/** As `parseArgs` of node:util gives them. */
export type Values = { readonly [name: string]: string | boolean | string[] | undefined };

export interface BrokerAccess {
  readonly url: string;
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
  readonly timeoutMs: number;
}

/** Reads the options of an action, and says which one is missing or wrong. */
export class ActionReader {
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

  get pki(): string {
    return this.text("pki") ?? join(".aerolink", "pki");
  }

  /** The broker, with the files where npm start and npm run identity leave them. */
  broker(): BrokerAccess {
    const { pki } = this;
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
