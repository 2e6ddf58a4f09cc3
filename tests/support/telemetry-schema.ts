import { readFileSync } from "node:fs";
import Ajv2020 from "ajv/dist/2020.js";

const schema = JSON.parse(
  readFileSync(new URL("../../docs/schemas/telemetry.schema.json", import.meta.url), "utf8"),
);
const ajv = new Ajv2020({ strict: true, strictRequired: false, allErrors: true });
const validate = ajv.compile(schema);

/** What docs/schemas/telemetry.schema.json holds against `batch`; empty when nothing. */
export function schemaFaults(batch: unknown): string {
  return validate(batch) ? "" : ajv.errorsText(validate.errors);
}
