// What a board without cryptography asks the helper in files: the same that the device's engine says.
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Answers, answer } from "../../sim/carried/answers";
import { ANSWER_FILE, QUESTION_FILE, type Question } from "../../sim/carried/questions";
import { nodeSignatures } from "../../sim/device/node-signatures";
import { formatLine, parseLine } from "../../sim/world/wire-line";
import { type Issued, issue } from "../support/test-pki";

const folder = mkdtempSync(join(tmpdir(), "aerolink-answers-"));
let authority: Issued;
let device: Issued;
let answers: Answers;

beforeAll(async () => {
  authority = await issue({ commonName: "Makers", authority: true });
  device = await issue({ commonName: "aerolink-02005e102030", issuer: authority, usage: "client" });
  for (const left of [QUESTION_FILE, ANSWER_FILE]) writeFileSync(join(folder, left), "of an earlier life");
  answers = new Answers(folder);
});
afterAll(() => {
  answers.close();
  rmSync(folder, { recursive: true });
});

/** As sim/moddable/world/ask.ts. */
async function ask(n: number, question: Question): Promise<unknown> {
  const line = formatLine({ n, question }, (bytes) => Buffer.from(bytes).toString("base64"));
  writeFileSync(join(folder, "draft"), line);
  renameSync(join(folder, "draft"), join(folder, QUESTION_FILE));
  while (!existsSync(join(folder, ANSWER_FILE))) await new Promise((resolve) => setTimeout(resolve, 1));
  const said = readFileSync(join(folder, ANSWER_FILE), "utf8");
  rmSync(join(folder, ANSWER_FILE));
  const answered = parseLine<{ n: number; answer?: unknown }>(said, (text) => Buffer.from(text, "base64"));
  expect(answered.n).toBe(n);
  return answered.answer;
}

test("A new key, the request for it and its judgement come over files, and nothing of a key stays in them", async () => {
  const identity = {
    certificateAuthorities: [authority.der],
    certificateChain: [device.der],
    privateKey: device.key,
  };
  expect(readdirSync(folder)).toEqual([]);
  expect(await ask(1, { ask: "is-sound", identity })).toBe(true);
  expect(
    await ask(2, { ask: "is-sound", identity: { ...identity, certificateChain: [authority.der] } }),
  ).toBe(false);
  const key = (await ask(3, { ask: "new-key" })) as Uint8Array;
  expect(key.length).toBe(138);
  const request = (await ask(4, { ask: "request", key, certificate: device.der })) as Uint8Array;
  expect(request[0]).toBe(0x30);
  const candidate = { certificateChain: [device.der], privateKey: key };
  expect(await ask(5, { ask: "judge", candidate, present: identity, dated: true })).toBe("wrong-key");
  const own = { certificateChain: [device.der], privateKey: device.key };
  expect(await ask(6, { ask: "judge", candidate: own, present: identity, dated: true })).toBeUndefined();
  expect(readdirSync(folder)).toEqual([]);
});

test("Dates and signatures are those of Node, and what cannot be read is nothing", () => {
  const identity = { certificateAuthorities: [authority.der], certificateChain: [] };
  const until = answer({ ask: "trusted-until", identity });
  expect(answer({ ask: "validity", certificate: authority.der })).toMatchObject({ untilMs: until });
  expect(answer({ ask: "validity", certificate: Uint8Array.of(1) })).toBeUndefined();
  const nothing = { key: new Uint8Array(65), message: new Uint8Array(1), signature: new Uint8Array(64) };
  expect(answer({ ask: "verify-es256", ...nothing })).toBe(
    nodeSignatures.verifyEs256(nothing.key, nothing.message, nothing.signature),
  );
});
