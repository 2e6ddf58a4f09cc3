import { readFileSync } from "node:fs";
import Ajv2020 from "ajv/dist/2020.js";

const schema = JSON.parse(
  readFileSync(new URL("home-assistant-sensor.schema.json", import.meta.url), "utf8"),
);
const ajv = new Ajv2020({ strict: true, strictRequired: false, strictTypes: false, allowUnionTypes: true });
const validate = ajv.compile(schema);

/** What Home Assistant would hold against a discovery message of a sensor; empty when nothing. */
export function haFaults(message: unknown): string {
  return validate(message) ? "" : ajv.errorsText(validate.errors);
}
