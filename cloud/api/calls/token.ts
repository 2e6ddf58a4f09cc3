// The token endpoints of v1 and v3: OAuth 2.0 client credentials (RFC 6749, section 4.4). The grant type comes in the
// query or in the form, the secret in the form or by HTTP Basic: TSI's clients do all of it.
import { scopesOf } from "../../access/clients";
import { REFUSALS, type Refusal } from "../../access/principal";
import { isScope } from "../../access/scopes";
import { TOKEN_SECONDS } from "../../access/tokens";
import { type ApiRequest, type Operation, operation } from "../http/operation";
import { json, type Reply } from "../http/reply";
import type { ApiParts } from "../parts";
import { RefusalNotes } from "../refusal-notes";
import { COMMON_ANSWERS, ok } from "./answers";

interface TokenForm {
  readonly grant_type?: string;
  readonly client_id?: string;
  readonly client_secret?: string;
  readonly scope?: string;
}

type TokenRequest = ApiRequest<{ grant_type?: string }, TokenForm | undefined>;

const LONGEST = 256;
const TEXT = { type: "string", maxLength: LONGEST } as const;

const TOKEN_SCHEMA = {
  type: "object",
  required: ["access_token", "token_type", "expires_in", "scope"],
  properties: {
    access_token: { type: "string" },
    token_type: { const: "Bearer" },
    expires_in: { type: "integer", description: "Seconds" },
    scope: { type: "string" },
    issued_at: { type: "string", description: "Unix time in milliseconds, as TSI's clients know it" },
    application_name: { type: "string" },
    client_id: { type: "string" },
    account_id: { type: "string" },
    status: { type: "string" },
    "developer.email": { type: "string", description: "The client's name" },
  },
} as const;

const ERROR_SCHEMA = {
  type: "object",
  description: "RFC 6749, section 5.2",
  required: ["error"],
  properties: { error: { type: "string" }, error_description: { type: "string" } },
} as const;

const error = (says: string, headers?: readonly string[]) => ({
  ...ok(says, ERROR_SCHEMA),
  ...(headers && { headers }),
});

export function tokenCalls(parts: ApiParts): Operation[] {
  const refusals = new RefusalNotes();
  return [
    ["tokenV3", "v3", "/api/v3/external/oauth/client_credential/accesstoken"],
    ["tokenV1", "v1", "/oauth/token"],
    ["tokenV1External", "v1", "/api/v1/external/oauth/token"],
  ].map(([id, tag, path]) =>
    operation<TokenRequest["query"], TokenRequest["body"]>({
      id: id!,
      tag: tag!,
      method: "POST",
      path: path!,
      says: "Get an access token for an hour, by client id and secret",
      details:
        "The client id and secret are members of the form, or the user and password of HTTP Basic. Scopes that the client does not have are left out of the token.",
      needs: "open",
      query: { grant_type: { schema: TEXT, says: "`client_credentials`, here or in the form" } },
      body: {
        type: "application/x-www-form-urlencoded",
        isRequired: false,
        schema: {
          type: "object",
          properties: { grant_type: TEXT, client_id: TEXT, client_secret: TEXT, scope: TEXT, audience: TEXT },
        },
      },
      answers: {
        ...COMMON_ANSWERS,
        200: ok("The token", TOKEN_SCHEMA),
        400: error("Not the grant of client credentials, or without them"),
        401: error("There is no such client, or the secret is wrong", ["WWW-Authenticate"]),
        403: error("The subscription has ended, or not from this address"),
        413: COMMON_ANSWERS[400],
        415: COMMON_ANSWERS[400],
        429: error("Too many wrong secrets, or too many requests", ["Retry-After"]),
      },
      run: (request) => giveToken(parts, refusals, request),
    }),
  );
}

async function giveToken(
  parts: ApiParts,
  refusals: RefusalNotes,
  { query, body, headers, address }: TokenRequest,
): Promise<Reply> {
  const grant = query.grant_type ?? body?.grant_type;
  if (grant !== "client_credentials")
    return oauthError(400, "unsupported_grant_type", "grant_type is client_credentials");
  const basic = basicOf(headers.authorization);
  const id = basic?.id ?? body?.client_id;
  const secret = basic?.secret ?? body?.client_secret;
  if (!id || !secret) return oauthError(400, "invalid_request", "client_id and client_secret are needed");
  const client = await parts.clients.authenticate(id, secret, address);
  if ("refused" in client) {
    const known = await parts.store.clients.find(id);
    // The id that was tried is written down when it is one of ours; anything else may be a secret in the wrong place.
    const actor = known?.id ?? "unknown";
    if (refusals.mayNote(actor))
      await audit(parts, known?.account ?? null, actor, { refused: client.refused, address });
    return refusal(client.refused, client.seconds, basic !== undefined);
  }
  const wanted = (body?.scope ?? "").split(" ").filter(isScope);
  const own = scopesOf(client);
  const scopes = new Set(wanted.length === 0 ? own : wanted.filter((scope) => own.has(scope)));
  const token = await parts.tokens.issue({ client: client.id, account: client.account, scopes });
  await audit(parts, client.account, client.id, { scopes: [...scopes], address });
  return json({
    access_token: token,
    token_type: "Bearer",
    expires_in: TOKEN_SECONDS,
    scope: [...scopes].join(" "),
    issued_at: String(parts.store.seconds * 1000),
    application_name: client.name,
    client_id: client.id,
    account_id: client.account,
    status: "approved",
    "developer.email": client.name,
  });
}

const audit = (parts: ApiParts, account: string | null, actor: string, detail: object): Promise<void> =>
  parts.store.audit.add({ at: parts.store.seconds, account, actor, action: "token", device: null, detail });

/** RFC 7617, with id and secret encoded as RFC 6749, section 2.3.1 wants it, or not, as most do. */
function basicOf(header: string | string[] | undefined): { id: string; secret: string } | undefined {
  const encoded = /^Basic ([A-Za-z0-9+/]+=*)$/i.exec(String(header ?? ""))?.[1];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, "base64").toString();
  const colon = text.indexOf(":");
  // As in a form: no longer, and without NUL, which no database takes.
  if (colon < 0 || colon > LONGEST || text.length > 2 * LONGEST || text.includes("\0")) return undefined;
  return { id: text.slice(0, colon), secret: text.slice(colon + 1) };
}

function refusal(reason: Refusal, seconds: number | undefined, isBasic: boolean): Reply {
  const { status, says } = REFUSALS[reason];
  const headers = {
    ...(seconds !== undefined && { "Retry-After": String(seconds) }),
    ...(status === 401 && isBasic && { "WWW-Authenticate": 'Basic realm="aerolink"' }),
  };
  const name =
    status === 401 ? "invalid_client" : status === 429 ? "temporarily_unavailable" : "access_denied";
  return oauthError(status, name, says, headers);
}

const oauthError = (status: number, name: string, says: string, headers: Reply["headers"] = {}): Reply =>
  json({ error: name, error_description: says }, status, headers);
