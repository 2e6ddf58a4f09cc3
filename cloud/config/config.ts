import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import Ajv2020 from "ajv/dist/2020.js";
import { AddressList } from "../access/addresses";
import type { ApiScope } from "../access/scopes";
import type { Retention } from "../store/store";
import { parseJsonc } from "./jsonc";
import { CONFIG_SCHEMA } from "./schema";

export type StoreConfig =
  | { readonly engine: "embedded"; readonly file: string }
  | {
      readonly engine: "postgresql";
      readonly url?: string;
      readonly urlFile?: string;
      readonly connections?: number;
    };

export interface BrokerConfig {
  readonly url: string;
  readonly servername?: string;
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
  readonly prefix?: string;
  readonly mqtt?: "3.1.1" | "5";
  readonly name?: string;
  readonly connections?: number;
  readonly group?: string;
  readonly takes?: boolean;
}

export interface PeopleConfig {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecretFile: string;
  readonly secondFactor: { readonly claim: "amr" | "acr"; readonly values: readonly string[] };
  readonly accountClaim?: string;
  readonly account?: string;
  readonly scopes?: readonly ApiScope[];
  readonly from?: readonly string[];
}

/** As {@link CONFIG_SCHEMA} describes it; the names of files are whole. */
export interface Config {
  readonly publicUrl: string;
  readonly listen?: { readonly address?: string; readonly port?: number };
  readonly tls?: { readonly cert: string; readonly key: string };
  readonly proxies?: readonly string[];
  readonly tokenKey: string;
  readonly store: StoreConfig;
  readonly homeAccount?: string;
  readonly retention?: Partial<Retention>;
  readonly broker?: BrokerConfig;
  readonly people?: PeopleConfig;
  readonly rateLimit?: {
    readonly requests?: number;
    readonly windowSeconds?: number;
    readonly atOnce?: number;
  };
}

/** What is wrong with the configuration, in words for whoever wrote it. */
export class ConfigError extends Error {
  override name = "ConfigError";
}

/** Members that name files. */
const FILES = ["cert", "key", "tokenKey", "file", "urlFile", "ca", "clientSecretFile"];

/** @throws ConfigError */
export function readConfig(path: string): Config {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw new ConfigError(`${path} cannot be read: ${(error as Error).message}`);
  }
  return parseConfig(text, path);
}

/** @throws ConfigError */
export function parseConfig(text: string, path: string): Config {
  let value: unknown;
  try {
    value = parseJsonc(text);
  } catch (error) {
    throw new ConfigError(`${path} is no JSON: ${(error as Error).message}`);
  }
  const validate = new Ajv2020({
    strict: true,
    allErrors: true,
    allowUnionTypes: true,
    strictRequired: false,
  }).compile(CONFIG_SCHEMA);
  if (!validate(value)) {
    const faults = (validate.errors ?? []).map(
      ({ instancePath, message, params }) =>
        `${instancePath.slice(1).replaceAll("/", ".") || "the whole"} ${message}${"additionalProperty" in params ? `: ${params.additionalProperty}` : ""}`,
    );
    throw new ConfigError(`${path}: ${[...new Set(faults)].join("; ")}`);
  }
  const config: Config = { tokenKey: "token.key.pem", ...(value as Omit<Config, "tokenKey">) };
  checkWhole(config, path);
  return withFiles(config, dirname(resolve(path))) as unknown as Config;
}

/** What a schema cannot say. */
function checkWhole({ store, people, proxies = [], publicUrl, tls, listen }: Config, path: string): void {
  const wrong = (words: string): never => {
    throw new ConfigError(`${path}: ${words}`);
  };
  if (store.engine === "postgresql" && (store.url === undefined) === (store.urlFile === undefined))
    wrong("store has either url or urlFile");
  if (people && (people.account === undefined) === (people.accountClaim === undefined))
    wrong("people has either account or accountClaim");
  for (const list of [proxies, people?.from ?? []]) {
    try {
      new AddressList(list);
    } catch (error) {
      wrong((error as Error).message);
    }
  }
  const isLocal = /^http:\/\/(localhost|127\.0\.0\.1|\[::1\])(:|$)/.test(publicUrl);
  if (!isLocal && !publicUrl.startsWith("https:")) wrong("publicUrl is https: secrets and tokens travel");
  const address = listen?.address ?? "127.0.0.1";
  if (!tls && proxies.length === 0 && !/^(localhost|127\.|::1$)/.test(address))
    wrong(`without tls and without proxies the API would speak plain HTTP to anybody on ${address}`);
}

function withFiles(value: unknown, folder: string): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      name,
      typeof member === "string" && FILES.includes(name)
        ? resolve(folder, member)
        : withFiles(member, folder),
    ]),
  );
}
