import { parseArgs } from "node:util";
import { FORMATS } from "../../modules/update/formats";
import { ActionReader, UsageError, type Values } from "../base/action-reader";

export { UsageError } from "../base/action-reader";

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
  upload: { ...RELEASE },
  publish: { ...BROKER, ...RELEASE, ...DEVICES, withdraw: yes },
  rollout: {
    ...{ ...BROKER, ...RELEASE, ...DEVICES },
    ...{ file: text, stages: text, soak: text, once: yes, every: text, stop: yes, resume: yes, why: text },
  },
  status: { ...BROKER, ...DEVICES, json: yes },
} as const;

export type ActionName = keyof typeof TABLE;
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

/** What a release's actions have beside the usual. */
export class Reader extends ActionReader {
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
}
