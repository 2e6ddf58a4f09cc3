import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { fakeClock, pass, startSession } from "./support";

beforeEach(fakeClock);
afterEach(() => {
  vi.useRealTimers();
});

const PINGRESP = Uint8Array.of(0xd0, 0);
/** Fixed headers of packets whose length is wrong, so that all that follows is taken for their body. */
const HEADERS = [
  ["a PUBACK of 3,000 bytes, which would be kept", [0x40, 0xb8, 0x17]],
  ["a PUBLISH of 200 MB, which is skipped", [0x30, 0xff, 0xff, 0xff, 0x5f]],
  ["a packet of no type of 200 MB", [0xf0, 0xff, 0xff, 0xff, 0x5f]],
] as const;

it.each(HEADERS)("%s ends the connection although the answers to our pings go on", async (_what, header) => {
  const { connect, downs } = startSession({ keepAliveSeconds: 60 });
  const { broker } = await connect();
  broker.sendBytes(Uint8Array.from(header));
  for (let half = 0; half < 7; half++) {
    await pass(30_000);
    if (downs.length === 0) broker.sendBytes(PINGRESP);
  }
  expect(downs).toEqual(["protocol-error"]);
});

it("a long message on a slow link is waited for, minutes long", async () => {
  const { connect, downs, drops } = startSession({ keepAliveSeconds: 60 });
  const { broker } = await connect({ pingresp: false });
  const length = 200_000;
  broker.sendBytes(
    Uint8Array.of(
      0x30,
      (length % 128) | 0x80,
      (Math.floor(length / 128) % 128) | 0x80,
      Math.floor(length / 16_384),
      0,
      1,
      0x61,
    ),
  );
  for (let sent = 3; sent < length; sent += 500) {
    broker.sendBytes(new Uint8Array(Math.min(500, length - sent)));
    await pass(1_000);
  }
  expect(downs).toEqual([]);
  expect(drops.map(({ reason }) => reason)).toEqual(["oversized"]);
});
