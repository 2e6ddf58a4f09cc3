import type { PatternTable } from "../patterns";

/**
 * The application note's table for a light that has no colours: what differs there by colour alone differs here by motion.
 * Solid means the cloud and nothing else; a light that is not on the way anywhere only glints, so that it is not taken for
 * a device without power.
 */
export const ONE_COLOUR_PATTERNS = Object.freeze(
  {
    setup: { colour: "white", motion: "blink" },
    joining: { colour: "white", motion: "double" },
    connecting: { colour: "white", motion: "pulse" },
    online: { colour: "white", motion: "solid" },
    offline: { colour: "white", motion: "glint" },
    "hold-setup": { colour: "white", motion: "blink" },
    "hold-factory-reset": { colour: "white", motion: "flicker" },
    identify: { colour: "white", motion: "flashes" },
  } as const satisfies PatternTable,
  true,
);
