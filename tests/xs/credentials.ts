import { CONFIRMED, CredentialStore, TRIED } from "../../modules/credentials/credential-store";
import { NATIVE_CREDENTIALS } from "../../modules/credentials/native/native-credentials";
import { formatParts, parseParts } from "../../modules/identity/fields";
import { CREDENTIAL_CASE } from "./credential-cases";
import type { Tests } from "./tests";

const fromHex = (hex: string): Uint8Array => {
  const bytes = new Uint8Array(hex.length / 2);
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16);
  return bytes;
};
const [present, authority, server, key, leaf] = [
  CREDENTIAL_CASE.present,
  CREDENTIAL_CASE.authority,
  CREDENTIAL_CASE.server,
  CREDENTIAL_CASE.key,
  CREDENTIAL_CASE.leaf,
].map(fromHex) as [Uint8Array, Uint8Array, Uint8Array, Uint8Array, Uint8Array];
const device = { certificateChain: [present], certificateAuthorities: [server] };

/** Three sectors of NOR flash. */
class Sectors {
  readonly cells = new Uint8Array(3 * 4_096).fill(0xff);

  read(into: Uint8Array, at: number): void {
    into.set(this.cells.subarray(at, at + into.length));
  }

  write(bytes: Uint8Array, at: number): void {
    for (let i = 0; i < bytes.length; i++) this.cells[at + i]! &= bytes[i]!;
  }

  eraseBlock(block: number): void {
    this.cells.fill(0xff, block * 4_096, (block + 1) * 4_096);
  }
}

/** The board's own keys and certificates (modules/credentials) on this engine. */
export default function credentials({ test }: Tests): void {
  test("a new key is a new one, and asks in the name of a certificate", (check) => {
    const [first, second] = [NATIVE_CREDENTIALS.newKey()!, NATIVE_CREDENTIALS.newKey()!];
    check.equal([first.length, second.length], [138, 138]);
    check.ok(String(first) !== String(second), "another key");
    const request = NATIVE_CREDENTIALS.requestFor(first, present)!;
    check.equal(request[0], 0x30);
    check.ok(request.length > 180 && request.length < 300, "its length");
    // The point of the key is in it.
    const point = String(first.subarray(73));
    let found = false;
    for (let at = 0; at + 65 <= request.length; at++)
      found ||= String(request.subarray(at, at + 65)) === point;
    check.ok(found, "the point");
    check.equal(NATIVE_CREDENTIALS.requestFor(first.subarray(1), present), undefined);
    check.equal(NATIVE_CREDENTIALS.requestFor(first, present.subarray(9)), undefined);
  });

  test("what was issued is judged by key, authority and form", (check) => {
    const judge = (privateKey: Uint8Array, ...certificateChain: Uint8Array[]) =>
      NATIVE_CREDENTIALS.judge({ privateKey, certificateChain }, device, false);
    check.equal(judge(key, leaf, authority), undefined);
    check.equal(judge(key, leaf), "unknown-authority");
    check.equal(judge(key, leaf, server), "wrong-usage");
    check.equal(judge(NATIVE_CREDENTIALS.newKey()!, leaf, authority), "wrong-key");
    check.equal(judge(key, present, authority), "wrong-key");
    check.equal(judge(key, leaf.subarray(3), authority), "unreadable");
    check.equal(judge(key), "unreadable");
    check.equal(judge(key, authority, leaf), "wrong-key");
    check.equal(judge(key, leaf, ...new Array(9).fill(authority)), "too-long");
  });

  test("dates are those of the certificate", (check) => {
    const { fromMs, untilMs } = CREDENTIAL_CASE;
    check.equal(NATIVE_CREDENTIALS.validity(present), { fromMs, untilMs });
    check.equal(NATIVE_CREDENTIALS.validity(present.subarray(1)), undefined);
  });

  test("what is new is in force once it has worked, and what was stays until then", (check) => {
    const flash = new Sectors();
    const store = new CredentialStore(flash);
    check.ok(
      store.put("certificate", formatParts({ privateKey: key, certificateChain: [leaf, authority] })),
      "put",
    );
    check.equal(store.find("certificate"), undefined);
    check.ok(store.mark(TRIED) && store.mark(CONFIRMED), "marks");
    const again = new CredentialStore(flash);
    const parts = parseParts(again.find("certificate")!.fields)!;
    check.equal([parts.privateKey, parts.certificateChain], [key, [leaf, authority]]);
    check.ok(
      again.put("authorities", formatParts({ list: 7, certificateAuthorities: [server] })),
      "put a list",
    );
    check.equal([again.find()?.kind, again.find("authorities")], ["authorities", undefined]);
    again.drop();
    check.equal([again.find(), again.find("certificate")?.sequence], [undefined, 1]);
  });
}
