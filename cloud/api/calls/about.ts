import { type Operation, operation } from "../http/operation";
import { json } from "../http/reply";
import { openApi } from "../openapi";
import type { ApiParts } from "../parts";
import { COMMON_ANSWERS, ok } from "./answers";
import { OBJECT } from "./schemas";

/** What anybody may know: what this is, how it is asked, with which key its tokens are signed, whether it works. */
export function aboutCalls(parts: ApiParts, others: readonly Operation[]): Operation[] {
  const calls: Operation[] = [
    operation({
      id: "openApi",
      tag: "about",
      method: "GET",
      path: "/api/openapi.json",
      says: "This description (OpenAPI 3.1)",
      needs: "open",
      answers: { ...COMMON_ANSWERS, 200: ok("The description", OBJECT) },
      run: () => json(description),
    }),
    operation({
      id: "keys",
      tag: "about",
      method: "GET",
      path: "/.well-known/jwks.json",
      says: "The key that tokens are signed with (RFC 7517)",
      needs: "open",
      answers: { ...COMMON_ANSWERS, 200: ok("The key set", OBJECT) },
      run: () => json(parts.tokens.keySet),
    }),
    operation({
      id: "health",
      tag: "about",
      method: "GET",
      path: "/healthz",
      says: "Whether the store answers",
      needs: "open",
      answers: { ...COMMON_ANSWERS, 200: ok("It does", OBJECT) },
      run: async () => {
        await parts.store.accounts.visible({ account: parts.store.homeAccount });
        return json({ ok: true });
      },
    }),
  ];
  const description = openApi([...others, ...calls], parts);
  return calls;
}
