// An image over a link of 1 Mbit/s, by the device's own client and by curl with the same ranges, in turns.
import { execFile } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { parseIdentity } from "../../modules/identity/identity";
import { HttpGet } from "../../modules/update/http-get";
import { ensureDevelopmentPki } from "../pki/development";
import { formatPem } from "../pki/pem";
import { nodeSocket } from "../wire/node-socket";
import { UpdateServer } from "./server";
import { SlowLink } from "./slow-link";

const IMAGE_BYTES = 1_363_148;
const BLOCK = 65_536;
const BYTES_PER_SECOND = 125_000;
const LATENCY_MS = 20;
const RUNS = 3;
const HOST = "broker.aerolink.test";

interface Client {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

interface Run {
  readonly seconds: number;
  readonly down: number;
}

export async function main(): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), "aerolink-bench-"));
  const pki = await ensureDevelopmentPki(join(folder, "pki"), { mac: "02:00:5e:10:20:30" });
  const identity = parseIdentity(pki.identity);
  if (typeof identity === "string") throw new Error(identity);
  const client: Client = {
    ca: pki.authorityPem,
    cert: identity.certificateChain.map((der) => formatPem("CERTIFICATE", der)).join(""),
    key: formatPem("PRIVATE KEY", identity.privateKey),
  };
  const server = await UpdateServer.start({
    key: pki.broker.keyPem,
    certificateChain: pki.broker.certificatePem,
    deviceAuthority: pki.deviceAuthorityPem,
    folder: join(folder, "images"),
  });
  try {
    const image = randomBytes(IMAGE_BYTES);
    const sha256 = await server.store.add(image);
    const runs: Record<"device" | "curl", Run[]> = { device: [], curl: [] };
    for (let i = 0; i < RUNS; i++)
      for (const [who, load] of [
        ["device", byDevice],
        ["curl", byCurl],
      ] as const) {
        const link = await SlowLink.open(server.port, BYTES_PER_SECOND, LATENCY_MS);
        const start = performance.now();
        const got = await load(link.port, sha256, client, folder);
        const seconds = (performance.now() - start) / 1000;
        await link.close();
        if (createHash("sha256").update(got).digest("hex") !== sha256)
          throw new Error(`${who}: another image`);
        runs[who].push({ seconds, down: link.down });
      }
    const best = (IMAGE_BYTES * 8) / (BYTES_PER_SECOND * 8);
    console.log(
      `${IMAGE_BYTES} bytes in ranges of ${BLOCK} over ${(BYTES_PER_SECOND * 8) / 1e6} Mbit/s, ${LATENCY_MS} ms each way; without any overhead ${best.toFixed(2)} s`,
    );
    console.log("who     seconds (median of 3)  bytes of TLS  over the image");
    let worst = 0;
    for (const [who, all] of Object.entries(runs)) {
      const [, median] = all.map(({ seconds }) => seconds).sort((a, b) => a - b);
      const down = Math.max(...all.map((run) => run.down));
      worst = Math.max(worst, who === "device" ? down / IMAGE_BYTES : 0);
      console.log(
        `${who.padEnd(8)}${median!.toFixed(2).padStart(21)}${String(down).padStart(14)}${(down / IMAGE_BYTES).toFixed(4).padStart(16)}`,
      );
    }
    return worst <= 1.03 ? 0 : 1;
  } finally {
    await server.close();
    rmSync(folder, { recursive: true });
  }
}

/** The device's HTTP client over TLS 1.2, a range after the other over one connection. */
function byDevice(port: number, sha256: string, client: Client): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let at = 0;
  return new Promise((resolve, reject) => {
    const next = (): void => {
      if (at < IMAGE_BYTES)
        return http.get({ from: at, to: Math.min(at + BLOCK, IMAGE_BYTES) - 1, total: IMAGE_BYTES });
      http.close();
      resolve(Buffer.concat(parts));
    };
    const http = new HttpGet({
      host: HOST,
      path: `/aerolink/v1/images/${sha256}.bin`,
      open: nodeSocket({ port, credentials: client }),
      unixMs: () => Date.now(),
      room: () => 4_096,
      onBody: (bytes) => {
        parts.push(bytes.slice());
        at += bytes.length;
      },
      onRange: next,
      onFailure: (reason) => reject(new Error(reason)),
    });
    next();
  });
}

/** curl with the same ranges, over one connection too. */
async function byCurl(port: number, sha256: string, client: Client, folder: string): Promise<Uint8Array> {
  const file = (name: string): string => join(folder, name);
  writeFileSync(file("ca.pem"), client.ca);
  writeFileSync(file("cert.pem"), client.cert);
  writeFileSync(file("key.pem"), client.key);
  const requests: string[] = [];
  for (let at = 0; at < IMAGE_BYTES; at += BLOCK)
    requests.push(
      [
        `url = "https://${HOST}:${port}/aerolink/v1/images/${sha256}.bin"`,
        `range = "${at}-${Math.min(at + BLOCK, IMAGE_BYTES) - 1}"`,
        `output = "${file(`part-${requests.length}`)}"`,
        `resolve = "${HOST}:${port}:127.0.0.1"`,
        `cacert = "${file("ca.pem")}"\ncert = "${file("cert.pem")}"\nkey = "${file("key.pem")}"`,
        'fail\nsilent\nshow-error\nhttp1.1\ntls-max = "1.2"',
      ].join("\n"),
    );
  writeFileSync(file("curl"), requests.join("\nnext\n"));
  await promisify(execFile)("curl", ["-K", file("curl")]);
  return Buffer.concat(requests.map((_, i) => readFileSync(file(`part-${i}`))));
}
