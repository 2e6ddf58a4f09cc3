import { hashSecret } from "../../../cloud/access/secrets";
import type { Client } from "../../../cloud/store/clients";

export const SECRET = "open-sesame-open-sesame-open-sesame";

let hash: Promise<string> | undefined;

/** A client that may do something; the hash of {@link SECRET} is made once a file, and cheap. */
export async function someClient(changes: Partial<Client> = {}): Promise<Client> {
  hash ??= hashSecret(SECRET, { N: 2, r: 8, p: 1 });
  return {
    id: "client-1",
    name: "script",
    account: "acme",
    secretHash: await hash,
    scopes: ["api:read:device"],
    addresses: [],
    endsAt: null,
    isRevoked: false,
    createdAt: 0,
    ...changes,
  };
}
