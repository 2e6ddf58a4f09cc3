import { type Diagnostics, formatDiagnostics } from "../modules/diagnostics/diagnostics";
import type { Failure } from "../modules/diagnostics/failure-counts";
import { documentOf, escapeHtml } from "./html";
import { CLOCK_WORDS, failureSays, STRINGS } from "./strings";

/** What the device tells of itself without a cloud. Nothing in it is secret. */
export interface SupportDesk {
  /** "": the device has no identity. */
  readonly deviceId: string;
  diagnostics(): Diagnostics;
  /** The last failures, oldest first. */
  readonly lastFailures: readonly Failure[];
}

/** The page: in plain words for whoever has the device, and as {@link supportReport} for whoever helps. */
export function supportPage(desk: SupportDesk): string[] {
  const all = desk.diagnostics();
  const { clock, sensors, journal } = all;
  const failures = desk.lastFailures;
  const parts = [`<section><h2>${STRINGS.lastProblems}</h2>`];
  if (failures.length === 0) parts.push(`<p>${STRINGS.noProblems}</p>`);
  parts.push("<dl>");
  for (let i = failures.length - 1; i >= 0; i--) {
    const { reason, detail, atMs } = failures[i]!;
    const behind = detail === undefined ? "" : `, ${detail}`;
    const when = `${span(clock.uptimeMs - atMs)} ${STRINGS.ago}`;
    parts.push(entry(`${when}: ${reason}${behind}`, failureSays(reason, detail)));
  }
  const { pending, dropped } = journal;
  parts.push(
    `</dl></section><section><h2>${STRINGS.supportState}</h2><dl>`,
    entry(STRINGS.firmware, `${all.firmware} (${all.release}), ${all.board}`),
    entry(STRINGS.running, `${span(clock.uptimeMs)}, ${STRINGS.start} ${all.boot} (${all.reset})`),
    entry(STRINGS.clock, CLOCK_WORDS[clock.quality]),
    entry(STRINGS.certificate, certificateWords(all)),
    entry(sensors.model, sensors.fault ?? STRINGS.works),
    entry(STRINGS.readings, `${pending} ${STRINGS.readingsPending}, ${dropped} ${STRINGS.readingsDropped}`),
    entry(STRINGS.stepCloud, `${all.connects} ${STRINGS.connects}`),
  );
  if (all.crash !== undefined) parts.push(entry(STRINGS.crash, all.crash));
  parts.push(
    `</dl></section><section><h2>${STRINGS.forSupport}</h2><p>${STRINGS.supportHint}</p>` +
      `<p><a class="button" href="/support.json">${STRINGS.supportSave}</a></p><p class="soft">${STRINGS.supportCopy}</p><pre>`,
    supportReport(desk, all).join("").replaceAll("&", "&amp;").replaceAll("<", "&lt;"),
    `</pre><button type="button" hidden data-done="${STRINGS.copied}">${STRINGS.copy}</button></section>`,
    `<p><a class="button" href="/?choose">${STRINGS.back}</a></p>`,
  );
  return documentOf(parts);
}

/** The same for whoever helps: JSON (docs/setup.md). */
export function supportReport(desk: SupportDesk, all = desk.diagnostics()): string[] {
  const lastFailures = desk.lastFailures.map(({ reason, detail, atMs }) => ({
    reason,
    detail,
    secondsAgo: Math.floor((all.clock.uptimeMs - atMs) / 1000),
  }));
  const { deviceId } = desk;
  return [
    `{"v":1,"device":${JSON.stringify(deviceId)},"lastFailures":${JSON.stringify(lastFailures)},"diagnostics":`,
    formatDiagnostics(all),
    "}\n",
  ];
}

function certificateWords({ certificate: { expires, daysLeft } }: Diagnostics): string {
  if (expires === null) return STRINGS.certificateNone;
  if (daysLeft === null) return STRINGS.certificateUnknown;
  return daysLeft < 0 ? STRINGS.certificateOver : `${daysLeft} ${STRINGS.daysLeft}`;
}

/** How long, in its two largest units. */
function span(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  const hours = Math.floor(minutes / 60);
  if (hours >= 24) return `${Math.floor(hours / 24)} d ${hours % 24} h`;
  return hours > 0 ? `${hours} h ${minutes % 60} min` : `${minutes} min`;
}

const entry = (name: string, says: string): string =>
  `<dt>${escapeHtml(name)}</dt><dd>${escapeHtml(says)}</dd>`;
