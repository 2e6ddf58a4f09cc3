import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { answerSntp } from "../../../sim/world/sntp-server";
import { fuzz } from "../../support/volume";

const NOW = Date.UTC(2026, 5, 15);
const request = (first = 0x23) => {
  const bytes = new Uint8Array(48);
  bytes[0] = first;
  bytes.set([1, 2, 3, 4, 5, 6, 7, 8], 40);
  return bytes;
};

describe("answerSntp", () => {
  it("answers in the client's version, mode server, and brings its timestamp back", () => {
    const reply = answerSntp(request((3 << 3) | 3), NOW)!;
    expect(reply[0]).toBe((3 << 3) | 4);
    expect(reply[1]).toBe(2);
    expect([...reply.subarray(24, 32)]).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    const seconds = new DataView(reply.buffer).getUint32(40);
    expect(seconds - 2_208_988_800).toBe(NOW / 1000);
  });

  it("lies when told to", () => {
    const reply = answerSntp(request(), NOW, { lieMs: -86_400_000 })!;
    expect(new DataView(reply.buffer).getUint32(40) - 2_208_988_800).toBe(NOW / 1000 - 86_400);
  });

  it("stays silent when told to, and to what is no request", () => {
    expect(answerSntp(request(), NOW, { fault: "silent" })).toBeUndefined();
    expect(answerSntp(request(0x24), NOW)).toBeUndefined();
    expect(answerSntp(request().subarray(1), NOW)).toBeUndefined();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        const reply = answerSntp(bytes, NOW);
        if (reply) expect(reply).toHaveLength(48);
      }),
      fuzz(),
    );
  });
});
