// People: the way to the operator's OpenID Connect provider and back. No form, no password here.
import { SIGN_IN_FAULTS, type SignInFault } from "../../access/people";
import type { Admission } from "../admission";
import { type Operation, operation } from "../http/operation";
import { Problem, refusalReply } from "../http/problem";
import { json, type Reply } from "../http/reply";
import type { ApiParts } from "../parts";
import { RefusalNotes } from "../refusal-notes";
import { COMMON_ANSWERS, KNOWN_ANSWERS, ok } from "./answers";
import { OBJECT } from "./schemas";

const HOME = "/";

export function signInCalls(parts: ApiParts, admission: Admission): Operation[] {
  const refusals = new RefusalNotes();
  return [
    operation({
      id: "signIn",
      tag: "people",
      method: "GET",
      path: "/sign-in",
      says: "Send a browser to the sign-in service",
      needs: "open",
      answers: {
        ...COMMON_ANSWERS,
        302: { says: "To the sign-in service", headers: ["Location", "Set-Cookie"] },
        403: KNOWN_ANSWERS[403],
        404: { says: "Nobody signs in here" },
        502: { says: "The sign-in service is not reached" },
      },
      run: async ({ address }) => {
        const refused = admission.refusesPeople(address);
        if (refused) return refusalReply(refused);
        const begun = await peopleOf(parts)
          .begin()
          .catch((error: Error) => {
            parts.log(`the sign-in service is not reached: ${error.message}`);
          });
        if (!begun) return told("provider", 502);
        return away(begun.url, [await parts.sessions.keep(begun.pending)]);
      },
    }),
    operation({
      id: "signInCallback",
      tag: "people",
      method: "GET",
      path: "/sign-in/callback",
      says: "Where the sign-in service sends a browser back to",
      needs: "open",
      answers: {
        ...COMMON_ANSWERS,
        303: { says: "Signed in", headers: ["Location", "Set-Cookie"] },
        403: {
          says: "Not signed in, and why, in words for a person",
          content: { "text/plain": { type: "string" } },
        },
        404: { says: "Nobody signs in here" },
      },
      run: async ({ url, headers, address }) => {
        const refused = admission.refusesPeople(address);
        if (refused) return refusalReply(refused);
        const pending = await parts.sessions.pending(headers.cookie as string | undefined);
        const person = await peopleOf(parts).finish(url.search, pending);
        const { store } = parts;
        const isIn = typeof person !== "string";
        if (isIn || refusals.mayNote("unknown"))
          await store.audit.add({
            at: store.seconds,
            account: isIn ? person.account : null,
            actor: isIn ? person.name : "unknown",
            action: "sign-in",
            device: null,
            detail: { outcome: isIn ? "done" : person, address },
          });
        if (!isIn) return told(person, 403, [parts.sessions.end("sign-in")]);
        return away(HOME, [await parts.sessions.begin(person), parts.sessions.end("sign-in")], 303);
      },
    }),
    operation({
      id: "signOut",
      tag: "people",
      method: "POST",
      path: "/sign-out",
      says: "End the session of this browser",
      needs: "known",
      answers: { ...KNOWN_ANSWERS, 204: { says: "Ended", headers: ["Set-Cookie"] } },
      run: () => ({ status: 204, headers: { "Set-Cookie": parts.sessions.end("session") } }),
    }),
    operation({
      id: "whoAmI",
      tag: "people",
      method: "GET",
      path: "/api/v3/external/me",
      says: "Who is asking, and what they may",
      needs: "known",
      answers: { ...KNOWN_ANSWERS, 200: ok("Kind, name, account and scopes", OBJECT) },
      run: ({ principal: { kind, id, account, scopes } }) =>
        json({ kind, name: id, account_id: account, scopes: [...scopes] }),
    }),
  ];
}

function peopleOf({ people }: ApiParts) {
  if (!people) throw new Problem("not-found", { detail: "This cloud has no sign-in service." });
  return people;
}

const away = (url: string, cookies: readonly string[], status = 302): Reply => ({
  status,
  headers: { Location: url, "Set-Cookie": cookies },
});

const told = (fault: SignInFault, status: number, cookies: readonly string[] = []): Reply => ({
  status,
  headers: { "Set-Cookie": cookies },
  type: "text/plain",
  body: `${SIGN_IN_FAULTS[fault]}\n`,
});
