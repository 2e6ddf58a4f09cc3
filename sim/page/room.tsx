import type { State } from "../live/protocol";
import type { Act } from "./act";
import { RouterCard } from "./router-card";

/** What stands in the room: routers, the cable, the broker at its other end. */
export function Room({ state, act }: { state: State; act: Act }) {
  return (
    <section class="place room" aria-labelledby="room-title">
      <div class="bar">
        <h2 id="room-title">The room</h2>
        <button type="button" onClick={() => void act({ do: "mend" })}>
          Put all right
        </button>
      </div>
      {state.routers.map((router, index) => (
        <RouterCard
          key={router.bssid}
          router={router}
          index={index}
          joined={state.joined === index}
          mac={state.device.mac}
          removable={state.routers.length > 1}
          act={act}
        />
      ))}
      <div class="bar beyond">
        <button type="button" class="small" onClick={() => void act({ do: "add-router" })}>
          Add a hotspot
        </button>
        <label class="tick">
          <input
            type="checkbox"
            checked={state.internet}
            onChange={({ currentTarget }) => void act({ do: "internet", on: currentTarget.checked })}
          />
          the internet
        </label>
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
      </div>
    </section>
  );
}
