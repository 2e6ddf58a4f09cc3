import type { State } from "../live/protocol";
import type { Act } from "./act";
import { Bars } from "./bars";

/** A phone: the networks around it, and, joined to the setup access point, the portal that the firmware serves. */
export function Phone({ state, act }: { state: State; act: Act }) {
  const { sees, url } = state.phone;
  const { setupSsid } = state.device;
  const time = new Date(state.unixMs).toLocaleTimeString([], { hour: "numeric", minute: "2-digit" });
  return (
    <section class="place phone" aria-labelledby="phone-title">
      <div class="bar">
        <h2 id="phone-title">The phone</h2>
        {url && (
          <button type="button" data-do="phone" onClick={() => void act({ do: "phone", joined: false })}>
            Leave its Wi-Fi
          </button>
        )}
      </div>
      <div class={`handset ${url ? "joined" : ""}`}>
        <p class="phone-bar">
          <span>{time}</span>
          <span>{url ? sees : "5G"}</span>
        </p>
        {url ? (
          <iframe src={url} title="The device's setup page" />
        ) : (
          <div class="screen">
            <h3>Wi-Fi</h3>
            <ul>
              {sees && (
                <li class="new">
                  <span>
                    <b>{sees}</b>
                    <small>the device, in setup mode</small>
                  </span>
                  <button
                    type="button"
                    class="primary"
                    data-do="phone"
                    onClick={() => void act({ do: "phone", joined: true })}
                  >
                    Join
                  </button>
                </li>
              )}
              {state.routers
                .filter(({ on, hidden }) => on && !hidden)
                .map(({ bssid, ssid, channel, rssi }) => (
                  <li key={bssid}>
                    <span>
                      {ssid}
                      {channel === undefined && <small>5 GHz, for phones only</small>}
                    </span>
                    <Bars rssi={rssi} />
                  </li>
                ))}
            </ul>
            <p class="hint">
              {sees ? (
                "Joining is what scanning the label's code does."
              ) : (
                <>
                  Hold the device's button for 3 s: its own Wi-Fi <code>{setupSsid}</code> appears here.
                </>
              )}
            </p>
          </div>
        )}
      </div>
    </section>
  );
}
