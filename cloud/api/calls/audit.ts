import { type Operation, operation } from "../http/operation";
import { json } from "../http/reply";
import { formatTime } from "../http/times";
import { type ApiParts, scopeOf } from "../parts";
import { KNOWN_ANSWERS, ok } from "./answers";
import { arrayOf } from "./schemas";

interface AuditQuery {
  readonly before?: number;
  readonly limit?: number;
}

const ROW = {
  type: "object",
  required: ["id", "at", "actor", "action"],
  properties: {
    id: { type: "integer" },
    at: { type: "string", format: "date-time" },
    actor: { type: "string", description: "A client's id, or a person" },
    action: { type: "string" },
    device: { type: ["string", "null"] },
    detail: { type: ["object", "null"] },
  },
} as const;

export const auditCalls = (parts: ApiParts): Operation[] => [
  operation<AuditQuery>({
    id: "audit",
    tag: "more",
    method: "GET",
    path: "/api/v3/external/audit",
    says: "Who did what in this account, newest first",
    needs: "api:read:audit",
    query: {
      before: {
        schema: { type: "integer", minimum: 1, maximum: Number.MAX_SAFE_INTEGER },
        says: "Before the row of this number",
      },
      limit: {
        schema: { type: "integer", minimum: 1, maximum: 1_000 },
        says: "So many at most. Default: 100",
      },
    },
    answers: { ...KNOWN_ANSWERS, 200: ok("Rows", arrayOf(ROW)) },
    run: async ({ query, principal }) => {
      const rows = await parts.store.audit.visible(scopeOf(principal), query);
      return json(rows.map(({ at, account: _own, ...row }) => ({ ...row, at: formatTime(at) })));
    },
  }),
];
