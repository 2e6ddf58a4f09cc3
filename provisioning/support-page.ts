import { type Diagnostics, formatDiagnostics } from "../modules/diagnostics/diagnostics";
import { documentOf, escapeHtml, paragraph } from "./html";
import { failureWords, STRINGS, stateWords } from "./strings";

/** What the device tells of itself without a cloud. Nothing in it is secret. */
export interface SupportDesk {
  /** "": the device has no identity. */
  readonly deviceId: string;
  diagnostics(): Diagnostics;
}

/** The page: in plain words for whoever has the device, and as {@link supportReport} for whoever helps. */
export function supportPage(desk: SupportDesk): string[] {
  const all = desk.diagnostics();
  let problems = "";
  for (const failure of all.recentFailures)
    problems = paragraph(failureWords(failure, all.clock.uptimeMs)) + problems;
  return documentOf([
    `<section><h2>${STRINGS.lastProblem}</h2>`,
    problems || STRINGS.noProblems,
    `</section><section><h2>${STRINGS.about}</h2><p class="lines">${escapeHtml(stateWords(all))}</p></section>`,
    `<section><h2>${STRINGS.forSupport}</h2><p>${STRINGS.supportHint}</p><p><a class="button" href="/support.json">${STRINGS.supportSave}</a></p><p>${STRINGS.supportCopy}</p><pre>`,
    // Quotes may stand in it as they are.
    supportReport(desk).join("").replaceAll("&", "&amp;").replaceAll("<", "&lt;"),
    `</pre><button type="button" hidden data-done="${STRINGS.copied}">${STRINGS.copy}</button></section><p><a class="button" href="/?choose">${STRINGS.back}</a></p>`,
  ]);
}

/** The same for whoever helps: JSON (docs/setup.md). */
export function supportReport(desk: SupportDesk): string[] {
  // The id has nothing that JSON would escape.
  return [`{"v":1,"device":"${desk.deviceId}","diagnostics":`, formatDiagnostics(desk.diagnostics()), "}\n"];
}
