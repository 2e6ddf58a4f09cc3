import { SCRIPT } from "./script";
import { STRINGS } from "./strings";
import { STYLE } from "./style";

/** `text` for element content and quoted attributes. */
export function escapeHtml(text: string): string {
  let escaped = "";
  for (const character of text) escaped += ESCAPES[character as keyof typeof ESCAPES] ?? character;
  return escaped;
}

const ESCAPES = Object.freeze(
  { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" } as const,
  true,
);

/**
 * A whole document around `main`. `refreshSeconds`: reloads by itself where no script does it better. The parts of
 * the style and the script are the constants themselves: they take no RAM.
 */
export function documentOf(main: readonly string[], refreshSeconds?: number): string[] {
  const refresh =
    refreshSeconds === undefined
      ? ""
      : `<noscript><meta http-equiv="refresh" content="${refreshSeconds}"></noscript>`;
  return [
    `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">${refresh}<title>${STRINGS.title}</title><style>`,
    STYLE,
    `</style></head><body><main><h1>${STRINGS.title}</h1>`,
    ...main,
    "</main><script>",
    SCRIPT,
    "</script></body></html>",
  ];
}

export type Tone = "bad" | "good" | "warn" | "";

/** A coloured box. `body` is HTML. */
export function note(tone: Tone, title: string, body: string): string {
  return `<div class="note ${tone}"><h2>${escapeHtml(title)}</h2>${body}</div>`;
}

export const paragraph = (text: string): string => (text === "" ? "" : `<p>${escapeHtml(text)}</p>`);

/** The MAC address, selectable, with a button that copies it where scripts run. */
export function macLine(mac: string): string {
  return (
    `<span class="row"><code>${mac}</code>` +
    `<button type="button" hidden data-done="${STRINGS.copied}">${STRINGS.copy}</button></span>`
  );
}

/** A form of one button. */
export function action(path: string, label: string, hex?: string, describedAs?: string): string {
  const field = hex === undefined ? "" : `<input type="hidden" name="net" value="${hex}">`;
  const aria = describedAs === undefined ? "" : ` aria-label="${escapeHtml(`${label}: ${describedAs}`)}"`;
  return `<form method="post" action="${path}">${field}<button${aria}>${label}</button></form>`;
}
