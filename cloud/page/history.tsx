import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { History } from "./answers";
import { type Api, ApiFailure, devicePath } from "./api";
import { meaningOf } from "./bands";
import { findGaps, type Gap } from "./gaps";
import { csvLink, historyPath } from "./links";
import { Plot } from "./plot";
import { QUANTITY_NAMES, type QuantityName, SHOWN } from "./quantities";
import {
  moved,
  RANGE_NAMES,
  type RangeName,
  refreshMs,
  type View,
  type Window,
  windowOf,
  zoomed,
} from "./ranges";
import { dayAndTime, length } from "./words";

const KEPT = "aerolink-quantities";
/** How many are shown to whoever has chosen none. */
const FIRST = 2;
/** Gaps that are named below; all are shaded. */
const MOST_NAMED = 8;

interface Props {
  readonly api: Api;
  readonly id: string;
  readonly isIndoor: boolean;
  readonly measured: readonly QuantityName[];
}

interface Shown {
  readonly window: Window;
  readonly history: History;
}

const seconds = (): number => Date.now() / 1000;

/** What was measured over a time that somebody chooses: by a range, by dragging over it, by keys. */
export function HistorySection({ api, id, isIndoor, measured }: Props) {
  const [view, setView] = useState<View>({ range: "day" });
  const [chosen, setChosen] = useChosen(measured);
  const { shown, failure } = useHistory(api, id, view, chosen);
  const window = shown?.window ?? windowOf(view, seconds());
  const zoom = (next: Window): void => setView(({ range }) => ({ range, zoom: next }));
  const reset = (): void => setView(({ range }) => ({ range }));
  const onKey = ({ key, shiftKey }: KeyboardEvent): boolean => {
    const now = seconds();
    if (key === "Escape") reset();
    else if (key === "+" || key === "=") zoom(zoomed(window, 0.5, now));
    else if (key === "-") zoom(zoomed(window, 2, now));
    else if (shiftKey && key === "ArrowLeft") zoom(moved(window, -0.25, now));
    else if (shiftKey && key === "ArrowRight") zoom(moved(window, 0.25, now));
    else return false;
    return true;
  };
  const gaps = useMemo(
    () =>
      shown ? findGaps({ times: shown.history.times, span: shown.history.span, window: shown.window }) : [],
    [shown],
  );
  return (
    <section class="history" aria-labelledby="history-heading">
      <div class="bar">
        <h2 id="history-heading">History</h2>
        <Ranges view={view} onChoose={(range) => setView({ range })} />
        <div class="steps">
          {(
            [
              ["Earlier", "←", () => zoom(moved(window, -0.5, seconds()))],
              ["Later", "→", () => zoom(moved(window, 0.5, seconds()))],
              ["Zoom out", "−", () => zoom(zoomed(window, 2, seconds()))],
              ["Zoom in", "+", () => zoom(zoomed(window, 0.5, seconds()))],
            ] as const
          ).map(([label, sign, act]) => (
            <button type="button" key={label} aria-label={label} title={label} onClick={act}>
              {sign}
            </button>
          ))}
        </div>
      </div>
      <fieldset class="chips">
        <legend class="unseen">Quantities</legend>
        {measured.map((name) => (
          <label key={name}>
            <input
              type="checkbox"
              checked={chosen.includes(name)}
              onChange={({ currentTarget }) => setChosen(name, currentTarget.checked)}
            />
            <span>{SHOWN[name].label}</span>
          </label>
        ))}
      </fieldset>
      <p class="time">
        <span>
          {dayAndTime(window.from * 1000)} to {dayAndTime(window.to * 1000)}
        </span>
        {view.zoom ? (
          <button type="button" class="plain" onClick={reset}>
            Back to the last {view.range}
          </button>
        ) : (
          <span class="live">follows new readings</span>
        )}
      </p>
      {chosen.length === 0 && <p class="waiting">Choose what to see above.</p>}
      {!shown && chosen.length > 0 && (
        <p class="waiting plots-wait">{failure?.message ?? "Asking the cloud…"}</p>
      )}
      {shown &&
        chosen.map((name, i) => (
          <Plot
            key={name}
            name={name}
            history={shown.history}
            window={shown.window}
            gaps={gaps}
            meaning={meaningOf(name, { isIndoor })}
            isLast={i === chosen.length - 1}
            onZoom={zoom}
            onReset={reset}
            onKey={onKey}
          />
        ))}
      {shown && <Below id={id} chosen={chosen} gaps={gaps} {...shown} />}
    </section>
  );
}

function Ranges({ view, onChoose }: { view: View; onChoose(range: RangeName): void }) {
  return (
    <fieldset class="choice">
      <legend class="unseen">Range</legend>
      {RANGE_NAMES.map((range) => (
        <label key={range}>
          <input
            type="radio"
            name="range"
            checked={view.range === range && !view.zoom}
            onChange={() => onChoose(range)}
            // A range that is chosen already leads back from a zoom, too.
            onClick={() => onChoose(range)}
          />
          <span>{range.charAt(0).toUpperCase() + range.slice(1)}</span>
        </label>
      ))}
    </fieldset>
  );
}

function Below({
  id,
  chosen,
  gaps,
  window,
  history,
}: Shown & { id: string; chosen: readonly QuantityName[]; gaps: readonly Gap[] }) {
  const { span, times } = history;
  return (
    <div class="below">
      <p>
        {times.length === 0
          ? "No reading in this time."
          : span === 0
            ? `Each of ${times.length.toLocaleString("en")} readings is drawn.`
            : `A point is the mean of ${length(span)}; the band around the line goes from the lowest to the highest value.`}
      </p>
      {gaps.length > 0 && (
        <details class="gaps">
          <summary>
            <i class="hatched" aria-hidden="true" /> {gaps.length === 1 ? "One gap" : `${gaps.length} gaps`}
          </summary>
          <ul>
            {gaps.slice(-MOST_NAMED).map(({ from, to }) => (
              <li key={from}>
                {dayAndTime(from * 1000)} to {dayAndTime(to * 1000)}: nothing for {length(to - from)}
              </li>
            ))}
            {gaps.length > MOST_NAMED && <li>and {gaps.length - MOST_NAMED} before them</li>}
          </ul>
          <p class="hint">
            A monitor that was without network keeps its readings and sends them later: such a gap closes by
            itself.
          </p>
        </details>
      )}
      <a class="button" href={csvLink({ deviceId: id, window, span, quantities: chosen })} download="">
        CSV of what is seen
      </a>
    </div>
  );
}

/** Asked anew as the time goes on; what was there stays until the next is. */
function useHistory(api: Api, id: string, view: View, chosen: readonly QuantityName[]) {
  const [state, setState] = useState<{ shown?: Shown; failure?: ApiFailure }>({});
  const question = useRef(0);
  const { range, zoom } = view;
  const wanted = chosen.join(" ");
  useEffect(() => {
    if (wanted === "") return setState({});
    const own = ++question.current;
    let timer: number | undefined;
    const look = async (): Promise<void> => {
      if (document.hidden) {
        timer = setTimeout(() => void look(), 1_000);
        return;
      }
      const window = windowOf({ range, ...(zoom && { zoom }) }, seconds());
      try {
        const history = await api.get<History>(devicePath(id, historyPath(window, wanted.split(" "))));
        if (own === question.current) setState({ shown: { window, history } });
      } catch (error) {
        const failure = error instanceof ApiFailure ? error : new ApiFailure("away", String(error));
        if (own === question.current) setState((before) => ({ ...before, failure }));
      }
      if (own === question.current) timer = setTimeout(() => void look(), refreshMs(window));
    };
    void look();
    return () => {
      question.current++;
      clearTimeout(timer);
    };
  }, [api, id, range, zoom, wanted]);
  return state;
}

/** What somebody chose lasts, for all devices. */
function useChosen(measured: readonly QuantityName[]) {
  const [wanted, setWanted] = useState<readonly QuantityName[] | undefined>(() => {
    const kept = localStorage.getItem(KEPT);
    return kept === null ? undefined : QUANTITY_NAMES.filter((name) => kept.split(" ").includes(name));
  });
  const chosen = wanted ? measured.filter((name) => wanted.includes(name)) : measured.slice(0, FIRST);
  const choose = (name: QuantityName, isOn: boolean): void => {
    const next = QUANTITY_NAMES.filter((each) => (each === name ? isOn : chosen.includes(each)));
    localStorage.setItem(KEPT, next.join(" "));
    setWanted(next);
  };
  return [chosen, choose] as const;
}
