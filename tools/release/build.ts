import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { simImage } from "../../sim/boot/sim-image";
import { bundleFirmware } from "../../sim/device/firmware";
import { ROOT } from "../base/run-ts.mjs";
import { buildEsp32 } from "../esp32/build.mjs";
import { exists, Refusal, replace } from "../pki/files";
import { buildUnixSeconds } from "../xs/compile/build-time.mjs";
import { readMarker, SIMULATOR } from "./image";
import type { Output } from "./output";

export interface BuildOptions {
  readonly board: string;
  /** For locked chips: it has to be signed for Secure Boot before it is signed here (docs/security.md). */
  readonly secure: boolean;
  readonly out: string;
}

/** Builds the image of a release from the sources as they lie here. @returns its file */
export async function buildImage({ board, secure, out }: BuildOptions, output: Output): Promise<string> {
  const image = board === SIMULATOR ? await simulatorImage() : await esp32Image(board, secure, output);
  const { release, version, board: built } = readMarker(image, "the new image");
  if (built !== board) throw new Refusal(`the image is for ${built}, and not for ${board}`);
  const sha256 = createHash("sha256").update(image).digest("hex");
  const path = join(out, `aerolink-${board.replaceAll("/", "-")}-${release}-${version}.bin`);
  if (await exists(path)) {
    const before = createHash("sha256")
      .update(await readFile(path))
      .digest("hex");
    if (before !== sha256)
      throw new Refusal(
        `${path} is there already and is another image (${before.slice(0, 12)}…): a release is never built twice; count up "release" in manifest.json`,
      );
  } else {
    await mkdir(out, { recursive: true });
    await replace(path, image);
  }
  output.print(`Image      ${path}
Release    ${release} (${version}) for ${board}, ${image.length} bytes
SHA-256    ${sha256}
Of commit  ${commit()}`);
  if (board !== SIMULATOR)
    output.print(`The SDK puts its own date into buildinfo.c, and the IDF its version and its compiler: the same commit has the same
hash with the same SDK, IDF and the time of $SOURCE_DATE_EPOCH only as far as those allow (docs/updates.md).`);
  return path;
}

/** The same sources give the same bytes, wherever they lie. */
export async function simulatorImage(changes?: Parameters<typeof bundleFirmware>[1]): Promise<Uint8Array> {
  return simImage(await bundleFirmware(buildUnixSeconds([]), changes));
}

async function esp32Image(board: string, secure: boolean, output: Output): Promise<Uint8Array> {
  const built = buildEsp32({
    target: board,
    kind: secure ? "secure" : "release",
    write: false,
    folder: "release",
    reproducible: true,
  });
  if ("why" in built) throw new Refusal(built.why);
  if (built.status !== 0) throw new Refusal(`mcconfig failed (exit code ${built.status})`);
  output.warn(`built ${built.image}`);
  return readFile(built.image);
}

/** The commit that was built, and whether it is that commit that was built. */
function commit(): string {
  const git = (...args: string[]): string =>
    spawnSync("git", ["-C", ROOT, ...args], { encoding: "utf8" }).stdout?.trim() ?? "";
  const id = git("rev-parse", "HEAD");
  if (id === "") return "unknown: not a git repository";
  return git("status", "--porcelain") === ""
    ? id
    : `${id} WITH CHANGES that are not committed: nobody can build it again`;
}
