// An image over a link of 1 Mbit/s, by the device's own client and by curl with the same ranges, in turns.
import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { parseIdentity } from "../../modules/identity/identity";
import { Download, type DownloadDevice, type DownloadOwner } from "../../modules/update/fetch/download";
import { FORMATS } from "../../modules/update/formats";
import { type Manifest, parseManifest } from "../../modules/update/manifest";
import { imageMarker } from "../../modules/update/marker";
import { simImage } from "../../sim/boot/sim-image";
import { SimSlots } from "../../sim/boot/sim-slots";
import { nodeSignatures } from "../../sim/device/node-signatures";
import { NorFlash } from "../../sim/device/nor-flash";
import { slotSize } from "../esp32/flash-budget.mjs";
import { ensureDevelopmentPki } from "../pki/development";
import { formatPem } from "../pki/pem";
import { SIMULATOR } from "../release/image";
import { createManifest, SMALLEST_BLOCK } from "../release/manifest";
import { UpdateServer } from "../release/server";
import { SlowLink } from "../release/slow-link";
import { nodeSocket } from "./wire/node-socket";

const IMAGE_BYTES = 1_363_148;
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

interface Image {
  readonly bytes: Uint8Array;
  readonly manifest: Manifest;
}

/** Nothing that runs, with a marker, and all that a device is to check. */
function makeImage(): Image {
  const marker = imageMarker({ boardId: SIMULATOR, release: 2, firmwareVersion: "0.2.0" });
  const filling = randomBytes(IMAGE_BYTES)
    .toString("base64")
    .slice(0, IMAGE_BYTES - 300);
  const bytes = simImage(`//${marker}${filling}`);
  const facts = { image: bytes, release: 2, version: "0.2.0", boards: [SIMULATOR], from: 1, floor: 1 };
  const made = createManifest({ ...facts, formats: FORMATS, iat: 1_800_000_000, expires: 1_900_000_000 });
  const manifest = parseManifest(Buffer.from(JSON.stringify(made)));
  if ("fault" in manifest) throw new Error(manifest.fault);
  return { bytes, manifest };
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
    const image = makeImage();
    await server.store.add(image.bytes);
    const size = image.bytes.length;
    const runs: Record<"device" | "curl", Run[]> = { device: [], curl: [] };
    for (let i = 0; i < RUNS; i++)
      for (const [who, load] of [
        ["device", byDevice],
        ["curl", byCurl],
      ] as const) {
        const link = await SlowLink.open(server.port, BYTES_PER_SECOND, LATENCY_MS);
        const start = performance.now();
        const got = await load(link.port, image, client, folder);
        const seconds = (performance.now() - start) / 1000;
        await link.close();
        if (!image.bytes.every((byte, i) => byte === got[i])) throw new Error(`${who}: another image`);
        runs[who].push({ seconds, down: link.down });
      }
    const best = size / BYTES_PER_SECOND;
    console.log(
      `${size} bytes in ranges of ${SMALLEST_BLOCK} over ${(BYTES_PER_SECOND * 8) / 1e6} Mbit/s, ${LATENCY_MS} ms each way; without any overhead ${best.toFixed(2)} s`,
    );
    console.log("who     seconds (median of 3)  bytes of TLS  over the image");
    let worst = 0;
    for (const [who, all] of Object.entries(runs)) {
      const [, median] = all.map(({ seconds }) => seconds).sort((a, b) => a - b);
      const down = Math.max(...all.map((run) => run.down));
      worst = Math.max(worst, who === "device" ? down / size : 0);
      console.log(
        `${who.padEnd(8)}${median!.toFixed(2).padStart(21)}${String(down).padStart(14)}${(down / size).toFixed(4).padStart(16)}`,
      );
    }
    return worst <= 1.03 ? 0 : 1;
  } finally {
    await server.close();
    rmSync(folder, { recursive: true });
  }
}

/** The device's own download over TLS 1.2: slot read, sectors erased and written, every block and the whole hashed. */
function byDevice(port: number, { bytes, manifest }: Image, client: Client): Promise<Uint8Array> {
  const chip = (byteLength: number): NorFlash => new NorFlash({ byteLength });
  const chips = [chip(slotSize()), chip(slotSize())] as const;
  const slots = new SimSlots({ running: () => 0, otadata: chip(8_192), chips, restart() {} });
  return new Promise((resolve, reject) => {
    const device: DownloadDevice = {
      signatures: nodeSignatures,
      boardId: SIMULATOR,
      host: () => HOST,
      openTls: nodeSocket({ port, credentials: client }),
      unixMs: () => Date.now(),
    };
    const owner: DownloadOwner = {
      blocksRight() {},
      verifying() {},
      imageReady() {
        const got = new Uint8Array(bytes.length);
        chips[1].read(0, got);
        resolve(got);
      },
      downloadFailed: (reason) => reject(new Error(reason)),
    };
    new Download(device, owner, slots, manifest);
  });
}

/** curl with the same ranges, over one connection too. */
async function byCurl(
  port: number,
  { bytes, manifest: { sha256 } }: Image,
  client: Client,
  folder: string,
): Promise<Uint8Array> {
  const file = (name: string): string => join(folder, name);
  writeFileSync(file("ca.pem"), client.ca);
  writeFileSync(file("cert.pem"), client.cert);
  writeFileSync(file("key.pem"), client.key);
  const requests: string[] = [];
  for (let at = 0; at < bytes.length; at += SMALLEST_BLOCK)
    requests.push(
      [
        `url = "https://${HOST}:${port}/aerolink/v1/images/${sha256}.bin"`,
        `range = "${at}-${Math.min(at + SMALLEST_BLOCK, bytes.length) - 1}"`,
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
