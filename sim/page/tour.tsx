import { useState } from "preact/hooks";
import type { State } from "../live/protocol";
import { findScene, GROUPS, type Scene, TOUR } from "../live/tour";
import type { Act } from "./act";

/** Beside the places; on a narrow page above them, where its list opens when asked for. */
const WIDE = matchMedia("(min-width: 1001px)");

/** The application note, each answer a button. */
export function Tour({ state, act }: { state: State; act: Act }) {
  const { scene, done } = state;
  const [open, setOpen] = useState(WIDE.matches);
  const playing = scene === undefined ? undefined : findScene(scene);
  const play = (id: string): void => {
    // On a narrow page the list would hide what there is to watch.
    if (!WIDE.matches) setOpen(false);
    void act({ do: "scene", id });
  };
  return (
    <nav class="tour" aria-labelledby="tour-title">
      <div class="bar">
        <h2 id="tour-title">Guided tour</h2>
        <span class="hint">
          {done.length} of {TOUR.length} seen
        </span>
      </div>
      {playing ? (
        <Now scene={playing} state={state} act={act} play={play} />
      ) : (
        <p class="now hint">The application note, alive: choose what you want to see.</p>
      )}
      <details open={open} onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
        <summary>All steps</summary>
        {GROUPS.map((group) => (
          <section key={group}>
            <h3>{group}</h3>
            <ul>
              {TOUR.filter((each) => each.group === group).map(({ id, title }) => {
                const isDone = done.includes(id);
                const plays = scene === id;
                return (
                  <li key={id} class={plays ? "plays" : ""}>
                    <button
                      type="button"
                      class="step"
                      data-scene={id}
                      data-done={isDone}
                      aria-current={plays ? "step" : undefined}
                      onClick={() => play(id)}
                    >
                      <span class="mark" aria-hidden="true">
                        {isDone ? "✓" : plays ? "▶" : ""}
                      </span>
                      <span>
                        {title}
                        {isDone && <span class="hidden"> (seen)</span>}
                      </span>
                    </button>
                  </li>
                );
              })}
            </ul>
          </section>
        ))}
        <p class="hint">Questions 6, 7 and 9 to 12 of the note are about the company, not the device.</p>
      </details>
    </nav>
  );
}

/** What plays, what there is to watch, and where to go from there. */
function Now({
  scene,
  state,
  act,
  play,
}: {
  scene: Scene;
  state: State;
  act: Act;
  play: (id: string) => void;
}) {
  const isDone = state.done.includes(scene.id);
  const at = TOUR.findIndex(({ id }) => id === scene.id);
  const next = [...TOUR.slice(at + 1), ...TOUR.slice(0, at)].find(({ id }) => !state.done.includes(id));
  return (
    <div class={`now ${isDone ? "seen" : ""}`}>
      <p role="status">
        <strong>
          {isDone ? "✓" : "▶"} {scene.title}
        </strong>
        <br />
        {scene.watch}
      </p>
      <div class="steps">
        {isDone && scene.mends && (
          <button type="button" class="small" data-do="mend" onClick={() => void act({ do: "mend" })}>
            Put it right
          </button>
        )}
        {isDone && next && (
          <button
            type="button"
            class="small primary"
            data-do="next"
            title={next.title}
            onClick={() => play(next.id)}
          >
            Next
          </button>
        )}
        {isDone && !next && <em>You have seen it all.</em>}
        {!isDone && <em>Watch…</em>}
      </div>
    </div>
  );
}
