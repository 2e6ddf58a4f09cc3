import type { DecodedReading } from "../../cloud/payload/decode-telemetry";
import { QUANTITIES, type QuantityName, shownQuantities } from "./quantities";

/** All that the monitor measures, the latest of each; one of them is chosen for the plot. */
export function Values({
  readings,
  quantity,
  choose,
}: {
  readings: readonly DecodedReading[];
  /** Absent: none is plotted here. */
  quantity?: QuantityName;
  choose: (quantity: QuantityName) => void;
}) {
  const last = readings.at(-1);
  return (
    <fieldset class="values" aria-label={quantity ? "What the plot shows" : "The latest reading"}>
      {shownQuantities(readings).map((name) => (
        <button
          key={name}
          type="button"
          aria-pressed={quantity && quantity === name}
          onClick={() => choose(name)}
        >
          {QUANTITIES[name].label}
          <span>
            <b>{last?.values[name] ?? "–"}</b> <small>{QUANTITIES[name].unit}</small>
          </span>
        </button>
      ))}
    </fieldset>
  );
}
