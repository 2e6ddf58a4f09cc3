import TextEncoder from "text/encoder";
import { hexOf } from "./form";
import { action, documentOf, escapeHtml, macLine, note, paragraph } from "./html";
import { barsOf, isKind, type ListedNetwork, lineOf } from "./network-list";
import type { PortalView } from "./portal";
import { failureBody, joinWords } from "./status-page";
import { cloudFailureWords, STRINGS, UNSUPPORTED_WORDS, type Words } from "./strings";

/** Text that a phone is not to improve. */
const TYPED = ' autocapitalize="none" autocorrect="off" autocomplete="off" spellcheck="false"';

/** What a person had filled in, and what is wrong with it. Never the password. */
export interface Refill {
  readonly fault: string;
  /** Value of the chosen radio button. */
  readonly net: string;
  readonly name: string;
}

/** The first page: networks to choose from, what is saved, and who the device is. */
export function homePage(view: PortalView, refill?: Refill): string[] {
  const { attempt, lastFailure, lastCloudFailure, mac } = view;
  const failure = attempt?.joinFailure ?? lastFailure;
  const parts: string[] = [];
  if (view.deviceId === "") parts.push(note("bad", STRINGS.noIdentity, paragraph(STRINGS.noIdentityAdvice)));
  const problem = (title: string, words: Words): void => {
    parts.push(note("bad", title, paragraph(words.says) + failureBody(words, failure, mac)));
  };
  if (refill) parts.push(`<div role="alert">${note("bad", refill.fault, "")}</div>`);
  else if (failure) problem(`${STRINGS.lastProblem}: ${failure.ssid}`, joinWords(failure));
  else if (lastCloudFailure !== undefined) problem(STRINGS.lastProblem, cloudFailureWords(lastCloudFailure));
  // A page that reloads has nothing in it that somebody may be typing.
  if (view.searching && !refill) return documentOf([...parts, SEARCHING, about(view)], 3);
  parts.push(...chooser(view, refill ?? again(view, failure?.ssid)), saved(view), about(view));
  return documentOf(parts);
}

const SEARCHING = `<section data-searching><p>${STRINGS.searching}</p><p class="soft">${STRINGS.lossHint}</p></section>`;

/** What failed is what is tried again: chosen already, also by the name that was typed. */
function again({ networks, attempt }: PortalView, failed: string | undefined): Partial<Refill> {
  const listed = lineOf(networks, failed, false);
  if (listed) return { net: listed.value };
  return attempt && failed !== undefined ? { net: "other", name: failed } : {};
}

function chooser({ networks, more, attempt }: PortalView, refill: Partial<Refill>): string[] {
  const chosen = refill.net;
  // A hidden network's security is not known: the box to accept a weak one is shown once it may be what is needed.
  const asked = refill.fault !== undefined || attempt?.joinFailure?.reason === "unsupported-security";
  return [
    `<form class="card" id="join" method="post" action="/join"><fieldset><legend>${STRINGS.chooseNetwork}</legend>`,
    ...networks.map((each) => line(each, chosen)),
    networks.length === 0 ? paragraph(STRINGS.noNetworks) : "",
    more > 0 ? `<p class="soft">${STRINGS.more} ${more}</p>` : "",
    `<label class="net"><input type="radio" name="net" value="other" required${checked(chosen === "other")}><b>${STRINGS.otherNetwork}</b></label>`,
    `<p class="soft">${STRINGS.fiveGhz}</p></fieldset>`,
    `<div class="other"><label class="field" for="name">${STRINGS.otherName}</label><input type="text" id="name" name="name" value="${escapeHtml(refill.name ?? "")}" aria-describedby="hint"${TYPED}><p class="soft" id="hint">${STRINGS.otherHint}</p></div>`,
    `<div class="secret"><label class="field" for="password">${STRINGS.password}</label><input type="password" id="password" name="password"${TYPED}><label class="tick" hidden><input type="checkbox" id="show">${STRINGS.showPassword}</label></div>`,
    `<div class="weak${asked ? " asked" : ""}">${note("warn", STRINGS.weakTitle, `${paragraph(STRINGS.weakAdvice)}<label class="tick"><input type="checkbox" name="accept">${STRINGS.weakAccept}</label>`)}</div>`,
    `<button class="go" id="go">${STRINGS.connect}</button></form>`,
    `<section>${action("/search", STRINGS.searchAgain)}<p class="soft">${STRINGS.lossHint}</p></section>`,
  ];
}

function line({ ssid, hex, value, rssi, way }: ListedNetwork, chosen: string | undefined): string {
  const bars = barsOf(rssi);
  const signal = `<span class="bars b${bars}" role="img" aria-label="${STRINGS.signal} ${bars} ${STRINGS.ofFour}"><i></i><i></i><i></i><i></i></span>`;
  const name = escapeHtml(ssid ?? hex);
  if (!isKind(way))
    return `<label class="net off"><input type="radio" disabled><b>${name}<small>${UNSUPPORTED_WORDS[way]}</small></b>${signal}</label>`;
  const open = way === "open";
  const weak = way !== "wpa2";
  const words = open ? STRINGS.notSecured : weak ? STRINGS.weakSecurity : STRINGS.secured;
  const marks = `${weak ? " data-weak" : ""}${open ? " data-open" : ""}`;
  return `<label class="net"><input type="radio" name="net" value="${value}" required${marks}${checked(chosen === value)}><b>${name}<small>${words}</small></b>${signal}</label>`;
}

function saved({ saved }: PortalView): string {
  if (saved.length === 0) return "";
  const encoder = new TextEncoder();
  const lines = saved.map((ssid, i) => {
    const hex = hexOf(encoder.encode(ssid));
    const up = i === 0 ? "" : action("/up", STRINGS.moveUp, hex, ssid);
    return `<li><b>${escapeHtml(ssid)}</b>${up}${action("/forget", STRINGS.forget, hex, ssid)}</li>`;
  });
  return (
    `<section><h2>${STRINGS.saved}</h2><p class="soft">${STRINGS.savedHint}</p><ol class="saved">${lines.join("")}</ol>` +
    `${action("/finish", STRINGS.finish)}<p class="soft">${STRINGS.finishHint}</p></section>`
  );
}

function about({ mac, deviceId, firmware }: PortalView): string {
  return (
    `<section><h2>${STRINGS.about}</h2><dl><dt>${STRINGS.mac}</dt><dd>${macLine(mac)}</dd>` +
    `<dt>${STRINGS.deviceId}</dt><dd>${escapeHtml(deviceId)}</dd><dt>${STRINGS.firmware}</dt><dd>${escapeHtml(firmware)}</dd></dl>` +
    `${deviceId === "" ? "" : `<p><a class="button" href="/broker">${STRINGS.broker}</a></p>`}<p><a class="button" href="/support">${STRINGS.support}</a></p>${action("/forget-time", STRINGS.forgetTime)}<p class="soft">${STRINGS.forgetTimeHint}</p></section>`
  );
}

const checked = (yes: boolean): string => (yes ? " checked" : "");
