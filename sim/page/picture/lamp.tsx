import { useEffect, useRef } from "preact/hooks";
import type { Status } from "../../../modules/device/status";
import type { Rgb, State } from "../../live/protocol";
import { css, seen, standing } from "../light";
import type { Store } from "../store";
import { type Layout, placed } from "./layout";

const MEANING = {
  setup: "setup mode",
  joining: "joining Wi-Fi",
  connecting: "Wi-Fi connected, cloud connecting",
  online: "Wi-Fi and cloud connected",
  offline: "no Wi-Fi, no cloud",
} as const satisfies Record<Status, string>;

const STILL = matchMedia("(prefers-reduced-motion: reduce)");
/** Above the foot of the device's drawing. */
const LAMP_UP = 172;
const WORDS_UP = 128;

/** The LED as the firmware drives it, 30 steps a second, past the drawing of the page; what it says, below it. */
export function Lamp({ store, state, layout }: { store: Store; state: State; layout: Layout }) {
  const { device } = state;
  const { sight } = device;
  const light = useRef<HTMLDivElement>(null);
  const lastSight = useRef(sight);
  lastSight.current = sight ?? lastSight.current;
  useEffect(() => {
    store.onLed = (duty: Rgb) => {
      const element = light.current;
      if (!element) return;
      const colour = (STILL.matches && store.connected && standing(lastSight.current)) || seen(duty);
      const text = css(colour);
      if (element.style.getPropertyValue("--light") === text) return;
      element.style.setProperty("--light", text);
      element.style.setProperty("--halo", halo(colour));
    };
    store.onLed(store.led);
  }, [store, sight]);
  const { x, y, scale = 1 } = layout.things.device;
  return (
    <>
      <div ref={light} class="light" style={placed(layout, { x, y: y - LAMP_UP * scale })} aria-hidden="true">
        <div class="glow" />
        <div class="led" data-led="" />
      </div>
      <p
        class="sight"
        style={placed(layout, { x, y: y - WORDS_UP * scale })}
        role="status"
        data-sight={sight ?? ""}
      >
        <strong>{store.connected ? (sight ?? "changing") : "unknown"}</strong>
        <span>
          {!store.connected
            ? "the simulator is gone"
            : device.on
              ? device.status && MEANING[device.status]
              : "no power"}
        </span>
      </p>
    </>
  );
}

/** The light around the lamp: the same colour at its brightest, the fainter the darker the lamp is. */
function halo({ r, g, b }: Rgb): string {
  const most = Math.max(r, g, b, 1);
  const [red, green, blue] = [r, g, b].map((each) => Math.round((255 * each) / most));
  return `rgb(${red} ${green} ${blue} / ${(most / 255).toFixed(2)})`;
}
