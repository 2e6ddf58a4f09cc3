import { isWpaPassword } from "../wifi/credential-rules";
import type { Network } from "../wifi/network";
import { isSettled } from "./attempt";
import { type BrokerDesk, brokerPage, changeBroker } from "./broker-page";
import { ONLINE_HEADERS, onlineAnswer } from "./captive/os-probes";
import { parseCredentials } from "./credentials";
import { type Form, parseForm, queryValue, textFromHex } from "./form";
import { homePage, type Refill } from "./home-page";
import { documentOf, note, paragraph } from "./html";
import type { HttpRequest } from "./http-request";
import type { HttpResponse } from "./http-response";
import { isKind, type Kind, lineOf } from "./network-list";
import type { Portal, PortalView } from "./portal";
import { statusFragment, statusPage } from "./status-page";
import { CREDENTIALS_FAULT_WORDS, STRINGS } from "./strings";
import { type SupportDesk, supportPage, supportReport } from "./support-page";

const HTML = "text/html; charset=utf-8";
const FORM = "application/x-www-form-urlencoded";

const page = (status: number, body: readonly string[]): HttpResponse => ({ status, type: HTML, body });
const to = (location: string): HttpResponse => ({ status: 303, location });

/** Whom the portal asks. */
export interface Desks {
  readonly portal: Portal;
  /** Absent: the device has no identity, and so no cloud. */
  readonly broker: BrokerDesk | undefined;
  readonly support: SupportDesk;
}

/** What the portal answers. Nothing here waits: what a form starts goes on elsewhere. */
export function respond({ portal, broker: desk, support }: Desks, request: HttpRequest): HttpResponse {
  const view = portal.view();
  if (!isOwnHost(request.host, view.address)) return stranger(view, request);
  if (request.fault !== undefined) return { status: request.fault };
  if (request.method === "POST") {
    if (!isOwnForm(request)) return refused();
    portal.visited();
    const form = parseForm(request.body);
    if (!form) return refused();
    return desk && request.path === "/broker" ? broker(desk, form) : post(portal, view, request.path, form);
  }
  if (request.method !== "GET" && request.method !== "HEAD")
    return { status: 405, extra: "Allow: GET, HEAD, POST" };
  if (desk && request.path === "/broker") {
    portal.visited();
    return page(200, brokerPage(desk));
  }
  if (request.path.startsWith("/support")) {
    portal.visited();
    return report(support, view, request.path);
  }
  return get(portal, view, request);
}

/** The windows that phones open for a portal save no file: the page has the text too. */
function report(support: SupportDesk, { deviceId, accessPoint }: PortalView, path: string): HttpResponse {
  if (path !== "/support.json") return page(200, supportPage(support));
  return {
    status: 200,
    type: "application/json",
    extra: `Content-Disposition: attachment; filename="${deviceId || accessPoint}.json"`,
    body: supportReport(support),
  };
}

function broker(desk: BrokerDesk, form: Form): HttpResponse {
  const fault = changeBroker(desk, form);
  return fault === undefined ? to("/broker") : page(200, brokerPage(desk, fault, form));
}

/**
 * A request for another host, which the captive DNS sent here: a system's probe, or a person's own address. Whatever
 * its size or kind, it is shown the way.
 */
function stranger(view: PortalView, { host, path }: HttpRequest): HttpResponse {
  const { attempt } = view;
  if (attempt?.stage !== "online") return { status: 302, location: `http://${view.address}/` };
  const done = { ...page(200, statusPage(view, attempt)), extra: ONLINE_HEADERS };
  return onlineAnswer(host + path) ?? done;
}

function get(portal: Portal, view: PortalView, request: HttpRequest): HttpResponse {
  const { path, query } = request;
  const { attempt } = view;
  if (path === "/") {
    portal.visited();
    // A phone that lost the access point comes back here: to its attempt.
    if (query !== "choose" && attempt && (!isSettled(attempt) || attempt.stage === "online"))
      return to(`/status?attempt=${attempt.id}`);
    return page(200, homePage(view));
  }
  if (path === "/status") {
    const asked = attempt && queryValue(query, "attempt") === String(attempt.id) ? attempt : undefined;
    if (queryValue(query, "part") === "") return page(asked ? 200 : 404, statusPage(view, asked));
    return asked ? page(200, [statusFragment(view, asked)]) : page(404, []);
  }
  if (onlineAnswer(path)) return stranger(view, request);
  // No file. Where a form led too, asked for again by a browser that was closed on it.
  return path.includes(".") ? { status: 404 } : to("/");
}

function post(portal: Portal, view: PortalView, path: string, form: Form): HttpResponse {
  const ssid = textFromHex(form.get("net") ?? "");
  switch (path) {
    case "/join":
      return join(portal, view, form);
    case "/meant":
      return follow(portal.joinMeant());
    case "/search":
      portal.search();
      return to("/?choose");
    case "/forget":
      if (ssid !== undefined) portal.forget(ssid);
      return to("/?choose");
    case "/up":
      if (ssid !== undefined) portal.moveUp(ssid);
      return to("/?choose");
    case "/forget-time":
      portal.forgetTime();
      return to("/?choose");
    case "/finish":
      // A page of before: there is no saved network any more to go back to.
      if (!portal.finish()) return to("/");
      return page(
        200,
        documentOf([
          note("", STRINGS.closed, paragraph(STRINGS.finishHint) + paragraph(STRINGS.closedAdvice)),
        ]),
      );
    default:
      return refused();
  }
}

const follow = (attempt: number | undefined): HttpResponse =>
  to(attempt === undefined ? "/?choose" : `/status?attempt=${attempt}`);

function join(portal: Portal, view: PortalView, form: Form): HttpResponse {
  const chosen = chosenNetwork(view, form);
  const refill = (fault: string): HttpResponse => {
    const net = form.get("net") ?? "";
    const known = net === "other" || view.networks.some((each) => each.value === net);
    const again: Refill = { fault, net: known ? net : "", name: form.get("name") ?? "" };
    return page(200, homePage(view, again));
  };
  if (typeof chosen === "string") return refill(chosen);
  const attempt = portal.join(chosen);
  return attempt === undefined ? refill(STRINGS.listFull) : follow(attempt);
}

/** The network that the form asks for, or what is wrong with it, in words. It has the security that was chosen. */
function chosenNetwork({ networks }: PortalView, form: Form): Network | string {
  const [hex = "", chosen = ""] = (form.get("net") ?? "").split(".");
  const typed = hex === "other" || hex === "";
  const ssid = typed ? (form.get("name") ?? "") : textFromHex(hex);
  if (ssid === undefined || !(typed || isKind(chosen))) return CREDENTIALS_FAULT_WORDS.malformed;
  const accepted = form.get("accept") === "on";
  const password = form.get("password") ?? "";
  const kind = (typed ? lineOf(networks, ssid, password !== "")?.way : chosen) as Kind | undefined;
  // Never dropped: an open twin may be somebody's who waits for just that.
  if (kind === "open" && password !== "") return STRINGS.passwordUnwanted;
  const weak = kind ? kind !== "wpa2" : password === "" || !isWpaPassword(password);
  const parsed = parseCredentials({
    ssid,
    password,
    hidden: typed && kind === undefined,
    // A hidden network's security is not known beforehand: the tick is for it.
    allowLegacySecurity: accepted && password !== "" && (kind === undefined || weak),
  });
  if ("fault" in parsed) {
    const { fault } = parsed;
    // No box to tick for a network that is known to have no WEP.
    return CREDENTIALS_FAULT_WORDS[fault === "password-wep-only" && !weak ? "password-too-short" : fault];
  }
  if (password === "" && kind && kind !== "open") return STRINGS.passwordMissing;
  return weak && !accepted ? STRINGS.weakNotAccepted : parsed.network;
}

function refused(): HttpResponse {
  return page(403, documentOf([note("", STRINGS.refused, paragraph(STRINGS.refusedAdvice)), HOME]));
}

const HOME = `<p><a class="button" href="/">${STRINGS.back}</a></p>`;

/**
 * Whether a form for our address by number (a name would be somebody's who made it point here) was sent by our own
 * page: from our origin (RFC 6454; `Sec-Fetch-Site` where the browser sends it), and as a form.
 */
function isOwnForm({ host, origin, fetchSite, contentType }: HttpRequest): boolean {
  if (origin !== undefined && origin.toLowerCase() !== `http://${host}`) return false;
  if (fetchSite !== undefined && fetchSite !== "same-origin" && fetchSite !== "none") return false;
  return contentType.toLowerCase().split(";")[0]!.trim() === FORM;
}

function isOwnHost(host: string, address: string): boolean {
  return host === address || host.startsWith(`${address}:`);
}
