import { SPEEDS, type State } from "../live/protocol";
import type { Act } from "./act";

const SPEED_NAMES = { 1: "as it is", 10: "× 10", 60: "a minute a second", 1440: "a day a minute" } as const;

/** Which world, how fast, and what time it is there. */
export function ModeBar({ state, act }: { state: State; act: Act }) {
  const { mode, speed, unixMs, weather } = state;
  const when = new Date(unixMs);
  return (
    <div class="mode-bar">
      <fieldset class="choice">
        <legend>World</legend>
        {(["real", "virtual"] as const).map((each) => (
          <button
            key={each}
            type="button"
            aria-pressed={mode === each}
            onClick={() => void act({ do: "mode", mode: each })}
          >
            {each === "real" ? "Real: sockets, TLS" : "Virtual: no TLS, any speed"}
          </button>
        ))}
      </fieldset>
      {mode === "virtual" && (
        <>
          <fieldset class="choice">
            <legend>Clock</legend>
            {SPEEDS.map((each) => (
              <button
                key={each}
                type="button"
                aria-pressed={speed === each}
                onClick={() => void act({ do: "speed", speed: each })}
              >
                {SPEED_NAMES[each]}
              </button>
            ))}
          </fieldset>
          <label class="tick">
            <input
              type="checkbox"
              checked={weather}
              onChange={({ currentTarget }) => void act({ do: "weather", on: currentTarget.checked })}
            />
            outages
          </label>
        </>
      )}
      <time dateTime={when.toISOString()}>
        {when.toLocaleDateString()} {when.toLocaleTimeString()}
      </time>
    </div>
  );
}
