// The simulator's page out of Vite's server, for whoever works on it (npm start -- --dev): what is saved shows at once.
import { join } from "node:path";
import { ROOT } from "../base/run-ts.mjs";

/** What the server never gives, beside Vite's own list. */
const SECRET = [".env", ".env.*", "*.{crt,pem,key,bin}", "**/.git/**", "**/.aerolink/**"];

/**
 * @param {import("node:http").Server} server whose connections the page is told of changes by
 * @returns {Promise<{ answer(request: import("node:http").IncomingMessage, response: import("node:http").ServerResponse): void, close(): Promise<void> }>}
 */
export async function openDevPage(server) {
  const { createServer } = await import("vite");
  const vite = await createServer({
    root: join(ROOT, "sim", "page"),
    cacheDir: join(ROOT, "build", "vite"),
    configFile: false,
    logLevel: "error",
    appType: "spa",
    server: { middlewareMode: true, hmr: { server }, fs: { allow: [ROOT], deny: SECRET } },
  });
  return {
    answer: (request, response) => vite.middlewares(request, response, () => response.writeHead(404).end()),
    close: () => vite.close(),
  };
}
