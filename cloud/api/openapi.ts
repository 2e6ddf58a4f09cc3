// The description of the API, of the operations themselves: OpenAPI 3.1.
import { SCOPES } from "../access/scopes";
import type { Answer, Operation, Parameter, Schema } from "./http/operation";

const TAGS = {
  v3: "TSI Link's External API v3, as its clients use it",
  v1: "The External API of 2020",
  more: "What goes beyond",
  people: "People, who sign in",
  about: "What anybody may know",
} as const;

const HEADERS: Readonly<Record<string, Schema>> = {
  Link: { type: "string", description: 'Where to go on, with a limit: <…>; rel="next" (RFC 8288)' },
  Location: { type: "string" },
  "Set-Cookie": { type: "string" },
  "WWW-Authenticate": { type: "string" },
  "Retry-After": { type: "integer", description: "Seconds" },
  RateLimit: { type: "string", description: "What is left of the policy, and until when" },
  "RateLimit-Policy": { type: "string", description: "How many requests in how many seconds" },
};

const STATUS_WORDS: Readonly<Record<number, string>> = { 204: "Done", 302: "Elsewhere", 303: "Elsewhere" };

export function openApi(
  operations: readonly Operation[],
  { publicUrl, version }: { readonly publicUrl: string; readonly version: string },
) {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const each of operations) {
    paths[each.path] ??= {};
    paths[each.path]![each.method.toLowerCase()] = describe(each);
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "Aerolink cloud",
      version,
      summary:
        "Readings of air-quality monitors: scripts for TSI Link's External API run against it unchanged",
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: publicUrl }],
    tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
    paths,
    components: {
      securitySchemes: {
        client: {
          type: "oauth2",
          description: "A program, by client id and secret",
          flows: {
            clientCredentials: {
              tokenUrl: `${publicUrl}/api/v3/external/oauth/client_credential/accesstoken`,
              scopes: SCOPES,
            },
          },
        },
        person: {
          type: "apiKey",
          in: "cookie",
          name: "__Host-aerolink-session",
          description: "A person who has signed in",
        },
      },
    },
  };
}

function describe(operation: Operation): Record<string, unknown> {
  const { id, tag, says, details, needs, body } = operation;
  const scopes = needs === "known" || needs === "open" ? [] : [needs];
  return {
    operationId: id,
    tags: [tag],
    summary: says,
    ...(details !== undefined && { description: details }),
    security: needs === "open" ? [] : [{ client: scopes }, { person: scopes }],
    parameters: [...parameters(operation.pathParameters, "path"), ...parameters(operation.query, "query")],
    ...(body && {
      requestBody: { required: body.isRequired !== false, content: { [body.type]: { schema: body.schema } } },
    }),
    responses: Object.fromEntries(
      Object.entries(operation.answers).map(([status, answer]) => [status, response(Number(status), answer)]),
    ),
  };
}

const parameters = (of: Readonly<Record<string, Parameter>> = {}, place: "path" | "query") =>
  Object.entries(of).map(([name, { schema, says, isRequired = false }]) => ({
    name,
    in: place,
    description: says,
    required: isRequired,
    schema,
    // Repeated or with commas: the check takes both.
    ...(schema.type === "array" && { style: "form", explode: true }),
  }));

function response(status: number, { says, content, headers = [] }: Answer) {
  const names = [...headers, ...(status === 200 ? ["RateLimit", "RateLimit-Policy"] : [])];
  return {
    description: says || STATUS_WORDS[status],
    ...(names.length > 0 && {
      headers: Object.fromEntries(
        names.map((name) => [name, { schema: HEADERS[name] ?? { type: "string" } }]),
      ),
    }),
    ...(content && {
      content: Object.fromEntries(Object.entries(content).map(([type, schema]) => [type, { schema }])),
    }),
  };
}
