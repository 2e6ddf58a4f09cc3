import type { State } from "../live/protocol";
import type { Act } from "./act";
import { RouterCard } from "./router-card";

/** The routers of the room, with all that a person may turn on them. */
export function Routers({ state, act }: { state: State; act: Act }) {
  return (
    <section class="place room" aria-labelledby="routers-title">
      <div class="bar">
        <h2 id="routers-title">The routers</h2>
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
      </div>
    </section>
  );
}
