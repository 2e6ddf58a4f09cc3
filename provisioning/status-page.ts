import type { JoinFailure } from "../wifi/join-round";
import type { Attempt } from "./attempt";
import { action, documentOf, escapeHtml, macLine, note, paragraph, type Tone } from "./html";
import type { PortalView } from "./portal";
import { cloudFailureWords, JOIN_FAILURE_WORDS, STAGE_WORDS, STRINGS, type Words } from "./strings";

/** A reload of the page where no script follows the attempt, seconds. */
const REFRESH_SECONDS = 3;

/** How an attempt stands. `undefined` for an id that the device does not know. */
export function statusPage(view: PortalView, attempt: Attempt | undefined): string[] {
  if (!attempt) {
    const advice = `${paragraph(STRINGS.unknownAttemptAdvice)}${BACK}`;
    return documentOf([note("", STRINGS.unknownAttempt, advice)]);
  }
  const lost = `<div id="lost" role="status" hidden>${note("warn", STRINGS.lost, `${paragraph(STRINGS.lostAdvice)}<code>${escapeHtml(view.accessPoint)}</code>`)}</div>`;
  const refresh = isLast(attempt) ? undefined : REFRESH_SECONDS;
  return documentOf(
    [
      `${lost}<div id="live" aria-live="polite" data-attempt="${attempt.id}">`,
      statusFragment(view, attempt),
      "</div>",
    ],
    refresh,
  );
}

/** The part of the page that changes. */
export function statusFragment(view: PortalView, attempt: Attempt): string {
  const { unsaved } = attempt;
  const over = isLast(attempt) ? " data-over" : "";
  const network = `<p${over}>${STRINGS.network}: <b>${escapeHtml(attempt.ssid)}</b></p>`;
  const steps = `<section><h2>${STRINGS.progress}</h2>${network}${stepsOf(attempt)}</section>`;
  const trouble = unsaved ? note("bad", STRINGS.unsaved, "") : "";
  return `${noteOf(attempt, view.mac)}${trouble}${steps}${buttons(attempt, view)}`;
}

/** Nothing follows this. (A cloud that is not reached may still be.) */
const isLast = ({ stage }: Attempt): boolean => stage === "online" || stage === "join-failed";

export function joinWords({ reason }: JoinFailure): Words {
  return JOIN_FAILURE_WORDS[reason];
}

/** What to do, with the numbers that support asks for. */
export function failureBody(words: Words, failure: JoinFailure | undefined, mac: string): string {
  const { number, name = String(number), rssi } = failure ?? {};
  const details: string[] = [];
  if (number !== undefined) details.push(name);
  if (rssi !== undefined) details.push(`${STRINGS.signal} ${rssi} dBm`);
  return (
    `<p><b>${STRINGS.whatToDo}</b> ${escapeHtml(words.advice)}</p>` +
    (failure?.reason === "rejected" ? `<p>${macLine(mac)}</p>` : "") +
    (details.length === 0
      ? ""
      : `<p class="soft">${STRINGS.forSupport}: ${escapeHtml(details.join(", "))}</p>`)
  );
}

function noteOf(attempt: Attempt, mac: string): string {
  const { stage, joinFailure, cloudFailure, spaces, meant } = attempt;
  const { says, advice } = STAGE_WORDS[stage];
  if (joinFailure) {
    const words = joinWords(joinFailure);
    const odd = spaces ? paragraph(STRINGS.passwordSpaces) : "";
    let notes = note("bad", words.says, odd + failureBody(words, joinFailure, mac));
    // Joined by one touch, with the password that was typed.
    if (meant !== undefined)
      notes += note("warn", `${STRINGS.meant} “${meant}”?`, action("/meant", STRINGS.meantUse));
    return stage === "looking" ? notes + note("", says, paragraph(advice)) : notes;
  }
  if (cloudFailure === undefined) return note(TONES[stage], says, paragraph(advice));
  // Behind a sign-in page the light will be solid white: that network counts as not joined.
  const next = cloudFailure === "captive-portal" ? "" : paragraph(advice);
  const words = cloudFailureWords(cloudFailure);
  const body = paragraph(words.says) + failureBody(words, undefined, mac);
  return note("bad", says, body + (next === "" ? `<p>${macLine(mac)}</p>` : next));
}

const TONES = Object.freeze(
  {
    joining: "",
    connected: "",
    online: "good",
    looking: "bad",
    "join-failed": "bad",
    "cloud-failed": "bad",
  } as const satisfies Record<Attempt["stage"], Tone>,
  true,
);

type Mark = "done" | "now" | "failed" | "";

/** Wi-Fi, address, cloud: how far each stage has come. */
const MARKS = Object.freeze(
  {
    joining: ["now", ""],
    connected: ["done", "now"],
    online: ["done", "done"],
    looking: ["now", ""],
    "join-failed": ["failed", ""],
    "cloud-failed": ["done", "failed"],
  } as const satisfies Record<Attempt["stage"], readonly [Mark, Mark]>,
  true,
);

function stepsOf({ stage }: Attempt): string {
  const [wifi, cloud] = MARKS[stage];
  return `<ol class="steps"><li class="${wifi}">${STRINGS.stepWifi}${STRINGS[`mark-${wifi}`]}</li><li class="${cloud}">${STRINGS.stepCloud}${STRINGS[`mark-${cloud}`]}</li></ol>`;
}

const BACK = `<p><a class="button" href="/?choose">${STRINGS.back}</a></p>`;

function buttons({ stage }: Attempt, { saved }: PortalView): string {
  if (stage === "online") return "";
  if (stage === "join-failed" || stage === "looking")
    return `<p><a class="button go" href="/?choose">${STRINGS.again}</a></p>`;
  const finish = stage === "cloud-failed" && saved.length > 0 ? action("/finish", STRINGS.finish) : "";
  const hint = stage === "joining" ? `<p class="soft">${STRINGS.lossHint} ${STRINGS.reload}</p>` : "";
  return `${hint}<div class="row"><a class="button" href="/?choose">${STRINGS.another}</a>${finish}</div>`;
}
