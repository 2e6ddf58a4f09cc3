import { createHash } from "node:crypto";
import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import { exists, replace } from "../pki/files";

/** An image that is open for reading. */
export interface OpenImage {
  readonly file: FileHandle;
  readonly size: number;
}

/** A folder of images, each called after its SHA-256: what is in it never changes, and any number may be added. */
export class ImageStore {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  pathOf(sha256: string): string {
    if (!/^[0-9a-f]{64}$/.test(sha256)) throw new RangeError("sha256");
    return join(this.folder, `${sha256}.bin`);
  }

  /** @returns undefined where there is none of this name; to be closed by whoever asked */
  async open(sha256: string): Promise<OpenImage | undefined> {
    let file: FileHandle;
    try {
      file = await open(this.pathOf(sha256), "r");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw error;
    }
    const facts = await file.stat();
    if (facts.isFile()) return { file, size: facts.size };
    await file.close();
    return undefined;
  }

  /** Puts an image in, whole or not at all. @returns its SHA-256 */
  async add(image: Uint8Array): Promise<string> {
    const sha256 = createHash("sha256").update(image).digest("hex");
    const path = this.pathOf(sha256);
    if (!(await exists(path))) await replace(path, image);
    return sha256;
  }
}
