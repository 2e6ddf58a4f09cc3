import { readdirSync, readFileSync } from "node:fs";
import Ajv2020 from "ajv/dist/2020.js";

const folder = new URL("../../docs/schemas/", import.meta.url);
const ajv = new Ajv2020({ strict: true, strictRequired: false, allowUnionTypes: true, allErrors: true });
for (const file of readdirSync(folder)) {
  const schema = JSON.parse(readFileSync(new URL(file, folder), "utf8"));
  ajv.addSchema(schema, file.replace(".schema.json", ""));
}

/** What docs/schemas/<name>.schema.json holds against `value`; empty when nothing. */
export function faultsOf(name: string, value: unknown): string {
  const validate = ajv.getSchema(name);
  if (!validate) throw new Error(`no schema ${name}`);
  return validate(value) ? "" : ajv.errorsText(validate.errors);
}

/** The schema of a topic's payload, by what follows `aerolink/v1/<device id>/`. */
export const SCHEMA_OF_TOPIC: Readonly<Record<string, string>> = {
  status: "status",
  state: "state",
  command: "command",
  "command/result": "command-result",
  "config/desired": "config-desired",
  "config/reported": "config-reported",
  "update/state": "update-state",
  "identity/state": "identity-state",
  "identity/request": "identity-request",
  "identity/renew": "identity-renew",
};
