import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { silentLogger } from "../../../modules/base/logger";
import { formatTrial } from "../../../modules/update/trial/trial";
import { Updates } from "../../../modules/update/updates";
import type { UpdatesOptions } from "../../../modules/update/updates-options";
import { nodeSignatures } from "../../../sim/device/node-signatures";
import { MemorySlots, sampleImage } from "../../support/memory-slots";
import { ScriptedStream } from "../../support/scripted-stream";
import { makeSigner, manifestOf, signJws } from "../../support/signed-release";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const signer = makeSigner();
const IMAGE = sampleImage(9_000);

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "performance"] });
});
afterEach(() => void vi.useRealTimers());
const pass = (ms: number) => vi.advanceTimersByTime(ms);

class Rig {
  readonly slots = new MemorySlots();
  readonly values: Record<string, string | number> = {
    updateTrial: "",
    updateAttempts: "",
    confirmedRelease: 9,
    releaseFloor: 0,
  };
  readonly calls: string[] = [];
  readonly streams: ScriptedStream[] = [];
  /** What the server has; `undefined`: it answers 404. */
  image: Uint8Array | undefined = IMAGE;
  heap: number | undefined;
  busy: ReturnType<UpdatesOptions["busy"]>;
  setting = "automatic";
  stores = true;
  updates!: Updates;

  constructor() {
    this.boot();
  }

  boot(release = 9, resetReason = "power-on"): void {
    const bootedAt = performance.now();
    const options: UpdatesOptions = {
      slots: this.slots,
      signatures: nodeSignatures,
      release,
      firmwareVersion: "0.2.0",
      boardId: "simulator",
      updateKeys: [signer.publicKey],
      memory: {
        get: (key: string) => this.values[key] as never,
        set: (key, value) => {
          if (this.stores) this.values[key] = value;
          return { ok: this.stores };
        },
      },
      resetReason,
      setting: () => this.setting,
      uptimeMs: () => performance.now() - bootedAt,
      unixMs: () => 1_785_000_000_000,
      syncedUnixMs: () => 1_785_000_000_000,
      evidence: (unixMs) => this.calls.push(`evidence ${unixMs}`),
      random: () => 0.5,
      inSetup: () => this.busy === "setup",
      busy: () => this.busy,
      freeHeap: () => this.heap,
      holdLink: (holds) => this.calls.push(holds ? "hold" : "release"),
      host: () => "broker.example",
      openTls: (callbacks) => this.serve(new ScriptedStream(callbacks)),
      lastCrash: () => undefined,
      restart: (reason) => this.calls.push(`restart: ${reason}`),
      onState: () => {},
      onTrial: () => this.updates.trialMoved(),
      log: silentLogger,
    };
    this.updates = new Updates(options);
  }

  /** A server that answers each request at once. */
  serve(stream: ScriptedStream): ScriptedStream {
    this.streams.push(stream);
    stream.accept();
    const { write } = stream;
    stream.write = (bytes) => {
      write.call(stream, bytes);
      const [, from, to] = /bytes=(\d+)-(\d+)/.exec(stream.written.at(-1)!)!.map(Number);
      if (!this.image) return stream.deliver("HTTP/1.1 404 Not Found\r\n\r\n");
      const body = this.image.subarray(from, to! + 1);
      stream.deliver(
        `HTTP/1.1 206 Partial Content\r\nContent-Range: bytes ${from}-${to}/${IMAGE.length}\r\nContent-Length: ${to! - from! + 1}\r\n\r\n`,
      );
      stream.deliver(body);
    };
    return stream;
  }

  offer(changes: Record<string, unknown> = {}): void {
    this.updates.take(new TextEncoder().encode(signJws(signer, JSON.stringify(manifestOf(IMAGE, changes)))));
  }

  get state(): string {
    const { state, reason, wait } = this.updates.report;
    return [state, reason, wait].filter(Boolean).join(" ");
  }
}

test("Before an offer nothing runs", () => {
  const rig = new Rig();
  expect(rig.state).toBe("idle");
  expect(vi.getTimerCount()).toBe(0);
});

test("An offer is fetched after its jitter, written down as a trial, and started", () => {
  const rig = new Rig();
  rig.offer();
  expect(rig.state).toBe("waiting jitter");
  expect(rig.calls).toEqual(["evidence 1780000000000"]);
  pass(5 * MINUTE_MS - 3_000);
  expect(rig.streams).toHaveLength(0);
  pass(10_000);
  expect(rig.slots.calls).toContain("activate");
  expect(rig.values.updateTrial).toBe(
    formatTrial({
      state: "running",
      release: 12,
      image: (manifestOf(IMAGE).sha256 as string).slice(0, 8),
      from: 9,
      floor: 1,
      trials: 1,
      failures: 0,
    }),
  );
  expect(rig.calls.at(-1)).toBe("restart: release 12 on trial");
  expect(rig.streams).toHaveLength(1);
  expect(rig.streams[0]!.isOpen).toBe(false);
});

test("With little memory the connection to the broker makes room, and comes back when the image is there or does not come", () => {
  const rig = new Rig();
  rig.heap = 65_535;
  rig.image = undefined;
  rig.offer();
  pass(5 * MINUTE_MS);
  expect(rig.calls.slice(1)).toEqual(["hold"]);
  expect(rig.streams).toHaveLength(0);
  rig.busy = "offline";
  pass(4_000);
  expect(rig.streams).toHaveLength(1);
  expect(rig.state).toBe("waiting not-found offline");
  expect(rig.calls.slice(1)).toEqual(["hold", "release"]);
  rig.busy = undefined;
  rig.image = IMAGE;
  pass(16 * MINUTE_MS);
  expect(rig.calls.slice(3, 5)).toEqual(["hold", "release"]);
  expect(rig.calls.at(-1)).toBe("restart: release 12 on trial");
});

test("With enough memory the broker stays", () => {
  const rig = new Rig();
  rig.heap = 65_536;
  rig.offer();
  pass(6 * MINUTE_MS);
  expect(rig.calls).not.toContain("hold");
});

test("A download that ends while the broker is away has not failed; five that fail with the broker there are enough", () => {
  const rig = new Rig();
  rig.image = undefined;
  rig.offer();
  for (let i = 0; i < 10; i++) {
    pass(15 * MINUTE_MS);
    if (rig.streams.length > 0) break;
  }
  pass(24 * HOUR_MS);
  pass(48 * HOUR_MS);
  pass(10 * 24 * HOUR_MS);
  expect(rig.streams).toHaveLength(5);
  expect(rig.state).toBe("failed not-found");
  expect(vi.getTimerCount()).toBe(0);
  rig.image = IMAGE;
  expect(rig.updates.update(12)).toBeUndefined();
  pass(10_000);
  expect(rig.calls.at(-1)).toBe("restart: release 12 on trial");
});

test("After a restart the five downloads are not forgotten", () => {
  const rig = new Rig();
  rig.image = undefined;
  rig.offer();
  pass(20 * 24 * HOUR_MS);
  rig.boot();
  rig.offer();
  expect(rig.state).toBe("failed attempts");
  pass(HOUR_MS);
  expect(rig.streams).toHaveLength(5);
});

test("The same offer again does not begin its jitter anew", () => {
  const rig = new Rig();
  for (let i = 0; i < 10; i++) {
    rig.offer();
    pass(MINUTE_MS);
  }
  expect(rig.calls.at(-1)).toMatch(/^restart/);
});

test("Another offer takes the place of one that is being fetched", () => {
  const rig = new Rig();
  rig.offer();
  pass(5 * MINUTE_MS);
  rig.offer({ release: 13, sha256: "0".repeat(64) });
  expect(rig.updates.report).toMatchObject({ state: "waiting", release: 13, progress: 0 });
  expect(rig.streams.every(({ isOpen }) => !isOpen)).toBe(true);
});

test("What NVS refuses keeps the old image, and is tried again", () => {
  const rig = new Rig();
  rig.offer();
  rig.stores = false;
  pass(6 * MINUTE_MS);
  expect(rig.slots.calls).not.toContain("activate");
  expect(rig.state).toBe("waiting storage pause");
  rig.stores = true;
  pass(20 * MINUTE_MS);
  expect(rig.slots.calls).toContain("activate");
});

test.each(["bad-image", "flash"] as const)(
  "An image that the chip does not start (%s) leaves no trial behind",
  (why) => {
    const rig = new Rig();
    rig.slots.activation = why;
    rig.offer();
    pass(6 * MINUTE_MS);
    expect(rig.state).toBe(`waiting ${why} pause`);
    expect(rig.values.updateTrial).toBe("");
  },
);

test("A device with one slot takes no offer, and says so", () => {
  const rig = new Rig();
  Object.assign(rig, { slots: undefined });
  rig.boot();
  rig.offer();
  expect(rig.state).toBe("failed one-slot");
  expect(rig.updates.bootPrevious()).toBe("no-previous");
});

test("What is offered during a trial waits for its end, and an image that runs is no news", () => {
  const rig = new Rig();
  const trial = {
    state: "running",
    release: 12,
    image: "a",
    from: 9,
    floor: 1,
    trials: 1,
    failures: 0,
  } as const;
  rig.values.updateTrial = formatTrial(trial);
  rig.slots.running = "pending";
  rig.boot(12, "restart");
  rig.offer({ release: 13 });
  expect(rig.state).toBe("trial");
  rig.updates.sessionUp();
  rig.updates.statusTold();
  pass(70_000);
  expect(rig.updates.report).toMatchObject({ state: "waiting", release: 13, confirmed: 12 });
  rig.boot(12);
  rig.offer();
  expect(rig.updates.report).toMatchObject({ state: "confirmed", release: 12, running: 12 });
});

test("An image that was rolled back is not fetched again, unless a person asks", () => {
  const rig = new Rig();
  const image = (manifestOf(IMAGE).sha256 as string).slice(0, 8);
  rig.values.updateTrial = formatTrial({
    state: "rolled-back",
    reason: "crashed",
    release: 12,
    image,
    from: 9,
    floor: 1,
    trials: 1,
    failures: 0,
  });
  rig.boot();
  rig.offer();
  pass(HOUR_MS);
  expect(rig.state).toBe("rolled-back crashed");
  expect(rig.streams).toHaveLength(0);
  expect(rig.updates.update(12)).toBeUndefined();
  pass(10_000);
  expect(rig.calls.at(-1)).toMatch(/^restart/);
});
