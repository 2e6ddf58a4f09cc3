import { join } from "node:path";
import { parseArgs } from "node:util";
import { ActionReader, type BrokerAccess, UsageError, type Values } from "../base/action-reader";

export { UsageError } from "../base/action-reader";

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

/** What the authority's actions have beside the usual. */
export class Reader extends ActionReader {
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

  override broker(): BrokerAccess & { readonly prefix?: string } {
    const prefix = this.text("prefix");
    return { ...super.broker(), ...(prefix !== undefined && { prefix }) };
  }
}
