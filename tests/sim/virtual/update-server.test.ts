import { describe, expect, it } from "vitest";
import { sha256Of } from "../../../sim/virtual/offer";
import { SERVER_LIES, type ServerLie } from "../../../sim/virtual/update-answers";
import { UpdateServer } from "../../../sim/virtual/update-server";
import { VirtualTime } from "../../../sim/virtual/virtual-time";

const IMAGE = Uint8Array.from({ length: 10_000 }, (_, i) => (i * 7) & 0xff);
const NAME = sha256Of(IMAGE);

/** Asks once or more on one connection, and takes what comes within a minute. */
function ask(
  requests: readonly string[],
  options: { lie?: ServerLie; certificate?: boolean; diesAtRecord?: number; bytesPerSecond?: number } = {},
): { heard: Buffer; ended: boolean; server: UpdateServer } {
  const time = new VirtualTime();
  const server = new UpdateServer(time);
  const { lie, diesAtRecord, bytesPerSecond } = options;
  server.images.set(NAME, IMAGE);
  if (lie) server.faults.lie = lie;
  if (diesAtRecord !== undefined) server.faults.diesAtRecord = diesAtRecord;
  if (bytesPerSecond !== undefined) server.faults.bytesPerSecond = bytesPerSecond;
  const parts: Uint8Array[] = [];
  let ended = false;
  const link = server.connect({
    onOpen: () => {
      link.onHello?.(options.certificate ?? true);
      for (const request of requests) link.send(Buffer.from(request));
    },
    onData: (bytes) => parts.push(bytes),
    onWindow() {},
    onEnd: () => {
      ended = true;
    },
  });
  time.run(60_000);
  return { heard: Buffer.concat(parts), ended, server };
}

const get = (from: number, to: number): string =>
  `GET /aerolink/v1/images/${NAME}.bin HTTP/1.1\r\nHost: cloud\r\nRange: bytes=${from}-${to}\r\n\r\n`;

const body = (heard: Buffer): Buffer => heard.subarray(heard.indexOf("\r\n\r\n") + 4);

describe("The virtual update server", () => {
  it("answers a range with these bytes, and the next one on the same connection", () => {
    const { heard, ended } = ask([get(4096, 8191), get(8192, 12_287)]);
    const text = heard.toString("latin1");
    expect(text).toMatch(/^HTTP\/1.1 206 Partial Content\r\n/);
    expect(text).toContain("Content-Range: bytes 4096-8191/10000\r\n");
    expect(text).toContain("Content-Range: bytes 8192-9999/10000\r\nContent-Length: 1808\r\n");
    expect(body(heard).subarray(0, 4096).equals(IMAGE.subarray(4096, 8192))).toBe(true);
    expect(ended).toBe(false);
  });

  it("forbids whoever shows no certificate, and knows no other image", () => {
    expect(ask([get(0, 15)], { certificate: false }).heard.toString()).toMatch(/^HTTP\/1.1 403 /);
    expect(ask([get(0, 15).replace(NAME, "0".repeat(64))]).heard.toString()).toMatch(/^HTTP\/1.1 404 /);
    expect(ask([get(10_000, 10_015)]).heard.toString()).toMatch(/^HTTP\/1.1 416 /);
  });

  it("sends at its rate", () => {
    const { heard, server } = ask([get(0, 4095)], { bytesPerSecond: 1 });
    expect(heard.length).toBeGreaterThan(55);
    expect(heard.length).toBeLessThan(62);
    expect(server.sentBytes).toBe(heard.length);
  });

  it("ends the connection at the record that it is told", () => {
    const { heard, ended } = ask([get(0, 9_999)], { diesAtRecord: 2 });
    expect(heard.length).toBe(2_800);
    expect(ended).toBe(true);
  });

  it.each(SERVER_LIES)("says something else than is right when it lies: %s", (lie) => {
    const truth = ask([get(4096, 8191)]);
    const { heard, ended } = ask([get(4096, 8191)], { lie });
    expect(heard.equals(truth.heard) && ended === truth.ended).toBe(false);
    if (/^\d+$/.test(lie)) expect(heard.toString()).toMatch(new RegExp(`^HTTP/1.1 ${lie} `));
    if (lie === "429" || lie === "503") expect(heard.toString()).toContain("Retry-After: 1200\r\n");
  });
});
