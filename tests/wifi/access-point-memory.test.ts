import { describe, expect, it } from "vitest";
import { AccessPointMemory, type Misdeed } from "../../wifi/access-point-memory";

const A = "02:00:00:00:00:01";
const B = "02:00:00:00:00:02";
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

describe("What access points did", () => {
  it.each<[Misdeed, number]>([
    ["unknown", 2],
    ["timeout", 5],
    ["rejected", 10],
    ["wrong-password", 10],
    ["unsupported-security", 10],
    ["no-address", 10],
    ["flapped", 10],
    ["weak", 10],
    ["no-internet", 10],
  ])("is held against them for a while, and forgotten: %s, %i min", (what, minutes) => {
    const memory = new AccessPointMemory();
    memory.note(A, what, 1_000);
    expect(memory.heldSince(A, minutes * MINUTE + 999)).toBe(1_000);
    expect(memory.heldSince(A, minutes * MINUTE + 1_000)).toBeUndefined();
    expect(memory.heldSince(B, 1_000)).toBeUndefined();
  });

  it.each<Misdeed>(["not-found", "captive-portal"])("is nothing to hold against them: %s", (what) => {
    const memory = new AccessPointMemory();
    memory.note(A, what, 0);
    expect(memory.heldSince(A, 0)).toBeUndefined();
  });

  it("is held twice as long each time again, up to eight times", () => {
    const memory = new AccessPointMemory();
    let atMs = 0;
    for (const minutes of [10, 20, 40, 80, 80, 80]) {
      memory.note(A, "no-internet", atMs);
      expect(memory.heldSince(A, atMs + minutes * MINUTE - 1)).toBe(atMs);
      expect(memory.heldSince(A, atMs + minutes * MINUTE)).toBeUndefined();
      atMs += minutes * MINUTE;
    }
    // Long enough good, it begins anew.
    atMs += 2 * HOUR;
    memory.note(A, "no-internet", atMs);
    expect(memory.heldSince(A, atMs + 10 * MINUTE)).toBeUndefined();
  });

  it("is the last that each did", () => {
    const memory = new AccessPointMemory();
    memory.note(A, "rejected", 0);
    memory.note(A, "unknown", 10);
    expect(memory.heldSince(A, 10 + 2 * MINUTE)).toBeUndefined();
  });

  it("is forgiven when they lead to the cloud, but for how they serve", () => {
    const memory = new AccessPointMemory();
    memory.note(A, "no-address", 0);
    memory.note(B, "flapped", 0);
    memory.forgive(A);
    memory.forgive(B);
    expect([memory.heldSince(A, 1), memory.heldSince(B, 1)]).toEqual([undefined, 0]);
  });

  it("is known of eight at most", () => {
    const memory = new AccessPointMemory();
    const name = (i: number): string => `02:00:00:00:00:${i.toString(16).padStart(2, "0")}`;
    for (let i = 0; i < 100; i++) memory.note(name(i), "rejected", i);
    const known = Array.from({ length: 100 }, (_, i) => i).filter(
      (i) => memory.heldSince(name(i), 100) !== undefined,
    );
    expect(known).toEqual([92, 93, 94, 95, 96, 97, 98, 99]);
  });
});
