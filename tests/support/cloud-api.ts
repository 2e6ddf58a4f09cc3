// The cloud's API over a real socket, on an embedded store of its own, with two accounts: what a test says of one must
// never be seen by the other.
import { Clients } from "../../cloud/access/clients";
import type { People } from "../../cloud/access/people";
import { type ApiScope, SCOPES } from "../../cloud/access/scopes";
import { hashSecret } from "../../cloud/access/secrets";
import { Sessions } from "../../cloud/access/sessions";
import { makeTokenKey, Tokens } from "../../cloud/access/tokens";
import { type ApiOptions, makeApi } from "../../cloud/api/api";
import type { ApiServer } from "../../cloud/api/server";
import type { Client } from "../../cloud/store/clients";
import type { Store } from "../../cloud/store/store";
import { uuidOf } from "../../cloud/store/uuid";
import { embeddedStore, type OpenStore, readingAt } from "./stores";

export const SECRET = "the-secret-of-every-client-of-these-tests";
/** 1 July 2026, noon, UTC: what the cloud takes for now. */
export const NOW = Date.parse("2026-07-01T12:00:00Z") / 1000;
export const ALL_SCOPES = Object.keys(SCOPES) as ApiScope[];

export const ACME = uuidOf("account acme");
export const RIVAL = uuidOf("account rival");

const key = makeTokenKey();
const secretHash = hashSecret(SECRET, { N: 2, r: 8, p: 1 });

export interface CloudApi {
  readonly url: string;
  readonly store: Store;
  readonly tokens: Tokens;
  readonly sessions: Sessions;
  /** What was written to the log. */
  readonly log: string[];
  /** GET with the token of `client`; `acme` by default. */
  get(path: string, headers?: Record<string, string>, client?: string): Promise<Response>;
  send(method: string, path: string, body?: unknown, client?: string): Promise<Response>;
  tokenOf(client: string): Promise<string>;
  /** The server goes away, with its connections; the store stays. */
  stop(): Promise<void>;
  /** It is back, at the same address. */
  start(): Promise<void>;
  addClient(changes: Partial<Client> & { readonly id: string }): Promise<void>;
  close(): Promise<void>;
}

export interface CloudApiOptions extends Partial<Omit<ApiOptions, "people">> {
  /** Wants to know the address that the cloud has. */
  people?(url: string): People;
  readonly clock?: { now: number };
  /** Default: an embedded store. */
  open?(options: { now(): number }): Promise<OpenStore>;
}

export async function startCloudApi({
  people,
  clock = { now: NOW * 1000 },
  open = embeddedStore,
  ...more
}: CloudApiOptions = {}): Promise<CloudApi> {
  const opened = await open({ now: () => clock.now });
  const { store } = opened;
  const publicUrl = more.publicUrl ?? "http://127.0.0.1";
  const tokens = await Tokens.open({
    key: await key,
    issuer: publicUrl,
    audience: publicUrl,
    now: () => clock.now,
  });
  const sessions = new Sessions({ secret: await key, isSecure: false, now: () => clock.now });
  const log: string[] = [];
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const make = () =>
    makeApi({
      store,
      tokens,
      sessions,
      clients: new Clients({ find: (id) => store.clients.find(id), now: () => clock.now }),
      publicUrl,
      version: "0.0.0",
      log: (line) => log.push(line),
      rateLimit: { requests: 1_000_000, atOnce: 1_000 },
      ...(people && { people: people(url) }),
      ...more,
    });
  let api: ApiServer;
  const start = async (): Promise<void> => {
    api = make();
    await api.listen(port, "127.0.0.1");
  };
  await start();
  const addClient: CloudApi["addClient"] = async (changes) =>
    store.clients.put({
      name: changes.id,
      account: ACME,
      secretHash: await secretHash,
      scopes: ALL_SCOPES,
      addresses: [],
      endsAt: null,
      isRevoked: false,
      createdAt: NOW,
      ...changes,
    });
  for (const [id, account] of [
    ["acme", ACME],
    ["rival", RIVAL],
  ] as const) {
    await store.accounts.put({ id: account, name: id, createdAt: NOW });
    await addClient({ id, account });
  }
  const tokenOf = async (id: string): Promise<string> => {
    const client = await store.clients.find(id);
    return tokens.issue({
      client: id,
      account: client!.account,
      scopes: new Set(client!.scopes as ApiScope[]),
    });
  };
  const send: CloudApi["send"] = async (method, path, body, client = "acme") =>
    fetch(`${url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${await tokenOf(client)}`,
        ...(body !== undefined && { "content-type": "application/json" }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  return {
    url,
    store,
    tokens,
    sessions,
    log,
    tokenOf,
    addClient,
    start,
    stop: () => api.close(),
    send,
    get: async (path, headers = {}, client = "acme") =>
      fetch(`${url}${path}`, { headers: { authorization: `Bearer ${await tokenOf(client)}`, ...headers } }),
    close: async () => {
      await api.close();
      await opened.close();
    },
  };
}

async function freePort(): Promise<number> {
  const { createServer } = await import("node:net");
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return port;
}

/** A device of an account with a reading a minute up to `NOW`, the first of them number 1. */
export async function addDevice(
  { store }: Pick<CloudApi, "store">,
  id: string,
  account = ACME,
  { minutes = 3, until = NOW, without = [] as readonly number[] } = {},
): Promise<string> {
  await store.devices.add(
    {
      id,
      account,
      friendlyName: `Room of ${id}`,
      latitude: 44.95,
      longitude: -93.09,
      serial: `S-${id}`,
      model: "8143",
    },
    NOW - 86_400,
  );
  const readings = Array.from({ length: minutes }, (_, i) =>
    readingAt(i + 1, until - (minutes - 1 - i) * 60),
  ).filter(({ seq }) => !without.includes(seq));
  for (let i = 0; i < readings.length; i += 100)
    await store.take([{ kind: "readings", device: id, readings: readings.slice(i, i + 100) }]);
  return uuidOf(id);
}
