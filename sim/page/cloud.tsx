import { useState } from "preact/hooks";
import type { Message, State } from "../live/protocol";
import type { Act } from "./act";
import { Commands } from "./commands";
import { parseObject } from "./parse-object";
import { Plot } from "./plot";
import { QUANTITIES, type QuantityName, shownQuantities } from "./quantities";
import type { Store } from "./store";

/** Messages that are drawn; the newest come first. */
const SHOWN = 30;

/** What the cloud has: readings plotted, the device's word about itself, each message as it came. */
export function Cloud({ store, state, act }: { store: Store; state: State; act: Act }) {
  const [chosen, setQuantity] = useState<QuantityName>("co2");
  const shown = shownQuantities(store.readings);
  const quantity = shown.includes(chosen) ? chosen : (shown[0] ?? chosen);
  const { counts, tls, mode } = state;
  const status = store.messages.findLast(({ topic }) => topic === "status");
  const last = store.readings.at(-1);
  return (
    <section class="place cloud" aria-labelledby="cloud-title">
      <div class="bar">
        <h2 id="cloud-title">The cloud</h2>
        <span class="counts" data-readings={counts.readings} data-missing={counts.missing}>
          {plural(counts.readings, "reading")} · {counts.missing} missing ·{" "}
          {plural(counts.messages, "message")}
        </span>
      </div>
      <p class="secured">
        {tls
          ? `${tls.protocol}, ${tls.cipher}, key of ${tls.clientCertificate}`
          : mode === "virtual"
            ? "The virtual world has no TLS: its messages pass as they are."
            : state.broker === undefined
              ? "Somebody else's broker: its TLS is not seen from here."
              : "No connection of the device."}
      </p>
      <div class="columns">
        <div class="column">
          <Plot readings={store.readings} outages={state.outages} quantity={quantity} />
          <fieldset class="values" aria-label="What the plot shows">
            {shown.map((name) => (
              <button
                key={name}
                type="button"
                aria-pressed={quantity === name}
                onClick={() => setQuantity(name)}
              >
                {QUANTITIES[name].label}
                <span>
                  <b>{last?.values[name] ?? "–"}</b> <small>{QUANTITIES[name].unit}</small>
                </span>
              </button>
            ))}
          </fieldset>
        </div>
        <div class="column">
          {status && (
            <details class="status">
              <summary>
                <b>status</b> {statusInWords(status.text)}
              </summary>
              <code>{status.text}</code>
            </details>
          )}
          <Commands act={act} />
          <ol
            class="messages"
            // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
            tabIndex={0}
            aria-label="Messages, newest first"
          >
            {store.messages
              .slice(-SHOWN)
              .reverse()
              .map((message) => (
                <MessageItem key={message.n} message={message} />
              ))}
          </ol>
        </div>
      </div>
    </section>
  );
}

function plural(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? "" : "s"}`;
}

/** What a person wants to know of a status (docs/protocol.md); the rest opens below it. */
function statusInWords(text: string): string {
  const { online, firmware, boot, clock, network, journal } = (parseObject(text) ?? {}) as {
    online?: boolean;
    firmware?: string;
    boot?: number;
    clock?: string;
    network?: { rssi?: number | null };
    journal?: { dropped: number };
  };
  if (!online) return "away, the broker says in its place";
  const parts = [
    "online",
    `firmware ${firmware}`,
    `boot ${boot}`,
    network?.rssi && `−${-network.rssi} dBm`,
    `clock ${clock}`,
    journal && journal.dropped > 0 && `${journal.dropped} readings lost`,
  ];
  return parts.filter(Boolean).join(" · ");
}

function MessageItem({ message }: { message: Message }) {
  const { unixMs, topic, from, bytes, inflatedBytes, hex, text, readings, fault } = message;
  const size = inflatedBytes === undefined ? `${bytes} bytes` : `${bytes} bytes → ${inflatedBytes}`;
  const first = readings?.[0]?.seq;
  const last = readings?.at(-1)?.seq;
  return (
    <li>
      <details>
        <summary>
          <time>{new Date(unixMs).toLocaleTimeString()}</time>{" "}
          <b>{from === "cloud" ? `↓ ${topic}` : topic}</b> {size}
          {first !== undefined && ` · #${first === last ? first : `${first}–${last}`}`}
        </summary>
        {fault && <p class="fault">{fault}</p>}
        <p>
          as it came <code>{hex}</code>
          {bytes * 2 > hex.length && "…"}
        </p>
        <p>
          {inflatedBytes === undefined ? "text" : "inflated"} <code>{text}</code>
        </p>
        {readings && (
          <p>
            decoded <code>{JSON.stringify(readings)}</code>
          </p>
        )}
      </details>
    </li>
  );
}
