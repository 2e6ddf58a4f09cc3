import { randomBytes, scrypt, timingSafeEqual } from "node:crypto";

/** 2^14 blocks of 1 KB: 16 MB and some 50 ms for each guess (RFC 7914, section 2). */
const COST = { N: 16_384, r: 8, p: 1 } as const;
type Cost = { readonly N: number; readonly r: number; readonly p: number };

const HASH_BYTES = 32;
const SALT_BYTES = 16;

/** 36 random bytes are more than anybody guesses. Shown once; what is kept is {@link hashSecret} of it. */
export const makeSecret = (): string => randomBytes(36).toString("base64url");

export const makeClientId = (): string => randomBytes(18).toString("base64url").replace(/[-_]/g, "x");

/** As it is kept: `scrypt$N$r$p$salt$hash`, so that the cost can rise without locking anybody out. */
export async function hashSecret(secret: string, cost: Cost = COST): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const hash = await derive(secret, salt, cost);
  const { N, r, p } = cost;
  return ["scrypt", N, r, p, salt.toString("base64url"), hash.toString("base64url")].join("$");
}

export async function isSecret(secret: string, kept: string): Promise<boolean> {
  const [scheme, N, r, p, salt, hash] = kept.split("$");
  if (scheme !== "scrypt" || !salt || !hash) throw new Error("a client's hash is of no known form");
  const expected = Buffer.from(hash, "base64url");
  const cost = { N: Number(N), r: Number(r), p: Number(p) };
  const found = await derive(secret, Buffer.from(salt, "base64url"), cost);
  return found.length === expected.length && timingSafeEqual(found, expected);
}

/** For a client that is not there, so that an answer takes as long as for one that is. */
export const NOBODY = `scrypt$${COST.N}$${COST.r}$${COST.p}$${"A".repeat(22)}$${"A".repeat(43)}`;

function derive(secret: string, salt: Buffer, { N, r, p }: Cost): Promise<Buffer> {
  return new Promise((resolve, reject) =>
    scrypt(secret, salt, HASH_BYTES, { N, r, p, maxmem: 256 * N * r + 65_536 }, (error, key) =>
      error ? reject(error) : resolve(key),
    ),
  );
}
