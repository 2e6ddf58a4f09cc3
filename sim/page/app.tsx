import { useEffect, useRef, useState } from "preact/hooks";
import type { State } from "../live/protocol";
import { Cloud } from "./cloud";
import { Device } from "./device";
import { Firmware } from "./firmware";
import { gone } from "./gone";
import { Identity } from "./identity";
import { Line } from "./line";
import { Messages } from "./messages";
import { ModeBar } from "./mode-bar";
import { Panel } from "./panel";
import { Phone } from "./phone";
import { Picture } from "./picture/picture";
import type { Place } from "./places";
import type { QuantityName } from "./quantities";
import { Routers } from "./routers";
import { Sensors } from "./sensors";
import type { Store } from "./store";
import { Now, Tour } from "./tour";
import { useMatch } from "./use-match";
import { Values } from "./values";

/** The room, and beside it (on a narrow page below it) what opens from the thing that was touched. */
export function App({ store, state: told }: { store: Store; state: State | undefined }) {
  const isWide = useMatch("(min-width: 1180px)");
  const [place, setPlace] = useState<Place | undefined>(isWide ? "tour" : undefined);
  const [quantity, setQuantity] = useState<QuantityName>("co2");
  const top = useRef<HTMLElement>(null);
  // Beside the picture something is always open.
  useEffect(() => {
    if (isWide) setPlace((now) => now ?? "tour");
  }, [isWide]);
  if (!told) return <p class="loading">Waiting for the simulator…</p>;
  const state = store.connected ? told : gone(told);
  const act = store.act.bind(store);
  const open = (next: Place | undefined): void => {
    setPlace(next ?? (isWide ? "tour" : undefined));
    if (next === undefined) top.current?.scrollIntoView();
  };
  const play = (id: string): void => {
    // On a narrow page the list would hide what there is to watch.
    if (!isWide) open(undefined);
    void act({ do: "scene", id });
  };
  return (
    <>
      <header ref={top}>
        <h1>
          Aerolink <small>simulator</small>
        </h1>
        <ModeBar state={state} act={act} />
      </header>
      {!store.connected && (
        <p class="notice" role="alert">
          The simulator has stopped, or is out of reach. Start it again with <code>npm start</code>; this page
          will find it.
        </p>
      )}
      {store.refusal && (
        <p class="notice" role="alert">
          {store.refusal}
        </p>
      )}
      <div class="house">
        <main>
          <Picture store={store} state={state} place={place} open={open} />
          <Now state={state} act={act} play={play} open={open} />
          <Values
            readings={store.readings}
            choose={(quantity) => {
              setQuantity(quantity);
              open("cloud");
            }}
          />
        </main>
        <Panel place={place} open={open} isWide={isWide} hasSensors={state.board !== undefined}>
          {{
            tour: <Tour state={state} play={play} />,
            device: <Device store={store} state={state} act={act} />,
            firmware: <Firmware state={state} act={act} />,
            identity: <Identity state={state} act={act} />,
            sensors: state.board ? <Sensors board={state.board} act={act} /> : null,
            phone: <Phone state={state} act={act} />,
            routers: <Routers state={state} act={act} />,
            line: <Line state={state} act={act} />,
            cloud: <Cloud store={store} state={state} chosen={quantity} choose={setQuantity} act={act} />,
            messages: <Messages store={store} state={state} act={act} />,
          }}
        </Panel>
      </div>
    </>
  );
}
