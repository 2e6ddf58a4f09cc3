// The page for people: files that were built beforehand, under the policy of a page that brings its own scripts.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Operation, operation } from "../http/operation";
import { Problem } from "../http/problem";
import type { Reply } from "../http/reply";
import { COMMON_ANSWERS } from "./answers";

/** Absent: there is no page. Asked when the first file is, for building may take a moment. */
export type PageFolder = () => Promise<string>;

const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

const TYPES: Readonly<Record<string, string>> = {
  html: "text/html",
  js: "text/javascript",
  css: "text/css",
  svg: "image/svg+xml",
};

/** Their names change with what is in them. */
const FOR_EVER = "public, max-age=31536000, immutable";

export const pageCalls = (folder: PageFolder): Operation[] => [
  file("page", "/", async () => read(folder, "index.html")),
  file("pageAsset", "/assets/{file}", async (name) => read(folder, name, "assets")),
];

const file = (id: string, path: string, run: (name: string) => Promise<Reply>): Operation =>
  operation({
    id,
    tag: "people",
    method: "GET",
    path,
    says: "The page for people",
    needs: "open",
    ...(path.includes("{") && {
      pathParameters: { file: { schema: { type: "string", maxLength: 128 }, says: "Its name" } },
    }),
    answers: { ...COMMON_ANSWERS, 200: { says: "The file", content: { "text/html": { type: "string" } } } },
    run: ({ path: { file: name = "" } }) => run(name),
  });

async function read(folder: PageFolder, name: string, within = ""): Promise<Reply> {
  const type = TYPES[name.split(".").at(-1)!];
  if (!type || !/^[\w-]+(\.[\w-]+)+$/.test(name)) throw new Problem("not-found");
  let body: string;
  try {
    body = await readFile(join(await folder(), within, name), "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") throw new Problem("not-found");
    throw error;
  }
  return {
    status: 200,
    headers: {
      "Content-Security-Policy": POLICY,
      "Cache-Control": within ? FOR_EVER : "no-cache",
      Vary: "Accept-Encoding",
    },
    type,
    body,
  };
}
