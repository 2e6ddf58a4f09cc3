import fc from "fast-check";
import { generate } from "mqtt-packet";
import { describe, expect, it } from "vitest";
import { Framer, type OversizedPacket } from "../../mqtt/framer";
import { fuzz } from "../support/volume";

const BOUND = 64;

function frame(chunks: Uint8Array[], maxPacketBytes = BOUND) {
  const packets: string[] = [];
  const oversized: OversizedPacket[] = [];
  const framer = new Framer({
    maxPacketBytes,
    onPacket: (packet) => packets.push(Buffer.from(packet).toString("hex")),
    onOversized: (packet) => oversized.push(packet),
  });
  const good = chunks.every((chunk) => framer.feed(chunk));
  return { good, packets, oversized };
}

/** Cuts `bytes` at the given places. */
function cut(bytes: Uint8Array, places: number[]): Uint8Array[] {
  const at = [...new Set(places.map((place) => place % (bytes.length + 1)))].sort((a, b) => a - b);
  return [...at, bytes.length].map((end, i) => bytes.subarray(i === 0 ? 0 : at[i - 1], end));
}

const publish = (bodyBytes: number, qos: 0 | 1 | 2, topic = "t", messageId = 0xabcd) =>
  generate({
    cmd: "publish",
    topic,
    payload: Buffer.alloc(bodyBytes, 0x5a),
    qos,
    messageId,
    dup: false,
    retain: false,
  });

describe("the framer", () => {
  it("gives the same packets however the bytes are cut", () => {
    const sizes = fc.array(
      fc.record({ bodyBytes: fc.nat(200), qos: fc.constantFrom<0 | 1 | 2>(0, 1, 2), topic: fc.string() }),
      {
        maxLength: 6,
      },
    );
    fc.assert(
      fc.property(sizes, fc.array(fc.nat(), { maxLength: 12 }), (wanted, places) => {
        const packets = wanted.map(({ bodyBytes, qos, topic }) => publish(bodyBytes, qos, topic));
        const result = frame(cut(Buffer.concat(packets), places));
        expect(result.good).toBe(true);
        expect(result.packets).toEqual(
          packets.filter((packet) => packet.length <= BOUND).map((packet) => packet.toString("hex")),
        );
        expect(result.oversized).toEqual(
          wanted.flatMap(({ qos, topic }, i) =>
            packets[i]!.length <= BOUND
              ? []
              : {
                  type: 3,
                  qos,
                  packetId: qos > 0 ? 0xabcd : 0,
                  topicLength: Buffer.byteLength(topic),
                  bytes: packets[i]!.length,
                },
          ),
        );
      }),
      fuzz(1000),
    );
  });

  it("gives a packet of two length bytes as it came, and the one behind it that came in two pieces", () => {
    const stream = Buffer.concat([publish(200, 1), publish(150, 0), publish(3, 0)]);
    const { packets } = frame([stream.subarray(0, 220), stream.subarray(220)], 4_096);
    expect(packets.join("")).toBe(stream.toString("hex"));
    expect(packets).toHaveLength(3);
  });

  it.each([
    [0, 300],
    [1, 300],
    [1, 95],
    [2, 300],
  ] as const)(
    "tells of an oversized message of QoS %i whose topic of %i bytes is all of it",
    (qos, length) => {
      const packet = publish(0, qos, "t".repeat(length));
      const packetId = qos === 0 ? 0 : 0xabcd;
      expect(frame([packet])).toMatchObject({
        good: true,
        oversized: [{ qos, packetId, topicLength: length, bytes: packet.length }],
      });
    },
  );

  it("tells nothing of an oversized message whose topic would be longer than it", () => {
    const packet = Uint8Array.of(0x32, 80, 0, 79, ...Array(78).fill(0x74));
    expect(frame([packet])).toEqual({ good: false, packets: [], oversized: [] });
    const atEnd = frame([Uint8Array.from(publish(0, 0, "a")), packet]);
    expect([atEnd.good, atEnd.packets.length, atEnd.oversized]).toEqual([false, 1, []]);
  });

  it("keeps a packet of exactly the bound and skips one of a byte more", () => {
    const fits = publish(4096 - 6, 0);
    expect(fits.length).toBe(4096);
    expect(frame([fits], 4096).packets).toHaveLength(1);
    const tooLarge = publish(4096 - 5, 0);
    expect(frame([tooLarge], 4096)).toMatchObject({ packets: [], oversized: [{ bytes: 4097 }] });
  });

  it("reports an oversized packet only after its last byte", () => {
    const packet = publish(100, 1);
    expect(frame([packet.subarray(0, -1)]).oversized).toEqual([]);
    expect(frame([packet.subarray(0, -1), packet.subarray(-1)]).oversized).toHaveLength(1);
  });

  it("skips an oversized packet that is no PUBLISH", () => {
    const packet = new Uint8Array(102).fill(0xff);
    packet.set([0x90, 100]);
    expect(frame([packet]).oversized).toEqual([{ type: 9, qos: 0, packetId: 0, topicLength: 0, bytes: 102 }]);
  });

  it("never allocates what a header of 256 MB announces", () => {
    const before = process.memoryUsage().arrayBuffers;
    const framer = new Framer({ maxPacketBytes: 4096, onPacket: () => {}, onOversized: () => {} });
    framer.feed(Uint8Array.of(0x30, 0xff, 0xff, 0xff, 0x7f, 0, 1, 0x74));
    const chunk = new Uint8Array(1024);
    for (let i = 0; i < 1000; i++) expect(framer.feed(chunk)).toBe(true);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1_000_000);
  });

  it.each([
    ["a length of five bytes", [0x30, 0xff, 0xff, 0xff, 0xff]],
    ["an oversized PUBLISH of QoS 3", [0x36, 0xff, 0x01, 0, 1]],
    ["an oversized PUBLISH whose topic passes its end", [0x30, 0xff, 0x01, 0xff, 0xff]],
    ["an oversized PUBLISH whose packet id passes its end", [0x32, 0x64, 0, 97]],
  ])("is malformed: %s", (_name, bytes) => {
    expect(frame([Uint8Array.from(bytes)]).good).toBe(false);
    expect(frame(bytes.map((byte) => Uint8Array.of(byte))).good).toBe(false);
  });

  it("stops inside a chunk when a callback closes it", () => {
    const packets: Uint8Array[] = [];
    const framer = new Framer({
      maxPacketBytes: BOUND,
      onPacket: (packet) => {
        packets.push(packet);
        framer.close();
      },
      onOversized: () => {},
    });
    expect(framer.feed(Uint8Array.of(0xd0, 0, 0xd0, 0))).toBe(true);
    expect(packets).toHaveLength(1);
  });

  it("refuses a bound under which a topic length would not fit", () => {
    expect(() => frame([], 15)).toThrow(RangeError);
  });

  it("takes any bytes without throwing", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 64 }), { maxLength: 8 }), (chunks) => {
        const { packets } = frame(chunks, 16);
        for (const packet of packets) expect(packet.length / 2).toBeLessThanOrEqual(16);
      }),
      fuzz(),
    );
  });
});
