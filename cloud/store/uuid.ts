import { createHash } from "node:crypto";

/** Of Aerolink's devices; drawn once. */
const NAMESPACE = Buffer.from("6f0b2a5e4c1d4d0f9a5a3f8e27b1c944", "hex");

/** The UUID (version 5, RFC 9562) under which clients of TSI Link know a device or an account: always the same of one name. */
export function uuidOf(name: string): string {
  const hash = createHash("sha1").update(NAMESPACE).update(name).digest().subarray(0, 16);
  hash[6] = (hash[6]! & 0x0f) | 0x50;
  hash[8] = (hash[8]! & 0x3f) | 0x80;
  return hash.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
