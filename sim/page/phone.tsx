import type { State } from "../live/protocol";

/** A phone. When it has joined the setup access point, it shows the portal that the firmware serves. */
export function Phone({ state }: { state: State }) {
  const { url } = state.phone;
  const { status, setupSsid } = state.device;
  return (
    <section class="place phone" aria-labelledby="phone-title">
      <div class="bar">
        <h2 id="phone-title">The phone</h2>
      </div>
      <div class="handset">
        {url ? (
          <iframe src={url} title="The device's setup page" />
        ) : (
          <div class="screen">
            {status === "setup" ? (
              <p>
                The device is in setup mode. Its network <code>{setupSsid}</code> is not open to the phone
                yet.
              </p>
            ) : (
              <p>
                The phone is in its own network.
                <br />
                Hold the device's button for 3 s: then it joins <code>{setupSsid}</code> and shows the setup
                page.
              </p>
            )}
          </div>
        )}
      </div>
    </section>
  );
}
