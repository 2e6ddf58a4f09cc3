import type { History, Reading } from "./answers";
import { bandOf, type Meaning, meaningOf } from "./bands";
import { type QuantityName, SHOWN, written } from "./quantities";
import { Spark } from "./spark";

const AQI_OF: { readonly [name in QuantityName]?: string } = {
  mcpm2x5: "mcpm2x5_aqi",
  mcpm10: "mcpm10_aqi",
};

interface Props {
  readonly measured: readonly QuantityName[];
  readonly reading: Reading;
  /** The latest record with its indices of 24 hours. */
  readonly aqi: Reading | undefined;
  /** Of the last day. */
  readonly day: History | undefined;
  readonly isIndoor: boolean;
}

/** What the air is like now: what has a meaning in large, the rest below. */
export function Values({ measured, reading, aqi, day, isIndoor }: Props) {
  const all = measured.map((name) => ({
    name,
    value: typeof reading[name] === "number" ? reading[name] : undefined,
    meaning: meaningOf(name, { isIndoor }),
  }));
  const judged = all.filter(({ meaning }) => meaning);
  const rest = all.filter(({ meaning }) => !meaning);
  return (
    <section aria-labelledby="now-heading">
      <h2 id="now-heading" class="unseen">
        Now
      </h2>
      <div class="values">
        {judged.map(({ name, value, meaning }) => (
          <Value
            key={name}
            name={name}
            value={value}
            meaning={meaning!}
            aqi={aqi?.[AQI_OF[name] ?? ""]}
            day={day}
          />
        ))}
      </div>
      {rest.length > 0 && (
        <dl class="rest">
          {rest.map(({ name, value }) => (
            <div key={name}>
              <dt>{SHOWN[name].label}</dt>
              <dd>
                {value === undefined ? "–" : written(name, value)} <small>{SHOWN[name].unit}</small>
              </dd>
            </div>
          ))}
        </dl>
      )}
      {judged.length > 0 && (
        <details class="sources">
          <summary>What these words are based on</summary>
          <ul>
            {judged
              .filter(
                ({ meaning }, i) =>
                  judged.findIndex((each) => each.meaning!.source === meaning!.source) === i,
              )
              .map(({ meaning }) => (
                <li key={meaning!.source}>
                  <b>
                    {judged
                      .filter((each) => each.meaning!.source === meaning!.source)
                      .map((each) => SHOWN[each.name].label)
                      .join(", ")}
                  </b>
                  : {meaning!.source}{" "}
                  {meaning!.url !== undefined && (
                    <a href={meaning!.url} rel="noreferrer" target="_blank">
                      Source
                    </a>
                  )}
                </li>
              ))}
          </ul>
        </details>
      )}
    </section>
  );
}

function Value(props: {
  name: QuantityName;
  value: number | undefined;
  meaning: Meaning;
  aqi: unknown;
  day: History | undefined;
}) {
  const { name, value, meaning, aqi, day } = props;
  const { label, unit, says } = SHOWN[name];
  const band = value === undefined ? undefined : bandOf(meaning, value);
  return (
    <article class={`value ${band ? `level-${band.level}` : "none"}`} data-quantity={name}>
      <h3>{label}</h3>
      <p class="number">
        <b>{value === undefined ? "–" : written(name, value)}</b> <span>{unit}</span>
      </p>
      <Spark name={name} history={day} />
      <p class="band">{band?.word ?? "No value just now"}</p>
      <Scale meaning={meaning} value={value} />
      <p class="says">{typeof aqi === "number" ? `Air Quality Index of 24 hours: ${aqi}` : says}</p>
    </article>
  );
}

/** The bands in their proportions, and where the value stands. What it says is in words beside it. */
function Scale({
  meaning: { bands, bottom = 0, top },
  value,
}: {
  meaning: Meaning;
  value: number | undefined;
}) {
  const place = (each: number): number =>
    (100 * (Math.min(Math.max(each, bottom), top) - bottom)) / (top - bottom);
  return (
    <div class="scale" aria-hidden="true">
      {bands.map(({ from, level }, i) => {
        const [start, end] = [place(from), place(bands[i + 1]?.from ?? top)];
        return (
          end > start && (
            <i key={from} class={`level-${level}`} style={{ left: `${start}%`, right: `${100 - end}%` }} />
          )
        );
      })}
      {value !== undefined && <b style={{ left: `${place(value)}%` }} />}
    </div>
  );
}
