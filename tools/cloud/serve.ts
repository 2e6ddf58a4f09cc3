import { chmodSync, existsSync, readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { AddressList } from "../../cloud/access/addresses";
import { parseScopes, SCOPES } from "../../cloud/access/scopes";
import { hashSecret, makeClientId, makeSecret } from "../../cloud/access/secrets";
import { parseTime } from "../../cloud/api/http/times";
import { type Config, ConfigError, readConfig } from "../../cloud/config/config";
import { accountId, openStore, serve } from "../../cloud/main";
import type { Client } from "../../cloud/store/clients";
import { EmbeddedEngine } from "../../cloud/store/embedded-engine";
import { FLEET } from "../../cloud/store/scope";
import type { Store } from "../../cloud/store/store";
import { uuidOf } from "../../cloud/store/uuid";
import { boardTargets } from "../release/boards";
import { buildCloudPage } from "../start/build-page.mjs";
import { UsageError } from "./cli";
import { MqttControl } from "./control";

export const HELP = `Usage: npm run cloud:serve -- --config FILE
       npm run cloud:serve -- --config FILE client add NAME [--scope SCOPE …] [--account NAME]
                              [--from ADDRESS …] [--until DATE]
       npm run cloud:serve -- --config FILE client list | revoke ID
       npm run cloud:serve -- --config FILE account add NAME | list
       npm run cloud:serve -- --config FILE device add ID [--account NAME] | list
                              | forget ID | remove ID
       npm run cloud:serve -- --config FILE backup FILE

The cloud side: takes readings in from the broker, keeps them, answers the API. Every setting is in
cloud/config/cloud.example.jsonc.

  client add      makes a client and prints its id and secret: once, they are kept nowhere
  client revoke   it gets no token any more, and those that it has are no longer good
  account add     makes an account; devices that nobody has registered are in the account home
  device add      says whose a device is, before it is heard or after
  device forget   deletes all that a device has said; remove also that there is such a device
  backup          copies the embedded store, whole, while the cloud runs on

  --config FILE   the configuration
  --scope SCOPE   what the client may; repeated. Default: api:read:device. One of
                  ${Object.keys(SCOPES).join(", ")}
  --account NAME  the account, by name or id; default: the one of unregistered devices
  --from ADDRESS  from where the client may ask: an address, or a network as 192.0.2.0/24; repeated
  --until DATE    when its subscription ends
  --help          this text

Exit code: 0 good, 1 it could not be started, 2 wrong usage.
`;

const OPTIONS = {
  config: { type: "string" },
  scope: { type: "string", multiple: true },
  account: { type: "string" },
  from: { type: "string", multiple: true },
  until: { type: "string" },
  help: { type: "boolean" },
} as const;

interface Request {
  readonly config: Config;
  readonly words: readonly string[];
  readonly scope: readonly string[];
  readonly account?: string;
  readonly from: readonly string[];
  readonly until?: string;
}

/** Returns the exit code. */
export async function main(args: readonly string[], write = print): Promise<number> {
  try {
    const request = parse(args);
    if (!request) {
      write(HELP.trimEnd());
      return 0;
    }
    if (request.words.length === 0) return await run(request.config, write);
    const [what, file, ...rest] = request.words;
    if (what === "backup" && file !== undefined && rest.length === 0) {
      await backUp(request.config, file, write);
      return 0;
    }
    return await edit(request, write);
  } catch (error) {
    if (!(error instanceof UsageError || error instanceof ConfigError)) throw error;
    process.stderr.write(`cloud: ${error.message}\n`);
    return error instanceof UsageError ? 2 : 1;
  }
}

const print = (line: string): void => void process.stdout.write(`${line}\n`);

function parse(args: readonly string[]): Request | undefined {
  let parsed: ReturnType<typeof parseArgs<{ options: typeof OPTIONS; allowPositionals: true }>>;
  try {
    parsed = parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
  const { config, scope = ["api:read:device"], from = [], account, until, help } = parsed.values;
  if (help) return undefined;
  if (config === undefined) throw new UsageError("--config FILE is needed (see --help)");
  return {
    config: readConfig(config),
    words: parsed.positionals,
    scope,
    from,
    ...(account !== undefined && { account }),
    ...(until !== undefined && { until }),
  };
}

async function run(config: Config, write: (line: string) => void): Promise<number> {
  const log = (line: string): void => write(`${new Date().toISOString()} ${line}`);
  const cloud = await serve({
    config,
    version: versionOf(),
    targets: boardTargets(),
    connectControl: (broker) => new MqttControl(broker),
    page: buildCloudPage,
    log,
  });
  write(`The cloud answers at ${cloud.url}, as ${config.publicUrl}. Ctrl-C ends it.`);
  await new Promise<void>((resolve) => {
    process.once("SIGINT", resolve);
    process.once("SIGTERM", resolve);
  });
  await cloud.close();
  return 0;
}

const versionOf = (): string =>
  JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")).version;

async function edit(request: Request, write: (line: string) => void): Promise<number> {
  const store = await openStore(request.config, write);
  try {
    const [what, action, name] = request.words;
    const known = EDITS[`${what} ${action}`];
    if (!known || request.words.length !== (known.takesName ? 3 : 2)) throw new UsageError("see --help");
    await known.run(store, request, name ?? "", write);
    return 0;
  } finally {
    await store.close();
  }
}

interface Edit {
  readonly takesName: boolean;
  run(store: Store, request: Request, name: string, write: (line: string) => void): Promise<void>;
}

const EDITS: Readonly<Record<string, Edit>> = {
  "client add": { takesName: true, run: addClient },
  "client list": {
    takesName: false,
    run: async (store, _request, _name, write) => {
      for (const { secretHash: _secret, ...client } of await store.clients.visible(FLEET))
        write(JSON.stringify(client));
    },
  },
  "client revoke": {
    takesName: true,
    run: async (store, _request, id, write) => {
      const client = await store.clients.find(id);
      if (!client) throw new UsageError(`${id}: there is no such client`);
      await store.clients.put({ ...client, isRevoked: true });
      await note(store, client.account, "client-revoke", { client: id });
      write(`${id} is revoked.`);
    },
  },
  "account add": {
    takesName: true,
    run: async (store, _request, name, write) => {
      const id = uuidOf(`account ${name}`);
      await store.accounts.put({ id, name, createdAt: store.seconds });
      await note(store, id, "account-add", { name });
      write(JSON.stringify({ id, name }));
    },
  },
  "account list": {
    takesName: false,
    run: async (store, _request, _name, write) => {
      for (const account of await store.accounts.visible(FLEET)) write(JSON.stringify(account));
    },
  },
  "device add": {
    takesName: true,
    run: async (store, request, id, write) => {
      const account = await accountOf(store, request);
      await store.devices.add({ id, account }, store.seconds);
      await note(store, account, "device-add", { device: id });
      write(JSON.stringify(await store.devices.find(FLEET, id)));
    },
  },
  "device forget": { takesName: true, run: (...all) => forgetDevice(false, ...all) },
  "device remove": { takesName: true, run: (...all) => forgetDevice(true, ...all) },
  "device list": {
    takesName: false,
    run: async (store, _request, _name, write) => {
      for (const { key: _key, ...device } of await store.devices.visible(FLEET))
        write(JSON.stringify(device));
    },
  },
};

async function forgetDevice(
  andItself: boolean,
  store: Store,
  _request: Request,
  name: string,
  write: (line: string) => void,
): Promise<void> {
  const device = await store.devices.find(FLEET, name);
  if (!device) throw new UsageError(`${name}: there is no such device`);
  const { id, account } = device;
  await store.devices.forget(FLEET, id, { andItself });
  await note(store, account, andItself ? "device-remove" : "device-forget", { device: id });
  write(andItself ? `${id} is removed.` : `What ${id} has said is deleted.`);
}

/** SQLite's own copy of a file that is in use: whole as of one moment, and without its empty pages. */
async function backUp({ store }: Config, file: string, write: (line: string) => void): Promise<void> {
  if (store.engine !== "embedded") throw new UsageError("PostgreSQL is backed up by pg_dump (docs/cloud.md)");
  if (existsSync(file)) throw new UsageError(`${file} is there already`);
  const engine = EmbeddedEngine.open(store.file);
  try {
    await engine.all("VACUUM INTO ?", [file]);
  } finally {
    await engine.close();
  }
  // Secrets' hashes are in it.
  chmodSync(file, 0o600);
  write(`${file} is a store as it is: name it as store.file.`);
}

async function addClient(
  store: Store,
  request: Request,
  name: string,
  write: (line: string) => void,
): Promise<void> {
  const scopes = parseScopes(request.scope.join(" "));
  if (!scopes) throw new UsageError(`--scope is one of ${Object.keys(SCOPES).join(", ")}`);
  try {
    new AddressList(request.from);
  } catch (error) {
    throw new UsageError(`--from ${(error as Error).message}`);
  }
  const endsAt = request.until === undefined ? null : parseTime(request.until);
  if (endsAt === undefined) throw new UsageError("--until is a date as 2027-01-01");
  const [id, secret] = [makeClientId(), makeSecret()];
  const client: Client = {
    id,
    name,
    account: await accountOf(store, request),
    secretHash: await hashSecret(secret),
    scopes: [...scopes],
    addresses: request.from,
    endsAt: endsAt === null ? null : Math.floor(endsAt),
    isRevoked: false,
    createdAt: store.seconds,
  };
  await store.clients.put(client);
  await note(store, client.account, "client-add", { client: id, name, scopes: client.scopes });
  write(JSON.stringify({ client_id: id, client_secret: secret, account_id: client.account }));
}

async function accountOf(store: Store, { account }: Request): Promise<string> {
  if (account === undefined) return store.homeAccount;
  const id = await accountId(store, account);
  const [known] = await store.accounts.visible({ account: id });
  if (!known) throw new UsageError(`${account}: there is no such account; account add makes it`);
  return id;
}

const note = (store: Store, account: string, action: string, detail: object): Promise<void> =>
  store.audit.add({ at: store.seconds, account, actor: "operator", action, device: null, detail });
