import type { HopName, State } from "../live/protocol";
import type { Act } from "./act";
import { HOP_NAMES, HOP_SIGNS } from "./hop-words";

/** The way from the router on, and who is asked there. */
const STATIONS = {
  internet: "The line that the house has.",
  dns: "The name servers that the router names: they turn the cloud's name into an address.",
  sntp: "The time servers: certificates are judged by a clock that is right.",
} as const satisfies Partial<Record<HopName, string>>;

/** What lies between the router and the cloud. */
export function Line({ state, act }: { state: State; act: Act }) {
  return (
    <section class="place line" aria-labelledby="line-title">
      <div class="bar">
        <h2 id="line-title">The line</h2>
        <button type="button" onClick={() => void act({ do: "mend" })}>
          Put all right
        </button>
      </div>
      <label class="tick">
        <input
          type="checkbox"
          checked={state.internet}
          onChange={({ currentTarget }) => void act({ do: "internet", on: currentTarget.checked })}
        />
        the internet
      </label>
      <dl class="stations">
        {(["internet", "dns", "sntp"] as const).map((name) => {
          const { state: how, reason, says } = state.hops[name];
          const { sign, word } = HOP_SIGNS[how];
          return (
            <div key={name} class={how}>
              <dt>
                <span aria-hidden="true">{sign}</span> {HOP_NAMES[name]} <small>{reason ?? word}</small>
              </dt>
              <dd>{says ?? STATIONS[name]}</dd>
            </div>
          );
        })}
      </dl>
      <p class="hint">Each router has its own cable and its own firewall: touch the router.</p>
    </section>
  );
}
