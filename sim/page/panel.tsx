import type { ComponentChild } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { type Open, PLACE_NAMES, PLACES, type Place } from "./places";

/** What was opened. All of it stays on the page, hidden: what was typed, scrolled and joined is there again. */
export function Panel({
  place,
  open,
  isWide,
  hasSensors,
  children,
}: {
  place: Place | undefined;
  open: Open;
  isWide: boolean;
  hasSensors: boolean;
  children: Readonly<Record<Place, ComponentChild>>;
}) {
  const panel = useRef<HTMLElement>(null);
  const last = useRef(place);
  /** Where the keyboard was before. */
  const from = useRef<Element | null>(null);
  /** The keyboard goes back to where it was. */
  const isLeaving = useRef(false);
  useEffect(() => {
    if (place === last.current) return;
    const isInside = panel.current?.contains(document.activeElement);
    if (!isInside) from.current = document.activeElement;
    last.current = place;
    if (place === undefined || isLeaving.current) {
      isLeaving.current = false;
      return;
    }
    panel.current?.scrollTo?.(0, 0);
    if (!isInside) panel.current?.focus({ preventScroll: true });
    if (!isWide) panel.current?.scrollIntoView();
  }, [place, isWide]);
  const back = (): void => {
    isLeaving.current = place !== "tour" || !isWide;
    open(undefined);
    if (from.current instanceof HTMLElement) from.current.focus();
  };
  const leaves = PLACE_NAMES.filter(
    (name) => place && PLACES[name].of === PLACES[place].of && (name !== "sensors" || hasSensors),
  );
  return (
    <aside
      ref={panel}
      id="panel"
      class="panel"
      tabIndex={-1}
      hidden={place === undefined}
      aria-label={place && PLACES[place].title}
      onKeyDown={({ key }) => {
        if (key === "Escape") back();
      }}
    >
      {(leaves.length > 1 || !isWide || place !== "tour") && (
        <div class="bar leaves">
          {leaves.length > 1 && (
            <fieldset class="choice" aria-label="More of it">
              {leaves.map((name) => (
                <button
                  key={name}
                  type="button"
                  data-leaf={name}
                  aria-pressed={name === place}
                  onClick={() => open(name)}
                >
                  {PLACES[name].leaf}
                </button>
              ))}
            </fieldset>
          )}
          <button
            type="button"
            class="small back"
            data-do="back"
            aria-label={isWide ? "Back to the tour" : "Back to the room"}
            onClick={back}
          >
            Back
          </button>
        </div>
      )}
      {PLACE_NAMES.map((name) => (
        <div key={name} hidden={name !== place}>
          {children[name]}
        </div>
      ))}
    </aside>
  );
}
