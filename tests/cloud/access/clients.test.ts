import { expect, test } from "vitest";
import { Attempts } from "../../../cloud/access/attempts";
import { Clients } from "../../../cloud/access/clients";
import { hashSecret, isSecret, makeSecret } from "../../../cloud/access/secrets";
import { Turns } from "../../../cloud/access/turns";
import type { Client } from "../../../cloud/store/clients";
import { SECRET, someClient } from "./support";

const HERE = "192.0.2.1";

function clientsOf(records: readonly Client[], clock = { now: 0 }): Clients {
  return new Clients({
    find: async (id) => records.find((each) => each.id === id),
    now: () => clock.now,
  });
}

test("A secret is kept as a salted scrypt hash, and known again by it alone", async () => {
  const secret = makeSecret();
  const kept = await hashSecret(secret);
  expect(kept).toMatch(/^scrypt\$16384\$8\$1\$[\w-]{22}\$[\w-]{43}$/);
  expect(kept).not.toContain(secret);
  expect(await hashSecret(secret)).not.toBe(kept);
  expect(await isSecret(secret, kept)).toBe(true);
  expect(await isSecret(`${secret}x`, kept)).toBe(false);
  expect(makeSecret()).not.toBe(secret);
});

test("A client with its secret is known, and one with a wrong secret or no such client get the same answer", async () => {
  const client = await someClient();
  const clients = clientsOf([client]);
  expect(await clients.authenticate("client-1", SECRET, HERE)).toBe(client);
  const wrong = await clients.authenticate("client-1", "guess", HERE);
  expect(wrong).toEqual({ refused: "invalid-client" });
  expect(await clients.authenticate("client-2", SECRET, HERE)).toEqual(wrong);
});

test("After ten wrong secrets a client must wait at that address, right secret or not, and others need not", async () => {
  const clock = { now: 0 };
  const client = await someClient();
  const clients = clientsOf([client], clock);
  const guesses = Array.from({ length: 30 }, (_, i) => clients.authenticate("client-1", `guess ${i}`, HERE));
  const answers = (await Promise.all(guesses)).map((each) => ("refused" in each ? each.refused : "in"));
  expect(answers.filter((each) => each === "invalid-client")).toHaveLength(10);
  expect(answers.filter((each) => each === "too-many")).toHaveLength(20);
  expect(await clients.authenticate("client-1", SECRET, HERE)).toEqual({ refused: "too-many", seconds: 900 });
  expect(await clients.authenticate("client-1", SECRET, "192.0.2.2")).toBe(client);
  clock.now += 900_000;
  expect(await clients.authenticate("client-1", SECRET, HERE)).toBe(client);
});

test("However many addresses guess at once, two looks are under way, and who comes when too many wait is sent away by all of them", async () => {
  let open = 0;
  let most = 0;
  const clients = new Clients({
    find: async () => {
      most = Math.max(most, ++open);
      await new Promise((resolve) => setImmediate(resolve));
      open--;
      return undefined;
    },
    now: () => 0,
    waiting: 3,
  });
  const all = Array.from({ length: 9 }, (_, i) => clients.authenticate("x", "guess", `10.0.0.${i}`));
  const sentAway = (await Promise.all(all)).filter(
    (each) => "refused" in each && each.refused === "too-many",
  );
  expect([most, sentAway.length]).toEqual([2, 3]);
});

test("Many clients guessed from one address make that address wait", () => {
  const attempts = new Attempts({ failures: 50, windowMs: 60_000, now: () => 0 });
  for (let i = 0; i < 49; i++) attempts.countFailure(HERE);
  expect(attempts.waitSeconds(HERE)).toBe(0);
  attempts.countFailure(HERE);
  expect(attempts.waitSeconds(HERE)).toBe(60);
});

test("Failures of ten thousand callers are remembered, and no more", () => {
  const attempts = new Attempts({ failures: 1, windowMs: 60_000, now: () => 0 });
  for (let i = 0; i <= 10_000; i++) attempts.countFailure(String(i));
  expect(attempts.waitSeconds("0")).toBe(0);
  expect(attempts.waitSeconds("1")).toBe(60);
});

test("Of one key one has its turn at a time, and who comes when too many wait is sent away", async () => {
  const turns = new Turns(2);
  let at = 0;
  let most = 0;
  const work = async (): Promise<string> => {
    most = Math.max(most, ++at);
    await Promise.resolve();
    at--;
    return "done";
  };
  const answers = await Promise.all([turns.take("a", work), turns.take("a", work), turns.take("a", work)]);
  expect(answers).toEqual(["done", "done", undefined]);
  expect(most).toBe(1);
  const failed = turns.take("a", () => Promise.reject(new Error("no")));
  await expect(failed).rejects.toThrow("no");
  expect(await turns.take("a", work)).toBe("done");
});

test.each([
  ["revoked", { isRevoked: true }, { refused: "revoked-client" }],
  ["lapsed", { endsAt: 100 }, { refused: "lapsed" }],
  ["from elsewhere", { addresses: ["198.51.100.0/24", "2001:db8::/32"] }, { refused: "address" }],
])(
  "A client that is %s gets no token, and its token of before is no longer good",
  async (_what, changes, refusal) => {
    const clients = clientsOf([await someClient(changes)], { now: 100_000 });
    expect(await clients.authenticate("client-1", SECRET, HERE)).toEqual(refusal);
    const claims = { client: "client-1", account: "acme", scopes: new Set(["api:read:device"] as const) };
    expect(await clients.admit(claims, HERE)).toEqual(refusal);
  },
);

test("A token brings no scope that its client has lost, and no account that is not its client's", async () => {
  const clients = clientsOf([await someClient()]);
  const scopes = new Set(["api:read:device", "api:write:command"] as const);
  const admitted = await clients.admit({ client: "client-1", account: "acme", scopes }, HERE);
  expect(admitted).toMatchObject({ id: "client-1", account: "acme", scopes: new Set(["api:read:device"]) });
  expect(await clients.admit({ client: "client-1", account: "other", scopes }, HERE)).toEqual({
    refused: "bad-token",
  });
  expect(await clients.admit({ client: "gone", account: "acme", scopes }, HERE)).toEqual({
    refused: "bad-token",
  });
});
