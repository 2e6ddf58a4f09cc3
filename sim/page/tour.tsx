import { useState } from "preact/hooks";
import type { State } from "../live/protocol";
import { GROUPS, TOUR } from "../live/tour";
import type { Act } from "./act";

/** Beside the places; on a narrow page above them, to be opened. */
const WIDE = matchMedia("(min-width: 1001px)");

/** The application note, each answer a button. */
export function Tour({ state, act }: { state: State; act: Act }) {
  const { scene, done } = state;
  const [open] = useState(WIDE.matches);
  return (
    <nav class="tour" aria-label="Guided tour">
      <details open={open}>
        <summary>
          <h2>Guided tour</h2>
        </summary>
        <p class="hint">
          The application note, alive. {done.length} of {TOUR.length} seen.
        </p>
        {GROUPS.map((group) => (
          <section key={group}>
            <h3>{group}</h3>
            <ul>
              {TOUR.filter((each) => each.group === group).map(({ id, title, watch }) => {
                const isDone = done.includes(id);
                const plays = scene === id;
                return (
                  <li key={id} class={plays ? "plays" : ""}>
                    <button
                      type="button"
                      data-scene={id}
                      data-done={isDone}
                      aria-current={plays ? "step" : undefined}
                      onClick={() => void act({ do: "scene", id })}
                    >
                      <span class="mark" aria-hidden="true">
                        {isDone ? "✓" : plays ? "▶" : ""}
                      </span>
                      {title}
                      {isDone && <span class="hidden"> (seen)</span>}
                    </button>
                    {plays && (
                      <p class="watch" role="status">
                        {watch}{" "}
                        {isDone ? (
                          <button type="button" class="small" onClick={() => void act({ do: "mend" })}>
                            Put it right
                          </button>
                        ) : (
                          <em>Watch…</em>
                        )}
                      </p>
                    )}
                  </li>
                );
              })}
            </ul>
          </section>
        ))}
      </details>
    </nav>
  );
}
