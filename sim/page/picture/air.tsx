import type { DecodedReading } from "../../../cloud/payload/decode-telemetry";
import { QUANTITIES } from "../quantities";
import { BANDS, JUDGED, type Verdict, verdictOf, worst } from "./air-bands";

/** A reading older than this is no word about the air of now. */
const FRESH_SECONDS = 30 * 60;
const SIGNS = { good: "✓", fair: "!", poor: "✗" } as const satisfies Record<Verdict, string>;

/** The last reading that the cloud has, and what it means. */
export function Air({
  readings,
  unixMs,
  open,
}: {
  readings: readonly DecodedReading[];
  unixMs: number;
  open: () => void;
}) {
  const last = readings.at(-1);
  const judged = JUDGED.flatMap((name) => {
    const value = last?.values[name];
    return typeof value === "number" ? [{ name, value, verdict: verdictOf(name, value) }] : [];
  });
  const verdict = worst(judged.map((each) => each.verdict));
  const ageSeconds = last?.unixSeconds === undefined ? undefined : unixMs / 1000 - last.unixSeconds;
  const isOld = ageSeconds !== undefined && ageSeconds > FRESH_SECONDS;
  return (
    <div class={`air ${isOld ? "" : (verdict ?? "")}`} data-air={verdict ?? ""}>
      <p class="headline">
        {verdict === undefined
          ? "No reading yet"
          : isOld
            ? `The air was ${verdict}`
            : `The air is ${verdict}`}
      </p>
      {judged.map(({ name, value, verdict: each }) => (
        <p key={name} class="measured">
          <span aria-hidden="true">{SIGNS[each]}</span> {QUANTITIES[name].label}{" "}
          <b>
            {value} <small>{QUANTITIES[name].unit}</small>
          </b>{" "}
          {each}
        </p>
      ))}
      {last && (
        <details>
          <summary>What that means</summary>
          {judged.map(({ name, verdict: each }) => (
            <p key={name}>
              <b>{QUANTITIES[name].label}</b>: {BANDS[name].says[each]} By {BANDS[name].source}.
            </p>
          ))}
          {judged.length === 0 && <p>This monitor measures neither CO₂ nor dust.</p>}
          <p>
            {ageSeconds !== undefined && `Measured ${ageOf(ageSeconds)} ago. `}
            <button type="button" class="small" onClick={open}>
              All readings
            </button>
          </p>
        </details>
      )}
    </div>
  );
}

function ageOf(seconds: number): string {
  if (seconds < 90) return `${Math.max(0, Math.round(seconds))} s`;
  return seconds < 5_400 ? `${Math.round(seconds / 60)} minutes` : `${Math.round(seconds / 3_600)} hours`;
}
