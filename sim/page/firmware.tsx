import { useEffect, useState } from "preact/hooks";
import { updateWords } from "../../tools/cloud/update-words";
import type { State } from "../live/protocol";
import { RELEASE_KIND_NAMES, RELEASE_KINDS } from "../live/release-kinds";
import type { Act } from "./act";
import { STATE_WORDS } from "./update-words";
import { Verdict } from "./verdict";

/** What runs on the device, what it is offered and what becomes of it; releases to send, good and bad. */
export function Firmware({ state, act }: { state: State; act: Act }) {
  const { said, loaded, sent, canSend } = state.firmware;
  const words = said && STATE_WORDS[said.state];
  return (
    <section class="place firmware" aria-labelledby="firmware-title">
      <div class="bar">
        <h2 id="firmware-title">The firmware</h2>
        <span class="counts" data-running={said?.running} data-update={said?.state ?? ""}>
          {said ? `release ${said.running} (${said.version}) runs` : "The device has said nothing yet."}
        </span>
      </div>
      <div class="columns">
        <div class="column">
          <Verdict
            words={words}
            of={
              said?.release ? `release ${said.release}` : sent ? `release ${sent.release} is on its way` : ""
            }
            why={said?.reason ?? said?.wait}
            whyWords={updateWords}
            more={said?.crash === undefined ? undefined : { is: "Crash", word: said.crash }}
          />
          <label class="loading-bar">
            <span>Loaded</span>
            <progress max="100" value={loaded}>
              {loaded} %
            </progress>
            <output>{loaded} %</output>
          </label>
          <Plug at={state.firmware.plugAt} act={act} disabled={!canSend} />
        </div>
        <fieldset class="column send">
          <legend>Send a release</legend>
          {RELEASE_KIND_NAMES.map((kind) => (
            <button
              key={kind}
              type="button"
              data-release={kind}
              disabled={!canSend || !said}
              title={RELEASE_KINDS[kind].watch}
              onClick={() => void act({ do: "release", kind })}
            >
              {RELEASE_KINDS[kind].says}
            </button>
          ))}
          {!canSend && (
            <p class="hint across">Only the simulator's own board, at its own broker, trusts its releases.</p>
          )}
          {sent && <p class="hint across">{RELEASE_KINDS[sent.kind].watch}</p>}
        </fieldset>
      </div>
    </section>
  );
}

/** Pulls the plug at a place of the download. */
function Plug({ at, act, disabled }: { at: number | undefined; act: Act; disabled: boolean }) {
  const [place, setPlace] = useState(at ?? 50);
  const [isArmed, setArmed] = useState(at !== undefined);
  useEffect(() => setArmed(at !== undefined), [at]);
  return (
    <div class="plug">
      <label class="tick">
        <input
          type="checkbox"
          data-do="plug"
          disabled={disabled}
          checked={isArmed}
          onChange={({ currentTarget }) => {
            setArmed(currentTarget.checked);
            void act({ do: "plug", at: currentTarget.checked ? place : null });
          }}
        />
        Pull the plug at
      </label>
      <input
        type="range"
        min="1"
        max="99"
        value={place}
        disabled={disabled}
        aria-label="Percent of the download at which the plug is pulled"
        aria-valuetext={`${place} percent`}
        onInput={({ currentTarget }) => setPlace(currentTarget.valueAsNumber)}
        onChange={({ currentTarget }) => {
          if (isArmed) void act({ do: "plug", at: currentTarget.valueAsNumber });
        }}
      />
      <output>{place} %</output>
    </div>
  );
}
