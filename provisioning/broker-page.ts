import { BROKER_KEYS } from "../modules/configuration/broker-profile";
import type { BrokerTrial } from "../modules/configuration/broker-trial";
import type { Form } from "./form";
import { documentOf, escapeHtml, note, paragraph } from "./html";
import { failureBody } from "./status-page";
import { BROKER_LABELS, cloudFailureWords, REFUSAL_WORDS, STRINGS } from "./strings";

/** What the page shows and does: modules/configuration/broker-trial.ts. */
export type BrokerDesk = Pick<BrokerTrial, "profile" | "trying" | "failed" | "reason" | "propose">;

/** What was typed stays, but for the password. */
export function brokerPage(desk: BrokerDesk, fault = "", typed?: Form): string[] {
  const parts: string[] = [];
  if (fault !== "") parts.push(`<div role="alert">${note("bad", fault, "")}</div>`);
  else if (desk.trying) parts.push(note("warn", STRINGS.brokerTrying, ""));
  else if (desk.failed) {
    const words = cloudFailureWords(desk.reason ?? "unknown");
    parts.push(note("bad", STRINGS.brokerFailed, paragraph(words.says) + failureBody(words, undefined, "")));
  }
  parts.push(`<form class="card" method="post" action="/broker">${paragraph(STRINGS.brokerHint)}`);
  for (const key of BROKER_KEYS) {
    const isSecret = key === "brokerPassword";
    const value = isSecret ? "" : (typed?.get(key) ?? String(desk.profile[key]));
    parts.push(
      `<label class="field" for="${key}">${BROKER_LABELS[key]}</label>` +
        `<input type="${isSecret ? "password" : "text"}" id="${key}" name="${key}" value="${escapeHtml(value)}" autocapitalize="none" autocomplete="off" spellcheck="false">`,
    );
  }
  parts.push(
    `<p class="soft">${STRINGS.brokerPasswordHint}</p><button class="go">${STRINGS.brokerSave}</button></form>`,
  );
  return documentOf([...parts, `<p><a class="button" href="/?choose">${STRINGS.back}</a></p>`]);
}

/** The trial that the form asks for has begun, or what is wrong with it, in words. */
export function changeBroker(desk: BrokerDesk, form: Form): string | undefined {
  const changes: Record<string, unknown> = {};
  for (const key of BROKER_KEYS) {
    const text = form.get(key);
    if (text === undefined) continue;
    const number = typeof desk.profile[key] === "number";
    if (number && text === "") changes[key] = Number.NaN;
    else if (key !== "brokerPassword" || text !== "" || form.get("brokerUser") === "")
      changes[key] = number ? Number(text) : text;
  }
  const wrong = desk.propose(changes);
  if (wrong === "storage") return STRINGS.brokerStorage;
  return wrong && `${BROKER_LABELS[wrong.key]}: ${REFUSAL_WORDS[wrong.refusal]}`;
}
