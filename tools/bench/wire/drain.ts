import { silentLogger } from "../../../modules/base/logger";
import { FlashJournal } from "../../../modules/journal/flash-journal";
import { formatBatch } from "../../../modules/telemetry/batch";
import { Publisher } from "../../../modules/telemetry/publisher";
import type { Reading } from "../../../modules/telemetry/reading";
import { zlibEncode } from "../../../modules/telemetry/zlib-encoder";
import { NorFlash } from "../../../sim/device/nor-flash";
import { PARTITIONS } from "../../../sim/device/storage";
import { Flash } from "../../../sim/sdk/flash";
import { blockOf } from "../../../tests/xs/sample-readings";
import type { CountedBroker } from "./counted-broker";
import { openMqttJs, openSession } from "./on-the-wire";

/** Readings of the publisher's full batch. */
const FULL_BATCH = 30;

const perSecond = (count: number, startedAt: number): number =>
  count / ((performance.now() - startedAt) / 1_000);

/** Readings a second out of the flash journal to the broker, acknowledged and marked. */
export async function drainJournal(
  broker: CountedBroker,
  readings: readonly Reading[],
  backlogGapMs?: number,
): Promise<number> {
  const chip = new NorFlash(PARTITIONS.journal);
  const journal = new FlashJournal({ flash: new Flash(chip), newEpoch: () => 0x5c0ffee1 });
  for (const { boot, uptimeSeconds, unixSeconds, values } of readings)
    journal.append(values, { boot, uptimeSeconds, ...(unixSeconds !== undefined && { unixSeconds }) });
  const session = await openSession(broker);
  const startedAt = performance.now();
  const rate = await new Promise<number>((resolve) => {
    const publisher = new Publisher({
      log: silentLogger,
      journal,
      topic: `aerolink/v1/${broker.deviceId}/telemetry`,
      publish: (topic, payload, onSettled) =>
        session.publish({ topic, payload, qos: 1 }, (outcome) => {
          onSettled(outcome);
          if (journal.counts.pending > 0) return;
          publisher.close();
          resolve(perSecond(readings.length, startedAt));
        }),
      readingsPerBatch: () => 5,
      publishIntervalMs: () => 300_000,
      ...(backlogGapMs !== undefined && { backlogGapMs }),
    });
    publisher.readingTaken(readings.length);
    publisher.online();
  });
  session.close();
  return rate;
}

/** Readings a second when MQTT.js publishes the same payloads, made before, with so many of them in flight. */
export async function drainMqttJs(
  broker: CountedBroker,
  readings: readonly Reading[],
  inFlight: number,
): Promise<number> {
  const payloads: Buffer[] = [];
  for (let from = 0; from < readings.length; from += FULL_BATCH) {
    const { json } = formatBatch(blockOf(readings.slice(from, from + FULL_BATCH)), "5c0ffee1");
    payloads.push(Buffer.from(zlibEncode(json)));
  }
  const client = await openMqttJs(broker);
  const startedAt = performance.now();
  const topic = `aerolink/v1/${broker.deviceId}/telemetry`;
  const publishRest = async (): Promise<void> => {
    for (let payload = payloads.pop(); payload; payload = payloads.pop())
      await client.publishAsync(topic, payload, { qos: 1 });
  };
  await Promise.all(Array.from({ length: inFlight }, publishRest));
  const rate = perSecond(readings.length, startedAt);
  await client.endAsync(true);
  return rate;
}
