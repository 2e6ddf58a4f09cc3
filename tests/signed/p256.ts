// ECDSA over P-256 in plain whole numbers, from SEC 1 (4.1.4) and FIPS 186-4 (D.1.2.3): slow, and beholden to no library.
import { createHash } from "node:crypto";

export const P = 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn;
export const N = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const B = 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn;

/** `undefined`: the point at infinity. */
export type Point = readonly [x: bigint, y: bigint] | undefined;
export const G: Point = [
  0x6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296n,
  0x4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5n,
];

export const mod = (a: bigint, m: bigint): bigint => ((a % m) + m) % m;

export function power(base: bigint, exponent: bigint, m: bigint): bigint {
  let result = 1n;
  for (let b = mod(base, m), e = exponent; e > 0n; e >>= 1n, b = (b * b) % m)
    if (e & 1n) result = (result * b) % m;
  return result;
}

/** Modulo a prime, by Euclid. */
export function inverse(a: bigint, m: bigint): bigint {
  let [r, next] = [m, mod(a, m)];
  let [t, nextT] = [0n, 1n];
  while (next > 0n) {
    const quotient = r / next;
    [r, next] = [next, r - quotient * next];
    [t, nextT] = [nextT, t - quotient * nextT];
  }
  return mod(t, m);
}

export const isOnCurve = (x: bigint, y: bigint): boolean => mod(y * y - (x * x * x - 3n * x + B), P) === 0n;

/** The point at `x` with an even y, if there is one. */
export function pointAt(x: bigint): Point {
  const y = power(x * x * x - 3n * x + B, (P + 1n) / 4n, P);
  return isOnCurve(x, y) ? [x, y & 1n ? P - y : y] : undefined;
}

export function add(a: Point, b: Point): Point {
  if (!a || !b) return a ?? b;
  const [x1, y1] = a;
  const [x2, y2] = b;
  if (x1 === x2 && mod(y1 + y2, P) === 0n) return undefined;
  const slope =
    x1 === x2
      ? mod((3n * x1 * x1 - 3n) * inverse(2n * y1, P), P)
      : mod((y2 - y1) * inverse(mod(x2 - x1, P), P), P);
  const x = mod(slope * slope - x1 - x2, P);
  return [x, mod(slope * (x1 - x) - y1, P)];
}

export function times(k: bigint, point: Point): Point {
  let result: Point;
  for (let addend = point, rest = mod(k, N); rest > 0n; rest >>= 1n, addend = add(addend, addend))
    if (rest & 1n) result = add(result, addend);
  return result;
}

export const toBytes = (value: bigint): Buffer => Buffer.from(value.toString(16).padStart(64, "0"), "hex");
export const toNumber = (bytes: Uint8Array): bigint =>
  BigInt(`0x${Buffer.from(bytes).toString("hex") || "0"}`);
export const digestOf = (message: Uint8Array): bigint =>
  toNumber(createHash("sha256").update(message).digest());

/** As `SignatureCheck.verifyEs256`. */
export function verifyEs256(key: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (key.length !== 65 || key[0] !== 4 || signature.length !== 64) return false;
  const x = toNumber(key.subarray(1, 33));
  const y = toNumber(key.subarray(33));
  if (x >= P || y >= P || !isOnCurve(x, y)) return false;
  const r = toNumber(signature.subarray(0, 32));
  const s = toNumber(signature.subarray(32));
  if (r < 1n || r >= N || s < 1n || s >= N) return false;
  const w = inverse(s, N);
  const sum = add(times(mod(digestOf(message) * w, N), G), times(mod(r * w, N), [x, y]));
  return sum !== undefined && mod(sum[0], N) === r;
}
