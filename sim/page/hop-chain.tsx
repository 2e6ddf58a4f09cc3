import { HOPS, type Hop, type HopName, type State } from "../live/protocol";

const NAMES = {
  device: "Device",
  router: "Router",
  internet: "Internet",
  dns: "DNS",
  sntp: "SNTP",
  broker: "Broker",
} as const satisfies Record<HopName, string>;

/** Not by colour alone: a sign and a word each. */
const SIGNS = {
  idle: { sign: "·", word: "not reached" },
  trying: { sign: "…", word: "trying" },
  good: { sign: "✓", word: "good" },
  warning: { sign: "!", word: "missing" },
  failed: { sign: "✗", word: "fails" },
} as const satisfies Record<Hop["state"], { sign: string; word: string }>;

/** The way to the broker, the hop that fails lit, with the firmware's own reason. */
export function HopChain({ state }: { state: State }) {
  const { hops } = state;
  const faults = HOPS.filter((name) => hops[name].state === "failed" || hops[name].state === "warning");
  return (
    <section class="hops" aria-label="The way to the broker">
      <ol>
        {HOPS.map((name) => {
          const hop = hops[name];
          const { sign, word } = SIGNS[hop.state];
          return (
            <li key={name} class={`hop ${hop.state}`} data-hop={name} data-state={hop.state}>
              <span class="sign" aria-hidden="true">
                {sign}
              </span>
              <span class="name">{NAMES[name]}</span> <span class="word">{hop.reason ?? word}</span>
            </li>
          );
        })}
      </ol>
      <p class="says" role="status">
        {faults.length === 0
          ? withoutFault(state)
          : faults.map((name) => (
              <span key={name}>
                <code>{hops[name].reason}</code> {hops[name].says}
              </span>
            ))}
      </p>
    </section>
  );
}

function withoutFault({ device: { on, status }, hops }: State): string {
  if (!on) return "No power: the device says nothing.";
  if (hops.broker.state === "good")
    return HOPS.every((name) => hops[name].state === "good")
      ? "Every hop is good: readings flow."
      : "Readings flow.";
  if (status === "setup") return "Setup mode: the device opens its own Wi-Fi and waits for a phone.";
  return "On the way…";
}
