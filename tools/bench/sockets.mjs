// npm run bench:sockets: round trip and throughput of modules/sockets beside the SDK's sockets for Linux, on one XS
// machine in one run, against an echo in Node on loopback. Its figures are in docs/benchmarks.md.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { join } from "node:path";
import { BUILD, ROOT, sdkOrSkip } from "../base/sdk.mjs";
import { buildXs } from "../xs/build.mjs";
import { buildHost } from "../xs/host/build.mjs";

const LANE = "bench:sockets";
const PORT = 18_843;

const sdk = sdkOrSkip(LANE);
if (sdk.platform !== "lin") {
  console.log(`${LANE}: skipped, the headless host (tools/xs/host) is made for Linux`);
  process.exit(0);
}
const out = join(BUILD, "sockets-bench");
const manifest = join(ROOT, "tools/bench/sockets/manifest.json");
const app = buildXs({ sdk, lane: LANE, out, manifest, config: [`port=${PORT}`] });
const host = buildHost(sdk, out);
const echo = createServer({ noDelay: true }, (socket) => {
  socket.on("error", () => {});
  socket.pipe(socket);
}).listen(PORT, "127.0.0.1");
await once(echo, "listening");
const [status] = await once(spawn(host, [app], { stdio: ["pipe", "inherit", "inherit"] }), "exit");
echo.close();
process.exit(status ?? 1);
