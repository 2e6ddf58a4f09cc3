import type { ComponentChildren } from "preact";
import "./picture.css";
import { HOPS, type State } from "../../live/protocol";
import { HOP_NAMES, HOP_SIGNS, PLACE_OF_HOP } from "../hop-words";
import type { Open, Place } from "../places";
import type { Store } from "../store";
import { useMatch } from "../use-match";
import { Air } from "./air";
import { Lamp } from "./lamp";
import { LAYOUTS, type Touched, touchable } from "./layout";
import {
  Break,
  CloudShape,
  Handset,
  House,
  Monitor,
  Pole,
  RouterBox,
  Signpost,
  Tower,
  Waves,
} from "./things";
import { faultsOn, saysOf } from "./way";

/** The room with everything in it: things to recognise and to touch; what fails is broken where it fails. */
export function Picture({
  store,
  state,
  place,
  open,
}: {
  store: Store;
  state: State;
  place: Place | undefined;
  open: Open;
}) {
  const layout = LAYOUTS[useMatch("(max-width: 759px)") ? "tall" : "wide"];
  const { things, way } = layout;
  const { hops, routers, phone } = state;
  const faults = faultsOn(hops);
  const [first] = faults;
  const main = routers[state.joined ?? 0];
  const others = routers.filter((each) => each !== main);
  const touch = (what: Touched, look: string, children: ComponentChildren) => {
    const to = what === "phone" ? "phone" : PLACE_OF_HOP[what];
    const { area, plate } = touchable(layout, what);
    return (
      <button
        type="button"
        class="touch"
        style={area}
        data-place={to}
        {...(what !== "phone" && { "data-hop": what, "data-state": hops[what].state })}
        aria-expanded={place === to}
        aria-controls="panel"
        onClick={() => open(to)}
      >
        <span class={`plate ${look}`} style={plate}>
          {children}
        </span>
      </button>
    );
  };
  return (
    <section class={`picture ${layout.name} ${store.connected ? "" : "gone"}`} aria-label="The room">
      <div class="canvas">
        <svg viewBox={`0 0 ${layout.width} ${layout.height}`} aria-hidden="true">
          <House layout={layout} />
          <CloudShape spot={things.cloud} isOff={state.broker === false} />
          <Tower spot={things.tower} />
          <Signpost spot={things.signpost} />
          <Pole spot={things.pole} isCut={!state.internet} />
          {others.map((each, i) => (
            <RouterBox key={each.bssid} spot={layout.others[i % 3]!} isOn={each.on} />
          ))}
          {main && <RouterBox spot={things.router} isOn={main.on} />}
          {main?.on && <Waves place={layout.waves} look={hops.router.state} />}
          {HOPS.map(
            (name) =>
              name !== "device" &&
              way[name].d && <path key={name} class={`stretch ${hops[name].state}`} d={way[name].d} />,
          )}
          <Monitor spot={things.device} />
          <Handset spot={things.phone} isLit={phone.sees !== undefined} />
          {phone.sees !== undefined && <Waves place={layout.setupWaves} look="trying" />}
          {first && first !== "device" && layout.bubble && (
            <path
              class={`leader ${hops[first].state}`}
              d={`M${layout.bubble.x} ${layout.bubble.y}L${way[first].breaks.x} ${way[first].breaks.y}`}
            />
          )}
          {faults.map(
            (name) =>
              name !== "device" && (
                <Break key={name} spot={way[name].breaks} sign={hops[name].state === "failed" ? "✗" : "!"} />
              ),
          )}
        </svg>
        <Air readings={store.readings} unixMs={state.unixMs} open={() => open("cloud")} />
        <Lamp store={store} state={state} layout={layout} />
        {touch(
          "phone",
          "",
          <>
            <b>Phone</b>
            {phone.sees !== undefined && (
              <span class="word">{phone.url ? "joined" : `sees ${phone.sees}`}</span>
            )}
          </>,
        )}
        <ol class="hops" aria-label="The way to the cloud">
          {HOPS.map((name) => {
            const hop = hops[name];
            const { sign, word } = HOP_SIGNS[hop.state];
            return (
              <li key={name}>
                {touch(
                  name,
                  hop.state,
                  <>
                    <span class="sign" aria-hidden="true">
                      {sign}
                    </span>
                    <b>{HOP_NAMES[name]}</b>{" "}
                    <span class={hop.reason === undefined ? "hidden" : "word"}>{hop.reason ?? word}</span>
                    {name === "router" && main && <span class="word ssid">{main.ssid}</span>}
                  </>,
                )}
              </li>
            );
          })}
        </ol>
      </div>
      <p class={`says ${first ? hops[first].state : ""}`} role="status">
        {saysOf(state, store.connected).map(({ reason, says }) => (
          <span key={reason ?? says}>
            {reason && <code>{reason}</code>} {says}
          </span>
        ))}
      </p>
    </section>
  );
}
