import type { State } from "../live/protocol";
import type { Act } from "./act";
import { parseObject } from "./parse-object";
import { Plot } from "./plot/plot";
import { type QuantityName, shownQuantities } from "./quantities";
import type { Store } from "./store";
import { Values } from "./values";

/** What the cloud has: readings plotted, and the device's word about itself. */
export function Cloud({
  store,
  state,
  chosen,
  choose,
  act,
}: {
  store: Store;
  state: State;
  chosen: QuantityName;
  choose: (quantity: QuantityName) => void;
  act: Act;
}) {
  const shown = shownQuantities(store.readings);
  const quantity = shown.includes(chosen) ? chosen : (shown[0] ?? chosen);
  const { counts, tls, mode } = state;
  const status = store.messages.findLast(({ topic }) => topic === "status");
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
      {state.cloudPage && (
        <p>
          <a
            href={`${state.cloudPage}#/device/${encodeURIComponent(state.device.id)}`}
            target="_blank"
            rel="noreferrer"
            data-do="cloud-page"
          >
            History on the cloud's page
          </a>
        </p>
      )}
      <Plot readings={store.readings} outages={state.outages} quantity={quantity} />
      <Values readings={store.readings} quantity={quantity} choose={choose} />
      {status && (
        <details class="status">
          <summary>
            <b>status</b> {statusInWords(status.text)}
          </summary>
          <code>{status.text}</code>
        </details>
      )}
      {state.broker !== undefined && (
        <label class="tick">
          <input
            type="checkbox"
            checked={state.broker}
            onChange={({ currentTarget }) => void act({ do: "broker", on: currentTarget.checked })}
          />
          the cloud's broker
        </label>
      )}
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
