import type { State } from "../live/protocol";
import type { Act } from "./act";

/** A phone. When it has joined the setup access point, it shows the portal that the firmware serves. */
export function Phone({ state, act }: { state: State; act: Act }) {
  const { sees, url } = state.phone;
  const { setupSsid } = state.device;
  return (
    <section class="place phone" aria-labelledby="phone-title">
      <div class="bar">
        <h2 id="phone-title">The phone</h2>
        {sees && (
          <button
            type="button"
            class={url ? "" : "primary"}
            data-do="phone"
            onClick={() => void act({ do: "phone", joined: !url })}
          >
            {url ? `Leave ${sees}` : `Join ${sees}`}
          </button>
        )}
      </div>
      <div class="handset">
        {url ? (
          <iframe src={url} title="The device's setup page" />
        ) : (
          <div class="screen">
            {sees ? (
              <p>
                The phone sees <code>{sees}</code>. Scan the code on the device's label, or press Join.
              </p>
            ) : (
              <p>
                The phone is in its own network.
                <br />
                Hold the device's button for 3 s: its network <code>{setupSsid}</code> appears here.
              </p>
            )}
          </div>
        )}
      </div>
    </section>
  );
}
