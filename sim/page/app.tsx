import type { State } from "../live/protocol";
import { Cloud } from "./cloud";
import { Device } from "./device";
import { Firmware } from "./firmware";
import { HopChain } from "./hop-chain";
import { Identity } from "./identity";
import { ModeBar } from "./mode-bar";
import { Phone } from "./phone";
import { Room } from "./room";
import { Sensors } from "./sensors";
import type { Store } from "./store";
import { Tour } from "./tour";

export function App({ store, state }: { store: Store; state: State | undefined }) {
  if (!state) return <p class="loading">Waiting for the simulator…</p>;
  const act = store.act.bind(store);
  return (
    <>
      <header>
        <h1>
          Aerolink <small>simulator</small>
        </h1>
        <ModeBar state={state} act={act} />
      </header>
      {!store.connected && (
        <p class="notice" role="alert">
          The simulator has stopped. Start it again with <code>npm start</code>; this page will find it.
        </p>
      )}
      {store.refusal && (
        <p class="notice" role="alert">
          {store.refusal}
        </p>
      )}
      <div class="house">
        <Tour state={state} act={act} />
        <main>
          <HopChain state={state} />
          <div class="places">
            <Device store={store} state={state} act={act} />
            {state.board && <Sensors board={state.board} act={act} />}
            <Room state={state} act={act} />
            <Firmware state={state} act={act} />
            <Identity state={state} act={act} />
            <Cloud store={store} state={state} act={act} />
            <Phone state={state} act={act} />
          </div>
        </main>
      </div>
    </>
  );
}
