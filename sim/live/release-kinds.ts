// Releases that the page and the scenes send. Only plain data: the page imports it.

/** What the button says, and what comes of it. */
export const RELEASE_KINDS = {
  good: { says: "A good one", watch: "It is loaded, tried and kept." },
  crashes: { says: "One that crashes", watch: "It dies at its first step; the old one is back and says so." },
  "never-blue": {
    says: "One that never gets blue",
    watch: "It cannot reach the broker and gives up after 15 minutes; an hour later it has a second try.",
  },
  "other-board": { says: "One of another board", watch: "Refused before a byte is loaded." },
  older: { says: "An older one", watch: "Refused: what was mended stays mended." },
} as const;
export type ReleaseKind = keyof typeof RELEASE_KINDS;
export const RELEASE_KIND_NAMES = Object.keys(RELEASE_KINDS) as ReleaseKind[];
