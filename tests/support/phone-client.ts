// Requests to the portal from a simulated phone, in virtual time.
import type { VirtualWorld } from "../../sim/virtual/virtual-world";

export interface Answer {
  readonly status: number;
  readonly head: string;
  readonly body: string;
}

export interface Connection {
  /** What has come. */
  text: string;
  open: boolean;
  send(data: string | Uint8Array): void;
  close(): void;
}

/** A bare connection to the portal; `undefined` when nothing listens. */
export function connect(virtual: VirtualWorld, from?: string): Connection | undefined {
  const connection: Connection = { text: "", open: true, send: () => {}, close: () => {} };
  const link = virtual.world.phone.connect(
    80,
    {
      onOpen: () => {},
      onWindow: () => {},
      onData: (bytes) => {
        connection.text += new TextDecoder().decode(bytes);
      },
      onEnd: () => {
        connection.open = false;
      },
    },
    from,
  );
  if (!link) return undefined;
  connection.send = (data) => link.send(typeof data === "string" ? new TextEncoder().encode(data) : data);
  connection.close = () => link.close();
  return connection;
}

/** Waits in virtual time until the device has closed the connection. */
export function answerOf(
  virtual: VirtualWorld,
  connection: Connection | undefined,
  limitMs = 20_000,
): Answer | undefined {
  if (!connection || !virtual.time.runUntil(() => !connection.open, limitMs)) return undefined;
  const end = connection.text.indexOf("\r\n\r\n");
  if (end < 0) return undefined;
  const head = connection.text.slice(0, end);
  return { status: Number(head.split(" ")[1]), head, body: connection.text.slice(end + 4) };
}

export function request(
  virtual: VirtualWorld,
  method: string,
  target: string,
  options: { host?: string; headers?: string[]; body?: string } = {},
): Answer | undefined {
  const connection = connect(virtual);
  const host = options.host ?? virtual.world.phone.accessPoint?.address ?? "";
  const lines = [`${method} ${target} HTTP/1.1`, `Host: ${host}`, ...(options.headers ?? [])];
  if (options.body !== undefined) lines.push(`Content-Length: ${options.body.length}`);
  connection?.send(`${lines.join("\r\n")}\r\n\r\n${options.body ?? ""}`);
  return answerOf(virtual, connection);
}

export const get = (virtual: VirtualWorld, target: string, host?: string): Answer | undefined =>
  request(virtual, "GET", target, host === undefined ? {} : { host });

export const FORM_HEADER = "Content-Type: application/x-www-form-urlencoded";

export const post = (
  virtual: VirtualWorld,
  target: string,
  fields: Record<string, string>,
): Answer | undefined =>
  request(virtual, "POST", target, {
    headers: [FORM_HEADER],
    body: new URLSearchParams(fields).toString(),
  });

export const hexOf = (text: string): string => Buffer.from(text).toString("hex");
/** What the page's form sends for a network. */
export const line = (ssid: string, way = "wpa2"): string => `${hexOf(ssid)}.${way}`;

/** Sends the form of the first page, and returns the attempt's id. */
export function join(virtual: VirtualWorld, ssid: string, password: string): string {
  const answer = post(virtual, "/join", { net: line(ssid), password });
  const id = /Location: \/status\?attempt=(\d+)/.exec(answer?.head ?? "")?.[1];
  if (!id) throw new Error(`no attempt: ${answer?.head}\n${answer?.body}`);
  return id;
}
