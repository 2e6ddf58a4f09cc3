// Requests against the schemas that the API's description is made of.
import Ajv2020, { type ErrorObject, type ValidateFunction } from "ajv/dist/2020.js";
import type { Operation, Parameter, Schema } from "./operation";
import { Problem } from "./problem";
import { parseTime } from "./times";

type Values = Record<string, unknown>;

interface Checks {
  readonly query: ValidateFunction;
  readonly path: ValidateFunction;
  readonly body: ValidateFunction | undefined;
}

/** Compiled at the first request: the schemas of all operations take a second on a busy machine. */
export class RequestCheck {
  #operation: Operation;
  #compiled: Checks | undefined;

  constructor(operation: Operation) {
    this.#operation = operation;
  }

  get #checks(): Checks {
    this.#compiled ??= compile(this.#operation);
    return this.#compiled;
  }

  /** The parameters that the operation knows; the others are passed over, for TSI's clients send some. @throws Problem */
  query(search: URLSearchParams): Values {
    const values: Values = {};
    for (const [name, { schema }] of Object.entries(this.#operation.query ?? {})) {
      // `telem[]`, `device_id[]`: some libraries write a repeated name so, others do not.
      const other = name.endsWith("[]") ? name.slice(0, -2) : `${name}[]`;
      const texts = [...search.getAll(name), ...search.getAll(other)].filter((text) => text !== "");
      if (texts.length > 0) values[name] = typed(texts, schema);
    }
    demand(this.#checks.query, values, "query");
    return values;
  }

  /** @throws Problem */
  path(values: Readonly<Record<string, string>>): void {
    demand(this.#checks.path, values, "path");
  }

  /** @throws Problem */
  body(text: string): unknown {
    const { body } = this.#operation;
    const validate = this.#checks.body;
    if (!body || !validate) return undefined;
    const value = body.type === "application/json" ? parseJson(text) : parseForm(text, body.schema);
    demand(validate, value, "body");
    return value;
  }
}

function compile({ query = {}, pathParameters = {}, body }: Operation): Checks {
  const ajv = new Ajv2020({ strict: true, strictRequired: false, allErrors: true, allowUnionTypes: true });
  ajv.addFormat("date-time", (text: string) => parseTime(text) !== undefined);
  return {
    query: ajv.compile(objectOf(query)),
    path: ajv.compile(objectOf(pathParameters)),
    body: body && ajv.compile(body.schema),
  };
}

const objectOf = (parameters: Readonly<Record<string, Parameter>>): Schema => ({
  type: "object",
  properties: Object.fromEntries(Object.entries(parameters).map(([name, { schema }]) => [name, schema])),
  required: Object.keys(parameters).filter((name) => parameters[name]!.isRequired),
});

/** Text as the type that the schema wants; what is none of it stays text, and the check says so. */
function typed(texts: readonly string[], schema: Schema): unknown {
  const [first = ""] = texts;
  switch (schema.type) {
    case "array":
      return texts.flatMap((text) => text.split(",")).filter((text) => text !== "");
    case "boolean":
      // Python says True.
      return /^(true|1)$/i.test(first) ? true : /^(false|0)$/i.test(first) ? false : first;
    case "integer":
    case "number":
      return /^-?\d{1,15}(\.\d{1,15})?$/.test(first) ? Number(first) : first;
    default:
      return first;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Problem("bad-request", { errors: [{ at: "body", says: "is no JSON" }] });
  }
}

function parseForm(text: string, schema: Schema): Values {
  const known = Object.keys((schema.properties ?? {}) as object);
  const form = new URLSearchParams(text);
  return Object.fromEntries(known.flatMap((name) => (form.has(name) ? [[name, form.get(name)]] : [])));
}

function demand(validate: ValidateFunction, value: unknown, place: string): void {
  // No database keeps NUL in a text: SQLite cuts there, PostgreSQL refuses.
  if (isUnkept(value))
    throw new Problem("bad-request", {
      errors: [{ at: place, says: "must not have the character NUL, nor be nested that deep" }],
    });
  if (validate(value)) return;
  throw new Problem("bad-request", {
    errors: (validate.errors ?? []).slice(0, 10).map((error) => told(error, place)),
  });
}

const told = ({ instancePath, message, params, keyword }: ErrorObject, place: string) => ({
  at: `${place}${instancePath.replaceAll("/", ".")}`,
  says:
    keyword === "enum"
      ? `must be one of ${(params.allowedValues as unknown[]).join(", ")}`
      : keyword === "additionalProperties"
        ? `must not have ${String(params.additionalProperty).slice(0, 64)}`
        : (message ?? "is wrong"),
});

/** No body of ours is nested half as deep, and recursion ends somewhere. */
const DEEPEST = 32;

function isUnkept(value: unknown, depth = 0): boolean {
  if (typeof value === "string") return value.includes("\0");
  if (typeof value !== "object" || value === null) return false;
  if (depth > DEEPEST) return true;
  return Object.entries(value).some(([name, member]) => name.includes("\0") || isUnkept(member, depth + 1));
}
