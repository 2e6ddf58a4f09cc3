import { useEffect, useRef, useState } from "preact/hooks";
import type { LogLine, State } from "../live/protocol";
import type { Act } from "./act";
import type { Store } from "./store";

/** What one does to the monitor itself: its plug, its button, its label, its log. */
export function Device({ store, state, act }: { store: Store; state: State; act: Act }) {
  const { device } = state;
  return (
    <section class="place device" aria-labelledby="device-title">
      <div class="bar">
        <h2 id="device-title">The device</h2>
        <button type="button" class="small" data-do="new-board" onClick={() => void act({ do: "new-board" })}>
          New board
        </button>
        <button
          type="button"
          class={device.on ? "" : "primary"}
          aria-pressed={device.on}
          data-do="power"
          onClick={() => void act({ do: "power", on: !device.on })}
        >
          {device.on ? "Cut power" : "Power on"}
        </button>
      </div>
      <div class="case">
        <HoldButton act={act} disabled={!device.on} />
      </div>
      <img
        class="label"
        src="/label.svg"
        alt={`The device's label: setup Wi-Fi ${device.setupSsid}, password ${device.setupPassword}, MAC ${device.mac.toUpperCase()}, device ${device.id}, and a QR code that joins a phone to the setup Wi-Fi`}
      />
      <Log lines={store.logs} />
    </section>
  );
}

/** To press as long as one likes, or for the times that mean something. */
function HoldButton({ act, disabled }: { act: Act; disabled: boolean }) {
  const [since, setSince] = useState<number>();
  const [seconds, setSeconds] = useState(0);
  const press = (): void => {
    if (since !== undefined || disabled) return;
    setSince(performance.now());
    void act({ do: "button", pressed: true });
  };
  const release = (): void => {
    if (since === undefined) return;
    setSince(undefined);
    setSeconds(0);
    void act({ do: "button", pressed: false });
  };
  useEffect(() => {
    if (since === undefined) return;
    const timer = setInterval(() => setSeconds((performance.now() - since) / 1000), 100);
    return () => clearInterval(timer);
  }, [since]);
  const isKey = ({ key }: KeyboardEvent): boolean => key === " " || key === "Enter";
  const hold = (forMs: number): void => {
    void act({ do: "button", pressed: true });
    setTimeout(() => void act({ do: "button", pressed: false }), forMs);
  };
  return (
    <>
      <button
        type="button"
        class="round"
        disabled={disabled}
        data-do="hold"
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          press();
        }}
        onPointerUp={release}
        onPointerCancel={release}
        onKeyDown={(event) => {
          if (isKey(event) && !event.repeat) press();
        }}
        onKeyUp={(event) => {
          if (isKey(event)) release();
        }}
        onBlur={release}
      >
        {since === undefined ? "Hold" : `${seconds.toFixed(1)} s`}
      </button>
      <div class="keys">
        <button type="button" class="small" disabled={disabled} onClick={() => hold(3_400)}>
          3 s: setup mode
        </button>
        <button type="button" class="small" disabled={disabled} onClick={() => hold(10_500)}>
          10 s: factory reset
        </button>
      </div>
    </>
  );
}

function Log({ lines }: { lines: readonly LogLine[] }) {
  const list = useRef<HTMLOListElement>(null);
  const follows = useRef(true);
  /** As high as it was when it was last scrolled: more may have come before the browser tells of it. */
  const height = useRef(0);
  useEffect(() => {
    const element = list.current;
    if (!element) return;
    height.current = element.scrollHeight;
    if (follows.current) element.scrollTop = element.scrollHeight;
  }, [lines]);
  return (
    <ol
      class="log"
      ref={list}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
      tabIndex={0}
      aria-label="The firmware's log"
      onScroll={({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) => {
        follows.current = scrollTop + clientHeight > Math.min(height.current, scrollHeight) - 30;
      }}
    >
      {lines.map(({ n, unixMs, level, room, text }) => (
        <li key={n} class={level}>
          <time>{new Date(unixMs).toLocaleTimeString()}</time> <b>{room}</b> {text}
        </li>
      ))}
    </ol>
  );
}
