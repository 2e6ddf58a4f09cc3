import { isTelemetry } from "../../../cloud/payload/decode-telemetry";
import type { BrokerStep } from "../virtual-broker";
import type { VirtualWorld } from "../virtual-world";
import { atReconnect, type Fault, repeating } from "./fault";

/** Steps at which a connection is struck, and whether the device gets that far and believes itself connected. */
const STEPS: Record<BrokerStep, { at: string; comesUp: boolean }> = {
  open: { at: "at its opening", comesUp: false },
  connect: { at: "at CONNECT", comesUp: false },
  connack: { at: "before CONNACK", comesUp: false },
  subscribe: { at: "at SUBSCRIBE", comesUp: true },
  suback: { at: "before SUBACK", comesUp: true },
  publish: { at: "at PUBLISH", comesUp: true },
  puback: { at: "before PUBACK", comesUp: true },
  pingreq: { at: "at PINGREQ", comesUp: true },
};

const strike = (at: BrokerStep, by: "reset" | "black-hole"): Fault => ({
  name: `${by}-${at}`,
  what: `TCP ${by === "reset" ? "is reset" : "goes into a black hole"} ${STEPS[at].at}.`,
  // A session that is there has been subscribed to already.
  begin: (world) => {
    world.broker.faults.strike = { at, by };
    world.broker.crash({ forget: at === "subscribe" || at === "suback" });
  },
  end: ({ broker }) => void delete broker.faults.strike,
  during: STEPS[at].comesUp ? ["pulse blue", "solid blue"] : ["pulse blue"],
  // The broker's TCP is behind a stand-in that has taken the opening.
  ...(STEPS[at].comesUp || at === "open" ? {} : { verdict: "broker-down" }),
});

const STRIKES = (Object.keys(STEPS) as BrokerStep[]).flatMap((at) => [
  strike(at, "reset"),
  strike(at, "black-hole"),
]);

const REFUSALS = ([1, 2, 3, 4, 5] as const).map(
  (code): Fault => ({
    name: `connack-${code}`,
    what: `The broker refuses with CONNACK ${code}.`,
    begin: atReconnect(({ broker }) => {
      broker.faults.refuse = code;
    }),
    end: ({ broker }) => void delete broker.faults.refuse,
    during: ["pulse blue"],
  }),
);

/** A command far above the 4 KB that the device reads. */
const poison = new Uint8Array(20_000).fill(0x20);

const sendCommand = ({ broker }: VirtualWorld, payload: Uint8Array): void => {
  for (const topic of broker.subscribedTopics) if (topic.endsWith("/command")) broker.publish(topic, payload);
};

/** A broker that ends the connection over a message, as AWS and RabbitMQ do over what they do not permit. */
const poisons: readonly [
  name: string,
  what: string,
  isOver: (topic: string, payload?: Uint8Array) => boolean,
][] = [
  ["poison-status", "the status", (topic, payload) => topic.endsWith("/status") && payload !== undefined],
  ["poison-reported", "the report of the configuration", (topic) => topic.endsWith("/config/reported")],
  [
    "poison-size",
    "messages above 100 bytes",
    (_topic, payload) => payload !== undefined && payload.length > 100,
  ],
  ["poison-telemetry", "every reading", (topic) => isTelemetry(topic)],
  [
    "poison-subscription",
    "the subscription to commands",
    (topic, payload) => topic.endsWith("/command") && payload === undefined,
  ],
];

const POISONS = poisons.map(
  ([name, what, isOver]): Fault => ({
    name,
    what: `The broker ends the connection over ${what}.`,
    begin: atReconnect(({ broker }) => {
      broker.faults.closesOver = isOver;
    }),
    end: ({ broker }) => void delete broker.faults.closesOver,
    during: ["solid blue", "pulse blue"],
  }),
);

/** The switch of Home Assistant's messages, from the cloud; `version` counts up. */
function announce({ broker }: VirtualWorld, homeAssistant: boolean, version: number): void {
  const desired = new TextEncoder().encode(JSON.stringify({ version, settings: { homeAssistant } }));
  for (const topic of new Set(broker.subscribedTopics))
    if (topic.endsWith("/config/desired")) broker.publish(topic, desired, { retain: true });
}

const OFFLINE = new TextEncoder().encode('{"v":1,"online":false}');

/** Faults of the broker and of what it sends. */
export const BROKER_FAULTS: readonly Fault[] = [
  ...STRIKES,
  ...REFUSALS,
  ...POISONS,
  {
    name: "poison-announcement",
    what: "Home Assistant's messages are switched on, and the broker ends the connection over them.",
    begin: (world) => {
      world.broker.faults.closesOver = (topic) => topic.startsWith("homeassistant/");
      announce(world, true, 1);
    },
    end: (world) => {
      delete world.broker.faults.closesOver;
      announce(world, false, 2);
    },
    during: ["solid blue", "pulse blue"],
  },
  {
    name: "broker-down",
    what: "The broker is down.",
    begin: atReconnect(({ broker }) => {
      broker.faults.down = true;
    }),
    end: ({ broker }) => void delete broker.faults.down,
    during: ["pulse blue"],
    verdict: "broker-down",
  },
  {
    name: "puback-lost",
    what: "The broker never acknowledges one telemetry message, and all others.",
    begin: ({ broker }) => {
      let first: string | undefined;
      broker.faults.swallows = (topic, payload) => {
        if (!isTelemetry(topic)) return false;
        const text = Buffer.from(payload).toString("latin1");
        first ??= text;
        return text === first;
      };
    },
    end: ({ broker }) => {
      delete broker.faults.swallows;
      broker.crash();
    },
    during: ["solid blue", "pulse blue"],
  },
  {
    name: "poison-silence",
    what: "After the report of the configuration the broker answers no message on that connection.",
    begin: atReconnect(({ broker }) => {
      broker.faults.silencedBy = (topic) => topic.endsWith("/config/reported");
    }),
    end: ({ broker }) => {
      delete broker.faults.silencedBy;
      broker.crash();
    },
    during: ["solid blue", "pulse blue"],
  },
  {
    name: "subscription-refused",
    what: "The broker refuses every subscription.",
    begin: atReconnect(({ broker }) => {
      broker.faults.grantsNot = () => true;
    }),
    end: ({ broker }) => void delete broker.faults.grantsNot,
    during: ["solid blue"],
  },
  {
    name: "subscriptions-forgotten",
    what: "The broker restarts every 60 s, and has the session without its subscriptions.",
    ...repeating(
      60_000,
      ({ broker }) => {
        broker.faults.forgetsSubscriptions = true;
        broker.crash();
      },
      ({ broker }) => void delete broker.faults.forgetsSubscriptions,
    ),
    during: ["solid blue", "pulse blue"],
  },
  {
    name: "late-will",
    what: "Every 40 s a will of long ago comes and says that the device is offline.",
    ...repeating(40_000, ({ broker }) => {
      for (const topic of broker.subscribedTopics)
        if (topic.endsWith("/status")) broker.publish(topic, OFFLINE, { retain: true });
    }),
    during: ["solid blue"],
  },
  {
    name: "broker-mute",
    what: "The broker takes everything and says nothing.",
    begin: ({ broker }) => {
      broker.faults.mute = "everything";
    },
    end: ({ broker }) => void delete broker.faults.mute,
    during: ["pulse blue"],
  },
  {
    name: "puback-withheld",
    what: "The broker lives and acknowledges no PUBLISH.",
    begin: ({ broker }) => {
      broker.faults.mute = "puback";
    },
    // What a broker that is alive never answered is sent again on a new connection only [MQTT-4.4.0-1].
    end: ({ broker }) => {
      delete broker.faults.mute;
      broker.crash();
    },
    during: ["solid blue"],
  },
  {
    name: "puback-twice",
    what: "Every PUBACK comes twice.",
    begin: ({ broker }) => {
      broker.faults.duplicatePuback = true;
    },
    end: ({ broker }) => void delete broker.faults.duplicatePuback,
    during: ["solid blue"],
  },
  {
    name: "broker-restarts",
    what: "The broker restarts every 45 s.",
    ...repeating(45_000, ({ broker }) => broker.crash()),
    during: ["solid blue", "pulse blue"],
  },
  {
    name: "session-lost",
    what: "The broker restarts every 70 s and has forgotten the session.",
    ...repeating(70_000, ({ broker }) => broker.crash({ forget: true })),
    during: ["solid blue", "pulse blue"],
  },
  {
    name: "oversized-command",
    what: "A command of 20 KB comes every 30 s.",
    ...repeating(30_000, (world) => sendCommand(world, poison)),
    during: ["solid blue"],
  },
  {
    name: "command-noise",
    what: "Commands that are no JSON come every 10 s.",
    ...repeating(10_000, (world) => sendCommand(world, world.random.bytes(100))),
    during: ["solid blue"],
  },
  {
    name: "endless-packet",
    what: "The broker sends the header of a packet that never ends, every 100 s.",
    // A PUBACK of 3,000 bytes.
    ...repeating(100_000, ({ broker }) => broker.inject(Uint8Array.of(0x40, 0xb8, 0x17))),
    during: ["solid blue", "pulse blue"],
  },
  {
    name: "broker-noise",
    what: "The broker sends bytes that are no MQTT every 50 s.",
    ...repeating(50_000, ({ broker, random }) =>
      broker.inject(Uint8Array.from([0xf0, 0xff, ...random.bytes(30)])),
    ),
    during: ["solid blue", "pulse blue"],
  },
];
