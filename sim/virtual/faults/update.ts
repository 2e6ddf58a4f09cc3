import { BAD_RELEASES, type BadRelease } from "../bad-release";
import { OfferKey, offer, publishOffer } from "../offer";
import type { ServerLie } from "../update-answers";
import type { VirtualWorld } from "../virtual-world";
import { type Fault, RECOVERY_MS, repeating } from "./fault";

const MINUTE_MS = 60_000;
/** Ten minutes of jitter, a download, and a trial that gives up after fifteen. */
const LASTS_MS = 30 * MINUTE_MS;
/** A trial that the end finds at its begin, and the way back from it. */
const TRIAL_MS = 16 * MINUTE_MS;

/** A good release, and the one that is bad. */
const GOOD = 2;
const BAD = 3;

/** An update restarts the board once or twice, and dark, white and blue come by. */
const RESTARTS = ["solid blue", "pulse blue", "pulse white", "solid white", "dark"] as const;

const withdraw = (world: VirtualWorld): void => publishOffer(world, "");

const bad = (how: BadRelease): Fault => ({
  name: `update-${how}`,
  what: `An update comes that is bad: ${BAD_RELEASES[how][0]!.toLowerCase()}${BAD_RELEASES[how].slice(1)}`,
  begin: (world) => void offer(world, BAD, { bad: how }),
  end: withdraw,
  during: RESTARTS,
  lastsMs: LASTS_MS,
  recoveryMs: RECOVERY_MS + TRIAL_MS,
});

const LIES: Partial<Record<ServerLie, string>> = {
  "whole-image": "answers a range with the whole image",
  "other-range": "answers with another range",
  "other-bytes": "sends other bytes than were signed",
  redirect: "sends the device elsewhere",
  chunked: "answers in chunks",
  endless: "never ends its answer",
  short: "ends the connection in the middle of each answer",
  silent: "takes the request and says nothing",
  "404": "does not have the image",
  "503": "asks to come later",
};

const LYING = Object.entries(LIES).map(
  ([lie, what]): Fault => ({
    name: `update-server-${lie}`,
    what: `An update comes, and its server ${what}.`,
    begin: (world) => {
      world.updates.faults.lie = lie as ServerLie;
      offer(world, GOOD);
    },
    end: (world) => {
      delete world.updates.faults.lie;
      withdraw(world);
    },
    during: ["solid blue"],
    lastsMs: LASTS_MS,
  }),
);

/** Something of the server's that slows a good update down or breaks it off, without a lie. */
const hindered = (
  name: string,
  what: string,
  hinder: (world: VirtualWorld) => void,
  free: (world: VirtualWorld) => void,
): Fault => ({
  name,
  what: `An update comes, and ${what}.`,
  begin: (world) => {
    hinder(world);
    offer(world, GOOD);
  },
  end: (world) => {
    free(world);
    withdraw(world);
  },
  during: RESTARTS,
  lastsMs: LASTS_MS,
});

const strangers = new OfferKey();

/** Offers that are none for this device, one every minute. */
const refused = (name: string, what: string, publish: (world: VirtualWorld) => void): Fault => ({
  name,
  what,
  ...repeating(MINUTE_MS, publish, withdraw),
  during: ["solid blue"],
});

/** Faults of updates: releases that are bad, servers that lie, offers that are none, and power that goes meanwhile. */
export const UPDATE_FAULTS: readonly Fault[] = [
  {
    name: "update",
    what: "An update comes, and is good.",
    begin: (world) => void offer(world, GOOD),
    end: withdraw,
    during: RESTARTS,
    lastsMs: LASTS_MS,
  },
  ...(Object.keys(BAD_RELEASES) as BadRelease[]).map(bad),
  ...LYING,
  hindered(
    "update-slow",
    "its server sends one byte a second",
    ({ updates }) => {
      updates.faults.bytesPerSecond = 1;
    },
    ({ updates }) => void delete updates.faults.bytesPerSecond,
  ),
  hindered(
    "update-connection-dies",
    "every connection dies at its tenth record",
    ({ updates }) => {
      updates.faults.diesAtRecord = 10;
    },
    ({ updates }) => void delete updates.faults.diesAtRecord,
  ),
  hindered(
    "update-other-certificate",
    "somebody else answers in its server's place",
    ({ faults }) => {
      faults.webTls = "unknown-ca";
    },
    ({ faults }) => void delete faults.webTls,
  ),
  {
    name: "update-cuts",
    what: "An update comes slowly, and the power goes every 100 s at some byte that is written.",
    ...repeating(
      100_000,
      (world) => {
        if (!world.world.board.on) world.world.powerOn();
        world.updates.faults.bytesPerSecond = 4_000;
        if (world.broker.retained.get(`aerolink/v1/${world.deviceId}/update/offer`) === undefined)
          offer(world, GOOD);
        world.power.cutAfter(world.random.below(200_000));
      },
      (world) => {
        delete world.updates.faults.bytesPerSecond;
        world.power.powerOn();
        world.world.powerOn();
        withdraw(world);
      },
    ),
    during: RESTARTS,
    lastsMs: LASTS_MS,
  },
  {
    name: "update-and-away",
    what: "An update comes, and the line goes as soon as it has been fetched.",
    begin: (world) => {
      offer(world, GOOD);
      const look = (): void => {
        if (world.world.gateway.internet && world.booted?.hash !== undefined)
          world.world.change(({ gateway }) => {
            gateway.internet = false;
          });
      };
      watching.set(world, everySecond(world, look));
    },
    end: (world) => {
      watching.get(world)?.();
      world.world.change(({ gateway }) => {
        gateway.internet = true;
      });
      withdraw(world);
    },
    during: RESTARTS,
    lastsMs: LASTS_MS,
    recoveryMs: RECOVERY_MS + TRIAL_MS,
  },
  refused("offer-noise", "Offers that are nothing come every minute.", (world) =>
    publishOffer(world, world.random.bytes(300)),
  ),
  refused(
    "offer-of-strangers",
    "Offers that somebody else has signed come every minute.",
    (world) => void offer(world, GOOD, { key: strangers }),
  ),
  refused(
    "offer-for-another-board",
    "Offers for another board come every minute.",
    (world) => void offer(world, GOOD, { manifest: { boards: ["esp32/m5atom_lite"] } }),
  ),
  refused(
    "offer-of-old",
    "Offers of the release that runs come every minute.",
    (world) => void offer(world, 1),
  ),
];

const watching = new WeakMap<VirtualWorld, () => void>();

function everySecond(world: VirtualWorld, look: () => void): () => void {
  let timer: unknown;
  const step = (): void => {
    look();
    timer = world.time.set(step, 1_000);
  };
  step();
  return () => world.time.clear(timer);
}
