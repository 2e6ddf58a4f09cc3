import { transform } from "esbuild";

/**
 * A module's text with what nobody needs taken away, local names short and syntax short.
 * @param {string} name for messages
 * @param {string} text
 * @returns {Promise<string>}
 */
export async function print(name, text) {
  const { code } = await transform(text, {
    sourcefile: name,
    loader: "js",
    format: "esm",
    target: "esnext",
    treeShaking: true,
    minifyIdentifiers: true,
    minifySyntax: true,
    legalComments: "none",
  });
  return code;
}
