import { readFileSync } from "node:fs";
import { Clients } from "./access/clients";
import { People } from "./access/people";
import { Sessions } from "./access/sessions";
import { readTokenKey, Tokens } from "./access/tokens";
import { makeApi } from "./api/api";
import type { PageFolder } from "./api/calls/page";
import { deskOf } from "./api/calls/rollouts";
import type { Control } from "./api/control";
import type { BrokerConfig, Config, PeopleConfig } from "./config/config";
import { Ingest } from "./ingest/ingest";
import { RolloutRunner } from "./rollout/runner";
import { EmbeddedEngine } from "./store/embedded-engine";
import { PostgresEngine } from "./store/postgres-engine";
import { Store } from "./store/store";
import { Upkeep } from "./store/upkeep";
import { uuidOf } from "./store/uuid";

/** The broker's connection as MQTT clients take it: files read. */
export interface BrokerConnection {
  readonly url: string;
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
  readonly servername?: string;
  readonly prefix?: string;
  readonly protocolVersion: 4 | 5;
}

export interface CloudOptions {
  readonly config: Config;
  readonly version: string;
  /** What images are built for, by the name that a board gives itself. */
  readonly targets?: ReadonlyMap<string, string>;
  /** The way to devices; absent: they can only be read of. It connects by itself, and goes on trying. */
  connectControl?(broker: BrokerConnection): Control & { close(): Promise<void> };
  /** Where the built page is; absent: the API alone. */
  readonly page?: PageFolder;
  log(line: string): void;
}

export interface RunningCloud {
  readonly url: string;
  readonly store: Store;
  close(): Promise<void>;
}

export async function openStore(
  { store, retention, homeAccount }: Config,
  log: (line: string) => void,
): Promise<Store> {
  const engine =
    store.engine === "embedded"
      ? EmbeddedEngine.open(store.file)
      : await PostgresEngine.open({
          url: store.url ?? textOf(store.urlFile!),
          ...(store.connections !== undefined && { connections: store.connections }),
          onError: (error) => log(`the database: ${error.message}`),
        });
  return Store.open({
    engine,
    ...(retention && { retention }),
    ...(homeAccount !== undefined && { homeAccount }),
  });
}

/** Everything, in order: the store, what comes in, the way to devices, the API. */
export async function serve({
  config,
  version,
  targets,
  connectControl,
  page,
  log,
}: CloudOptions): Promise<RunningCloud> {
  const store = await openStore(config, log);
  const trouble = (error: Error): void => log(`trouble: ${error.message}`);
  const broker = config.broker && connectionOf(config.broker);
  const ingest =
    broker && config.broker?.takes !== false ? ingestOf(store, config.broker!, broker, trouble) : undefined;
  const upkeep = new Upkeep(store, { onTrouble: trouble });
  const control = broker && connectControl?.(broker);
  const way = control && { control, ...(targets && { targets }) };
  const runner = way && new RolloutRunner(deskOf({ store, ...way, log }), trouble);
  const key = await readTokenKey(config.tokenKey);
  const { publicUrl, tls, proxies, people, rateLimit, listen = {} } = config;
  const api = makeApi({
    store,
    clients: new Clients({ find: (id) => store.clients.find(id) }),
    tokens: await Tokens.open({ key, issuer: publicUrl, audience: publicUrl }),
    sessions: new Sessions({ secret: key, isSecure: publicUrl.startsWith("https:") }),
    ...(people && { people: await peopleOf(store, people, publicUrl), peopleFrom: people.from ?? [] }),
    ...way,
    ...(page && { page }),
    ...(tls && { tls: { cert: textOf(tls.cert), key: textOf(tls.key) } }),
    ...(proxies && { proxies }),
    ...(rateLimit && { rateLimit }),
    publicUrl,
    version,
    log,
  });
  const { address = "127.0.0.1", port = 8080 } = listen;
  const close = async (): Promise<void> => {
    await api.close();
    await runner?.close();
    await ingest?.close();
    await control?.close();
    await upkeep.close();
    await store.close();
  };
  try {
    const bound = await api.listen(port, address);
    ingest?.start();
    return { url: `${tls ? "https" : "http"}://${address}:${bound}`, store, close };
  } catch (error) {
    await close();
    throw error;
  }
}

const ingestOf = (
  store: Store,
  { name = "cloud", connections, group }: BrokerConfig,
  { url, ca, cert, key, servername, prefix, protocolVersion }: BrokerConnection,
  onTrouble: (error: Error) => void,
): Ingest =>
  new Ingest({
    store,
    url,
    name,
    protocolVersion,
    connection: { ca, cert, key, ...(servername !== undefined && { servername }) },
    ...(connections !== undefined && { connections }),
    ...(group !== undefined && { group }),
    ...(prefix !== undefined && { prefix }),
    onTrouble,
  });

const connectionOf = ({
  url,
  servername,
  ca,
  cert,
  key,
  prefix,
  mqtt = "5",
}: BrokerConfig): BrokerConnection => ({
  url,
  ca: textOf(ca),
  cert: textOf(cert),
  key: textOf(key),
  ...(servername !== undefined && { servername }),
  ...(prefix !== undefined && { prefix }),
  protocolVersion: mqtt === "5" ? 5 : 4,
});

async function peopleOf(store: Store, config: PeopleConfig, publicUrl: string): Promise<People> {
  const { issuer, clientId, clientSecretFile, secondFactor, accountClaim, account, scopes } = config;
  return new People({
    issuer,
    clientId,
    clientSecret: textOf(clientSecretFile),
    redirect: `${publicUrl}/sign-in/callback`,
    secondFactor,
    account: accountClaim !== undefined ? { claim: accountClaim } : { id: await accountId(store, account!) },
    scopes: scopes ?? ["api:read:device"],
  });
}

/** By its id or its name. */
export async function accountId(store: Store, nameOrId: string): Promise<string> {
  const accounts = await store.accounts.visible({ fleet: true });
  const found = accounts.find(({ id, name }) => id === nameOrId || name === nameOrId);
  return found?.id ?? uuidOf(`account ${nameOrId}`);
}

const textOf = (file: string): string => readFileSync(file, "utf8").trim();
