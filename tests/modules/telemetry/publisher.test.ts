import fc from "fast-check";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { decodeTelemetry } from "../../../cloud/payload/decode-telemetry";
import { silentLogger } from "../../../modules/base/logger";
import { Publisher, type PublishOutcome } from "../../../modules/telemetry/publisher";
import { MemoryJournal } from "../../support/memory-journal";
import { fuzz, LONG } from "../../support/volume";

beforeEach(() => vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] }));
afterEach(() => vi.useRealTimers());

const TOPIC = "aerolink/v1/test/telemetry";

interface Message {
  readonly seqs: number[];
  readonly settle: (outcome: PublishOutcome) => void;
}

/** The broker link: a window of messages that wait for their acknowledgement, kept across connections. */
class FakeLink {
  window = 4;
  readonly waiting: Message[] = [];
  /** What was ever published, in order: the readings of each message. */
  readonly published: number[][] = [];

  /** What each was published with. */
  readonly strikes: (number | undefined)[] = [];

  publish = (
    topic: string,
    payload: Uint8Array,
    settle: Message["settle"],
    strikes: number | undefined,
  ): boolean => {
    if (this.waiting.length >= this.window) return false;
    expect(topic).toBe(TOPIC);
    const seqs = decodeTelemetry(payload).map(({ seq }) => seq);
    this.waiting.push({ seqs, settle });
    this.published.push(seqs);
    this.strikes.push(strikes);
    return true;
  };

  settleOldest(outcome: PublishOutcome = "acknowledged"): void {
    this.waiting.shift()?.settle(outcome);
  }
}

function setUp({ pending = 0, journal = new MemoryJournal() } = {}) {
  const settings = { perBatch: 5, intervalMs: 300_000 };
  const link = new FakeLink();
  const publisher = new Publisher({
    log: silentLogger,
    journal,
    topic: TOPIC,
    publish: link.publish,
    readingsPerBatch: () => settings.perBatch,
    publishIntervalMs: () => settings.intervalMs,
  });
  const append = () =>
    journal.append({ co2: 400 + journal.counts.written }, { boot: 1, uptimeSeconds: journal.counts.written });
  /** Takes readings, one a minute, as the sampler does. */
  const take = (count = 1) => {
    for (let i = 0; i < count; i++) {
      vi.advanceTimersByTime(60_000);
      publisher.readingTaken(append());
    }
  };
  /** Takes readings all at once. */
  const gulp = (count: number) => {
    for (let i = 0; i < count; i++) publisher.readingTaken(append());
  };
  for (let i = 0; i < pending; i++) append();
  return { journal, link, publisher, take, gulp, settings };
}

const range = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, i) => first + i);
/** The broker acknowledges everything, at once, for `ms`. */
function acknowledge(link: FakeLink, ms: number): void {
  for (let passed = 0; passed < ms; passed += 50) {
    while (link.waiting.length > 0) link.settleOldest();
    vi.advanceTimersByTime(50);
  }
}

test("while offline, readings wait in the journal", () => {
  const { link, take, journal } = setUp();
  take(12);
  expect(link.published).toEqual([]);
  expect(journal.counts.pending).toBe(12);
});

test("online, a batch goes at every five readings, and is marked only when acknowledged", () => {
  const { link, publisher, take, journal } = setUp();
  publisher.online();
  take(4);
  expect(link.published).toEqual([]);
  take(1);
  expect(link.published).toEqual([range(1, 5)]);
  expect(journal.counts.acknowledged).toBe(0);
  link.settleOldest();
  expect(journal.counts.acknowledged).toBe(5);
  take(5);
  expect(link.published).toEqual([range(1, 5), range(6, 10)]);
});

test("what readers of the topic have as a dictionary is in no batch of it, and in every batch of another", () => {
  const journal = new MemoryJournal();
  const options = { topic: TOPIC };
  const sent: [string, boolean, number[]][] = [];
  const publisher = new Publisher({
    log: silentLogger,
    journal,
    get topic() {
      return options.topic;
    },
    publish(topic, payload, onSettled) {
      const isPrimed = (payload[1]! & 0x20) !== 0;
      sent.push([topic, isPrimed, decodeTelemetry(payload).map(({ seq }) => seq)]);
      setTimeout(() => onSettled("acknowledged"), 1);
      return true;
    },
    readingsPerBatch: () => 1,
    publishIntervalMs: () => 300_000,
  });
  publisher.online();
  for (const topic of [TOPIC, `${TOPIC}/zd1`, TOPIC]) {
    options.topic = topic;
    publisher.readingTaken(journal.append({ co2: 400 }, { boot: 1, uptimeSeconds: sent.length }));
    vi.advanceTimersByTime(10);
  }
  expect(sent).toEqual([
    [TOPIC, false, [1]],
    [`${TOPIC}/zd1`, true, [2]],
    [TOPIC, false, [3]],
  ]);
  publisher.close();
});

test("a reading waits for others no longer than the publish interval", () => {
  const { link, publisher, take, settings } = setUp();
  publisher.online();
  take(3);
  vi.advanceTimersByTime(300_000 - 120_000 - 1);
  expect(link.published).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(link.published).toEqual([range(1, 3)]);
  settings.intervalMs = 10_000;
  take(1);
  vi.advanceTimersByTime(10_000);
  expect(link.published).toEqual([range(1, 3), [4]]);
});

test("changed settings count from the next reading on", () => {
  const { link, publisher, take, settings } = setUp();
  publisher.online();
  settings.perBatch = 2;
  take(2);
  settings.perBatch = 1;
  take(1);
  expect(link.published).toEqual([range(1, 2), range(3, 3)]);
});

test("back online after a short absence, all that waits goes at once as one batch", () => {
  const { link, publisher, take } = setUp();
  take(3);
  publisher.online();
  expect(link.published).toEqual([range(1, 3)]);
});

test("back online after a long absence, the freshest reading goes at once, then the backlog from its oldest", () => {
  const { link, publisher, take } = setUp();
  take(100);
  publisher.online();
  expect(link.published[0]).toEqual([100]);
  acknowledge(link, 5_000);
  expect(link.published).toEqual([[100], range(1, 30), range(31, 60), range(61, 90), range(91, 99)]);
});

test("the backlog of earlier boots goes even when the sensor is silent", () => {
  const { link, publisher, journal } = setUp({ pending: 40 });
  publisher.online();
  acknowledge(link, 5_000);
  expect(link.published).toEqual([range(1, 30), range(31, 40)]);
  expect(journal.counts.pending).toBe(0);
});

test("a first reading while the backlog of earlier boots is under way counts as fresh", () => {
  const { link, publisher, take, settings } = setUp({ pending: 200 });
  settings.perBatch = 1;
  publisher.online();
  take();
  expect(link.published).toEqual([range(1, 30), range(31, 60), [201]]);
});

test("the backlog keeps at most two batches in flight and a gap between them", () => {
  const { link, publisher, take } = setUp();
  take(200);
  publisher.online();
  expect(link.published).toHaveLength(2);
  link.settleOldest();
  link.settleOldest();
  expect(link.published).toHaveLength(2);
  vi.advanceTimersByTime(250);
  expect(link.published).toHaveLength(3);
  vi.advanceTimersByTime(60_000);
  expect(link.published).toHaveLength(4);
  expect(link.waiting).toHaveLength(2);
});

test("fresh readings overtake a backlog that waits for the broker", () => {
  const { link, publisher, take } = setUp();
  take(300);
  publisher.online();
  vi.advanceTimersByTime(1_000);
  expect(link.waiting).toHaveLength(2);
  take(5);
  expect(link.published.at(-1)).toEqual(range(301, 305));
});

test("what is in flight is not published again by a new connection, and is marked when acknowledged there", () => {
  const { link, publisher, take, journal } = setUp();
  publisher.online();
  take(5);
  publisher.offline();
  take(2);
  publisher.online();
  expect(link.published).toEqual([range(1, 5), [6, 7]]);
  link.settleOldest();
  link.settleOldest();
  expect(journal.counts.pending).toBe(0);
});

test("after a restart, what was not acknowledged is published again", () => {
  const before = setUp();
  before.publisher.online();
  before.take(10);
  before.link.settleOldest();
  before.publisher.close();
  const after = setUp({ journal: before.journal.reopen() });
  after.publisher.online();
  expect(after.link.published).toEqual([range(6, 10)]);
});

test("a batch that the link turned down goes when it drains, with what has come since", () => {
  const { link, publisher, take } = setUp();
  publisher.online();
  link.window = 0;
  take(7);
  expect(link.published).toEqual([]);
  link.window = 4;
  vi.advanceTimersByTime(10_000);
  expect(link.published).toEqual([]);
  publisher.drain();
  expect(link.published).toEqual([range(1, 7)]);
});

test("an acknowledgement makes room too", () => {
  const { link, publisher, take } = setUp();
  publisher.online();
  link.window = 1;
  take(10);
  expect(link.published).toEqual([range(1, 5)]);
  link.settleOldest();
  expect(link.published).toEqual([range(1, 5), range(6, 10)]);
});

test("a batch that the broker refuses is not lost: it goes again in halves after a rest of a minute", () => {
  const { link, publisher, take, journal } = setUp();
  publisher.online();
  take(5);
  link.settleOldest("refused");
  expect(journal.counts.pending).toBe(5);
  vi.advanceTimersByTime(59_999);
  expect(link.published).toHaveLength(1);
  acknowledge(link, 1_000);
  expect(link.published).toEqual([range(1, 5), range(1, 3), [4, 5]]);
  expect(journal.counts.pending).toBe(0);
});

test("a batch that was cut off goes again at once in halves, one at a time, and as suspects", () => {
  const { link, publisher, take, journal } = setUp();
  publisher.online();
  take(5);
  link.settleOldest("cut-off");
  expect(link.published).toEqual([range(1, 5), range(1, 3)]);
  link.settleOldest();
  expect(link.published).toEqual([range(1, 5), range(1, 3), [4, 5]]);
  link.settleOldest();
  expect(link.strikes).toEqual([undefined, 0, 0]);
  expect(journal.counts.pending).toBe(0);
});

test("for an hour after a batch was cut off none is larger than its half", () => {
  const { link, publisher, take } = setUp();
  publisher.online();
  take(5);
  link.settleOldest("cut-off");
  acknowledge(link, 1_000);
  take(5);
  acknowledge(link, 2_000);
  expect(link.published.slice(3).map(({ length }) => length)).toEqual([1, 3, 1]);
  vi.advanceTimersByTime(3_600_000);
  take(5);
  expect(link.published.at(-1)).toEqual(range(11, 15));
});

test("a single reading that is cut off is never marked: others pass it, it is tried again at growing intervals up to ten minutes", () => {
  const { link, publisher, take, journal, settings } = setUp();
  settings.perBatch = 1;
  publisher.online();
  take(1);
  const tries: number[] = [];
  let minutes = 0;
  let passed = 0;
  for (let minute = 0; minute < 60; minute++) {
    take(1);
    minutes++;
    while (link.waiting.length > 0) {
      const poison = link.waiting[0]!.seqs.includes(1);
      if (poison) tries.push(minutes);
      else passed++;
      link.settleOldest(poison ? "cut-off" : "acknowledged");
    }
  }
  expect(passed).toBe(60);
  expect(tries.length).toBeGreaterThanOrEqual(7);
  expect(journal.counts.pending).toBe(1);
  expect(link.strikes.filter((strikes) => strikes === 2)).toHaveLength(tries.length - 1);
});

test("where the broker takes no readings at all the tries grow rare, and nothing is lost", () => {
  const { link, publisher, take, journal } = setUp();
  publisher.online();
  const counts: number[] = [];
  for (let hour = 0; hour < 6; hour++) {
    for (let minute = 0; minute < 60; minute++) {
      take(1);
      while (link.waiting.length > 0) link.settleOldest("cut-off");
    }
    counts.push(link.published.length);
  }
  expect(counts[5]! - counts[4]!).toBeLessThan(60);
  acknowledge(link, 1_300_000);
  expect(journal.counts.pending).toBe(0);
});

test("a batch that is too large for the broker goes again in halves, at once", () => {
  const { link, publisher, take } = setUp();
  take(8);
  publisher.online();
  link.settleOldest("too-large");
  acknowledge(link, 2_000);
  expect(link.published).toEqual([range(1, 8), range(1, 4), range(5, 8)]);
});

test("a single reading that is too large rests like one refused, instead of looping", () => {
  const { link, publisher, take } = setUp();
  take(1);
  publisher.online();
  link.settleOldest("too-large");
  vi.advanceTimersByTime(1_000);
  expect(link.published).toHaveLength(1);
  vi.advanceTimersByTime(60_000);
  expect(link.published).toHaveLength(2);
});

test("a fresh batch that the journal could not mark goes again when the backlog reaches it", () => {
  const { link, publisher, take, journal } = setUp({ journal: new MemoryJournal({ rangeLimit: 0 }) });
  take(40);
  publisher.online();
  acknowledge(link, 5_000);
  expect(link.published).toEqual([[40], range(1, 30), range(31, 40)]);
  expect(journal.counts.pending).toBe(0);
});

test("readings that the full journal dropped are passed over", () => {
  const { link, publisher, take } = setUp({ journal: new MemoryJournal({ capacity: 20 }) });
  take(100);
  publisher.online();
  acknowledge(link, 5_000);
  expect(link.published).toEqual([[100], range(81, 99)]);
});

test("closed, it is silent: no timer, no batch, no mark", () => {
  const { link, publisher, take, journal } = setUp();
  take(100);
  publisher.online();
  publisher.close();
  publisher.close();
  link.settleOldest();
  take(10);
  publisher.drain();
  publisher.online();
  publisher.offline();
  expect(vi.getTimerCount()).toBe(0);
  expect(link.published).toHaveLength(2);
  expect(journal.counts.acknowledged).toBe(0);
});

test("offline, no timer is left", () => {
  const { publisher, take } = setUp();
  take(100);
  publisher.online();
  take(1);
  publisher.offline();
  expect(vi.getTimerCount()).toBe(0);
});

test("offline, a reading starts no timer, and room in the link sends nothing", () => {
  const { link, publisher, gulp } = setUp({ pending: 5 });
  gulp(2);
  expect(vi.getTimerCount()).toBe(0);
  publisher.drain();
  expect(link.published).toEqual([]);
});

test("closed, it leaves no timer at once, and a reading starts none", () => {
  const { publisher, take, gulp } = setUp();
  take(100);
  publisher.online();
  publisher.close();
  expect(vi.getTimerCount()).toBe(0);
  gulp(2);
  expect(vi.getTimerCount()).toBe(0);
});

test.each([
  [30, [range(1, 30)]],
  [31, [[31], range(1, 30)]],
])("of %i readings that wait %j go at once", (count, published) => {
  const { link, publisher, take } = setUp();
  take(count);
  publisher.online();
  expect(link.published).toEqual(published);
});

test("room in a full link does not shorten the gap between two batches of the backlog", () => {
  const { link, publisher, take, gulp } = setUp();
  take(100);
  publisher.online();
  expect(link.published).toHaveLength(2);
  link.window = 2;
  gulp(5);
  vi.advanceTimersByTime(100);
  link.settleOldest();
  expect(link.published.at(-1)).toEqual(range(101, 105));
  link.settleOldest();
  vi.advanceTimersByTime(149);
  expect(link.published).toHaveLength(3);
  vi.advanceTimersByTime(1);
  expect(link.published.at(-1)).toEqual(range(31, 60));
});

test("the second half of what was cut off waits for the first, whatever else goes meanwhile", () => {
  const { link, publisher, gulp } = setUp();
  publisher.online();
  gulp(5);
  link.settleOldest("cut-off");
  gulp(5);
  vi.advanceTimersByTime(10_000);
  expect(link.published.filter((seqs) => seqs.includes(4) || seqs.includes(5))).toEqual([range(1, 5)]);
  link.settleOldest();
  expect(link.published.at(-1)).toEqual([4, 5]);
});

test("what was set aside goes again by itself, without the reading behind it", () => {
  const { link, publisher, gulp } = setUp();
  publisher.online();
  gulp(1);
  publisher.publishNow();
  link.settleOldest("cut-off");
  gulp(1);
  vi.advanceTimersByTime(60_000);
  expect(link.published).toEqual([[1], [1]]);
  link.settleOldest();
  vi.advanceTimersByTime(1_000_000);
  expect(link.published).toEqual([[1], [1], [2]]);
});

test("a single reading that was refused goes again once, and no more when it is taken", () => {
  const { link, publisher, gulp, journal } = setUp();
  publisher.online();
  gulp(1);
  publisher.publishNow();
  link.settleOldest("refused");
  acknowledge(link, 300_000);
  expect(link.published).toEqual([[1], [1]]);
  expect(journal.counts.pending).toBe(0);
});

test("what was set aside and dropped by the full journal since is passed over", () => {
  const { link, publisher, gulp, journal } = setUp({ journal: new MemoryJournal({ capacity: 20 }) });
  publisher.online();
  gulp(5);
  link.settleOldest("refused");
  publisher.offline();
  gulp(40);
  publisher.online();
  acknowledge(link, 200_000);
  expect(
    link.published
      .slice(1)
      .flat()
      .sort((a, b) => a - b),
  ).toEqual(range(26, 45));
  expect(link.published.filter(({ length }) => length === 0)).toEqual([]);
  expect(journal.counts.pending).toBe(0);
});

test("of what was set aside, and is larger than the broker takes by now, the rest waits again", () => {
  const { link, publisher, gulp, journal, settings } = setUp();
  settings.perBatch = 8;
  publisher.online();
  gulp(8);
  link.settleOldest("refused");
  gulp(4);
  publisher.publishNow();
  link.settleOldest("too-large");
  acknowledge(link, 59_000);
  expect(link.published.slice(1)).toEqual([range(9, 12), [9, 10], [11, 12]]);
  acknowledge(link, 5_000);
  expect(link.published.slice(4)).toEqual([
    [1, 2],
    [5, 6],
  ]);
  acknowledge(link, 61_000);
  expect(link.published.slice(6)).toEqual([
    [3, 4],
    [7, 8],
  ]);
  expect(journal.counts.pending).toBe(0);
});

test.each([
  ["a batch that was refused", 5, "refused", [range(6, 10)]],
  ["a single reading that was cut off", 1, "cut-off", [range(2, 6)]],
  ["a batch of two that was cut off", 2, "cut-off", [[3], [4], [5], [6], [7]]],
  ["a batch of four that was cut off", 4, "cut-off", [[5, 6], [7, 8], [9]]],
] as const)("after %s the next five readings go as they may", (_what, count, outcome, published) => {
  const { link, publisher, gulp } = setUp();
  publisher.online();
  gulp(count);
  publisher.publishNow();
  link.settleOldest(outcome);
  acknowledge(link, 1_000);
  const { length } = link.published;
  gulp(5);
  acknowledge(link, 2_000);
  const sorted = link.published.slice(length).sort((a, b) => a[0]! - b[0]!);
  expect(sorted).toEqual(published);
});

test("two readings that are too large together go one by one, at once", () => {
  const { link, publisher, gulp } = setUp();
  publisher.online();
  gulp(2);
  publisher.publishNow();
  link.settleOldest("too-large");
  acknowledge(link, 1_000);
  expect(link.published).toEqual([[1, 2], [1], [2]]);
});

test("a new connection takes batches of any size again: it may be another broker", () => {
  const { link, publisher, gulp } = setUp();
  publisher.online();
  gulp(5);
  link.settleOldest("too-large");
  acknowledge(link, 2_000);
  expect(link.published.slice(1)).toEqual([[1, 2], [3, 4], [5]]);
  publisher.offline();
  publisher.online();
  gulp(5);
  expect(link.published.at(-1)).toEqual(range(6, 10));
});

test("the hour of small batches ends with its last millisecond", () => {
  const { link, publisher, gulp } = setUp();
  publisher.online();
  gulp(4);
  publisher.publishNow();
  link.settleOldest("cut-off");
  acknowledge(link, 1_000);
  vi.advanceTimersByTime(3_600_000 - 1_000 - 1);
  gulp(5);
  expect(link.published.slice(3)).toEqual([[9], [5, 6]]);
  vi.advanceTimersByTime(1);
  gulp(5);
  expect(link.published[5]).toEqual(range(10, 14));
});

test("the readings of a batch that is out are left out of the next one, up to it and from it on", () => {
  const { link, publisher, gulp } = setUp();
  gulp(3);
  publisher.online();
  publisher.offline();
  gulp(3);
  publisher.online();
  publisher.redated();
  expect(link.published).toEqual([range(1, 3), range(4, 6)]);
});

const STEPS = [
  "take",
  "take",
  "online",
  "offline",
  "settle",
  "refuse",
  "shrink",
  "cut off",
  "wait",
  "jam",
  "drain",
  "cut",
] as const;

test("whatever happens, every reading reaches the broker, none twice in flight, the backlog in order", () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.constantFrom(...STEPS), fc.integer({ min: 1, max: 45 })), { maxLength: 60 }),
      (steps) => {
        vi.clearAllTimers();
        let device = setUp();
        const delivered = new Set<number>();
        const setAside = new Set<number>();
        let isOnline = false;
        /** The broker has a message once its acknowledgement is on its way, whether that arrives or not. */
        const settle = (outcome: PublishOutcome) => {
          if (!isOnline) return;
          for (const seq of device.link.waiting[0]?.seqs ?? [])
            (outcome === "acknowledged" ? delivered : setAside).add(seq);
          device.link.settleOldest(outcome);
        };
        const run = {
          take: (n: number) => device.take(n),
          online: () => {
            isOnline = true;
            device.publisher.online();
          },
          offline: () => {
            isOnline = false;
            device.publisher.offline();
          },
          settle: () => settle("acknowledged"),
          refuse: () => settle("refused"),
          shrink: () => settle("too-large"),
          "cut off": () => settle("cut-off"),
          wait: (n: number) => void vi.advanceTimersByTime(n * 100),
          jam: (n: number) => {
            device.link.window = n % 3;
          },
          drain: () => {
            device.link.window = 4;
            device.publisher.drain();
          },
          cut: () => {
            isOnline = false;
            device.publisher.close();
            device = setUp({ journal: device.journal.reopen() });
          },
        } satisfies Record<(typeof STEPS)[number], (n: number) => void>;

        for (const [step, n] of steps) {
          run[step](n);
          const inFlight = device.link.waiting.flatMap(({ seqs }) => seqs);
          expect(new Set(inFlight).size).toBe(inFlight.length);
        }

        run.offline();
        run.online();
        run.drain();
        const backlogFrom = device.link.published.length;
        for (
          let i = 0;
          i < 400 && (device.link.waiting.length > 0 || device.journal.counts.pending > 0);
          i++
        ) {
          run.settle();
          if (i % 4 === 0) vi.advanceTimersByTime(10_000);
        }
        expect(device.journal.counts.pending).toBe(0);
        expect([...delivered].sort((a, b) => a - b)).toEqual(range(1, device.journal.counts.written));
        const { written } = device.journal.counts;
        const backlog = device.link.published
          .slice(backlogFrom)
          .filter((seqs) => seqs.at(-1) !== written && !seqs.some((seq) => setAside.has(seq)));
        const firsts = backlog.map((seqs) => seqs[0]!);
        expect(firsts).toEqual([...firsts].sort((a, b) => a - b));
      },
    ),
    fuzz(LONG ? 20_000 : 400),
  );
});

test("what was delivered with a wrong time goes again with the right one, in flight or acknowledged", () => {
  const { link, publisher, journal } = setUp();
  publisher.online();
  journal.date(1, 1_990_000_000);
  for (let n = 1; n <= 7; n++) {
    const stamp = { boot: 1, uptimeSeconds: n * 60, unixSeconds: 1_990_000_000 + n * 60 };
    publisher.readingTaken(journal.append({ co2: 400 }, stamp));
    if (n === 5) link.settleOldest();
  }
  publisher.publishNow();
  vi.advanceTimersByTime(1_000);
  expect(link.published).toEqual([range(1, 5), [6, 7]]);
  expect(journal.date(1, 1_790_000_000)).toBe(true);
  publisher.redated();
  // Those on their way are the link's until they are settled.
  expect(link.published.at(-1)).toEqual(range(1, 5));
  link.settleOldest();
  vi.advanceTimersByTime(1_000);
  expect(link.published.at(-1)).toEqual([6, 7]);
  expect(journal.counts.pending).toBe(7);
  acknowledge(link, 1_000);
  expect(journal.counts.pending).toBe(0);
  expect(link.published).toHaveLength(4);
});

test("what has another time now waits for the broker", () => {
  const { link, publisher, take, journal } = setUp();
  publisher.online();
  take(5);
  link.settleOldest();
  publisher.offline();
  journal.date(1, 1_790_000_000);
  journal.undate(1, 1);
  journal.date(1, 1_790_000_000);
  publisher.redated();
  expect(link.published).toEqual([range(1, 5)]);
  publisher.online();
  expect(link.published).toEqual([range(1, 5), range(1, 5)]);
});
