import Timer from "timer";
import { crc32 } from "../../modules/base/crc32";
import { silentLogger } from "../../modules/base/logger";
import { FlashJournal } from "../../modules/journal/flash-journal";
import { formatBatch } from "../../modules/telemetry/batch";
import { Publisher, type PublishOutcome } from "../../modules/telemetry/publisher";
import type { Reading } from "../../modules/telemetry/reading";
import { zlibEncode } from "../../modules/telemetry/zlib-encoder";
import { RamFlash, SECTOR_BYTES } from "./ram-flash";
import { append, blockOf, reading } from "./sample-readings";
import type { Check, Tests } from "./tests";

const EPOCH = "cafe0001";
const SECTORS = 12;
/** Of a test's backlog, so that it does not wait for long. */
const GAP_MS = 5;

/** From the flash journal to a broker that is a script, over restarts, on the engine that it runs on. */
export default function publisher({ later }: Tests): void {
  later(
    "after a restart the backlog goes in order, is marked batch by batch, and stays away",
    (check, done) => {
      const cells = filled(70);
      const { journal, publisher, sent } = start(check, cells, {
        acknowledge: () => {
          if (journal.counts.pending > 0) return;
          check.equal(sent, [batch(1, 30), batch(31, 60), batch(61, 70)]);
          const { acknowledged, pending } = open(cells).counts;
          check.equal([acknowledged, pending], [70, 0]);
          check.equal(open(cells).read(1, 10), []);
          done();
        },
      });
      publisher.online();
    },
  );

  later("a fresh reading goes before the backlog, and none goes twice", (check, done) => {
    const { journal, publisher, sent } = start(check, filled(70), {
      acknowledge: () => {
        if (journal.counts.pending > 0) return;
        check.equal(sent, [batch(71, 71), batch(1, 30), batch(31, 60), batch(61, 70)]);
        done();
      },
    });
    publisher.readingTaken(append(journal, 71));
    publisher.online();
  });

  later("what was published and not acknowledged when the power went is published again", (check, done) => {
    const cells = filled(10);
    const first = start(check, cells, {});
    first.publisher.online();
    check.equal(first.sent, [batch(1, 10)]);
    first.publisher.close();
    const second = start(check, cells, {
      acknowledge: () => {
        check.equal(second.sent, first.sent);
        check.equal(open(cells).counts.pending, 0);
        done();
      },
    });
    second.publisher.online();
  });

  later("a power cut at any byte of a mark loses nothing: the batch stays or is gone", (check, done) => {
    const before = filled(10);
    const outcomes = { again: 0, gone: 0 };
    const cutAt = (bytes: number): void => {
      const flash = new RamFlash(before.slice());
      flash.cutAt = bytes;
      let outcome: ((outcome: PublishOutcome) => void) | undefined;
      const { publisher } = start(check, flash, {
        take: (onSettled) => {
          outcome = onSettled;
        },
      });
      publisher.online();
      let whole = true;
      try {
        outcome?.("acknowledged");
      } catch {
        whole = false;
      }
      publisher.close();
      const { pending, written } = open(flash.cells).counts;
      check.equal(written, 10);
      if (pending === 10) outcomes.again++;
      else if (pending === 0) outcomes.gone++;
      else check.fail(`${pending} of 10 wait after a cut at byte ${bytes}`);
      if (!whole && bytes < 100) return cutAt(bytes + 1);
      check.equal(pending, 0, "a whole mark");
      check.ok(outcomes.again > 5, "cuts in the middle of a mark");
      done();
    };
    cutAt(0);
  });
}

const open = (cells: Uint8Array | RamFlash): FlashJournal =>
  new FlashJournal({
    flash: cells instanceof RamFlash ? cells : new RamFlash(cells),
    newEpoch: () => Number.parseInt(EPOCH, 16),
  });

/** A partition that a device with `count` readings has left. */
function filled(count: number): Uint8Array {
  const cells = new Uint8Array(SECTORS * SECTOR_BYTES).fill(0xff);
  const journal = open(cells);
  for (let seq = 1; seq <= count; seq++) append(journal, seq);
  return cells;
}

const digest = (payload: Uint8Array): string => `${payload.length} bytes, ${crc32(payload)}`;

/** The payload of the readings `first` to `last`. */
function batch(first: number, last: number): string {
  const readings: Reading[] = [];
  for (let seq = first; seq <= last; seq++) readings.push(reading(seq));
  return digest(zlibEncode(formatBatch(blockOf(readings), EPOCH).json));
}

interface Script {
  /** A batch arrived; instead of an acknowledgement. */
  take?(onSettled: (outcome: PublishOutcome) => void): void;
  /** A batch was acknowledged. */
  acknowledge?(): void;
}

/** A boot: journal and publisher over `cells`, and a broker that acknowledges a little later, if at all. */
function start(check: Check, cells: Uint8Array | RamFlash, { take, acknowledge }: Script) {
  const journal = open(cells);
  const sent: string[] = [];
  const publisher = new Publisher({
    log: silentLogger,
    journal,
    topic: "t",
    publish: (_topic, payload, onSettled) => {
      sent.push(digest(payload));
      take?.(onSettled);
      if (acknowledge)
        Timer.set(() => {
          onSettled("acknowledged");
          acknowledge();
        }, 2);
      return true;
    },
    readingsPerBatch: () => 5,
    publishIntervalMs: () => 60_000,
    backlogGapMs: GAP_MS,
  });
  check.cleanup(() => publisher.close());
  return { journal, publisher, sent };
}
