// Makes one module smaller on XS that nothing else of ours takes numbers from: see tools/xs/shrink/.
import { shrinkProgram } from "./shrink/index.mjs";

/**
 * @param {{ source: string }} module JavaScript
 * @returns {Promise<string>} what does the same
 */
export async function shrink({ source }) {
  const results = await shrinkProgram([{ name: "module", file: "module.js", code: source }]);
  return results.get("module");
}
