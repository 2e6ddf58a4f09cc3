import type { State } from "../live/protocol";
import { findScene, GROUPS, TOUR } from "../live/tour";
import type { Act } from "./act";
import type { Open } from "./places";

/** The application note, each answer a button. */
export function Tour({ state, play }: { state: State; play: (id: string) => void }) {
  const { scene, done } = state;
  return (
    <nav class="place tour" aria-labelledby="tour-title">
      <div class="bar">
        <h2 id="tour-title">Guided tour</h2>
        <span class="hint">
          {done.length} of {TOUR.length} seen
        </span>
      </div>
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
    </nav>
  );
}

/** Under the picture: what plays, what there is to watch, and where to go from there. */
export function Now({
  state,
  act,
  play,
  open,
}: {
  state: State;
  act: Act;
  play: (id: string) => void;
  open: Open;
}) {
  const scene = state.scene === undefined ? undefined : findScene(state.scene);
  const isDone = scene !== undefined && state.done.includes(scene.id);
  const at = scene ? TOUR.indexOf(scene) : -1;
  const next = [...TOUR.slice(at + 1), ...TOUR.slice(0, Math.max(0, at))].find(
    ({ id }) => !state.done.includes(id),
  );
  return (
    <div class={`now ${isDone ? "seen" : ""}`}>
      <p class="now-words" role="status">
        {scene ? (
          <>
            <strong>
              {isDone ? "✓" : "▶"} {scene.title}
            </strong>{" "}
            {scene.watch}
          </>
        ) : (
          "The application note, alive: choose what you want to see."
        )}
      </p>
      <div class="steps">
        {scene && !isDone && <em>Watch…</em>}
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
        <button type="button" class="small" data-place="tour" onClick={() => open("tour")}>
          All steps
        </button>
      </div>
    </div>
  );
}
