/**
 * What is known here of a monitor's light (docs/setup.md; README, "The light"): only solid blue, which means that Wi-Fi
 * and cloud are connected, can be said from afar. Of the others the light itself tells.
 */
export type Lit = "online" | "away" | "new";

const WORDS = {
  online: { sight: "Solid blue", means: "Wi-Fi and cloud connected" },
  away: { sight: "Not blue", means: "not connected to the cloud" },
  new: { sight: "Not seen yet", means: "has never connected" },
} as const satisfies Record<Lit, { sight: string; means: string }>;

export const litOf = (online: boolean, heardAt: string | null): Lit =>
  online ? "online" : heardAt === null ? "new" : "away";

export function Light({ lit, isLarge = false }: { lit: Lit; isLarge?: boolean }) {
  return (
    <span
      class={`light ${lit} ${isLarge ? "large" : ""}`}
      role="img"
      aria-label={`Light: ${WORDS[lit].sight.toLowerCase()}, ${WORDS[lit].means}`}
    />
  );
}

export const LightWords = ({ lit }: { lit: Lit }) => (
  <>
    <strong>{WORDS[lit].sight}</strong>: {WORDS[lit].means}
  </>
);

/** The table of the monitor's light for what cannot be seen from here. */
const ELSEWHERE = [
  ["solid white", "white", "no Wi-Fi, no cloud"],
  ["pulse white", "white pulse", "joining Wi-Fi"],
  ["pulse blue", "blue pulse", "Wi-Fi connected, cloud connecting"],
  ["pulse yellow", "yellow pulse", "setup mode"],
  ["dark", "dark", "no power"],
] as const;

export function LightTable() {
  return (
    <div class="notice quiet">
      <p>What the light at the monitor shows says why:</p>
      <ul class="lights">
        {ELSEWHERE.map(([sight, look, means]) => (
          <li key={sight}>
            <span class={`light ${look}`} aria-hidden="true" /> <strong>{sight}</strong>: {means}
          </li>
        ))}
      </ul>
    </div>
  );
}
