import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test, vi } from "vitest";
import { COMMANDS } from "../../../modules/commands/command-table";
import { HELP, main, parseCli, UsageError } from "../../../tools/cloud/cli";
import { ensureDevelopmentPki } from "../../../tools/pki/development";
import { limit } from "../../support/limit";

const folder = mkdtempSync(join(tmpdir(), "aerolink-cloud-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("Without options it goes where the simulator has its broker and its certificates", () => {
  expect(parseCli(["watch"])).toMatchObject({
    request: { action: "watch" },
    url: "mqtts://localhost:8883",
    cert: join(".aerolink", "pki", "operators", "cloud.cert.pem"),
    protocolVersion: 4,
    timeoutMs: 10_000,
  });
  expect(parseCli(["send", "d", "restart"])).toMatchObject({ timeoutMs: 60_000 });
});

test("A folder with one authority for all is known by it", () => {
  const pki = mkdtempSync(join(tmpdir(), "aerolink-cloud-"));
  expect(parseCli(["watch", "--pki", pki])?.ca).toBe(join(pki, "broker-ca.cert.pem"));
  writeFileSync(join(pki, "ca.cert.pem"), "");
  expect(parseCli(["watch", "--pki", pki])?.ca).toBe(join(pki, "ca.cert.pem"));
  rmSync(pki, { recursive: true });
});

test("Help names every command", () => {
  expect(parseCli(["--help"])).toBeUndefined();
  for (const name of Object.keys(COMMANDS)) expect(HELP).toContain(name);
});

test("Arguments are JSON where they can be; a text of the protocol is always text", () => {
  const argsOf = (...args: string[]) => parseCli(["send", "d", ...args])?.request;
  expect(argsOf("identify", "seconds=5")).toMatchObject({ args: { seconds: 5 } });
  for (const ssid of ["123", "true", "null", '"quoted"', "a=b", ""])
    expect(argsOf("forget-network", `ssid=${ssid}`)).toMatchObject({ args: { ssid } });
  expect(argsOf("dance", "steps=2", "toString=x")).toMatchObject({ args: { steps: 2, toString: "x" } });
  expect(
    parseCli(["config", "d", "logLevel=debug", "samplingSeconds=30", 'sntpServers=["a"]']),
  ).toMatchObject({
    request: { settings: { logLevel: "debug", samplingSeconds: 30, sntpServers: ["a"] } },
  });
});

test.each([
  [[], "watch, send or config"],
  [["dance"], "watch, send or config"],
  [["send"], "needs a device"],
  [["send", "d"], "needs a command"],
  [["send", "d", "ping", "x"], "NAME=VALUE"],
  [["send", "d", "ping", "=1"], "NAME=VALUE"],
  [["config"], "needs a device"],
  [["watch", "a", "b"], "one device"],
  [["watch", "--mqtt", "4"], "--mqtt"],
  [["watch", "--wait", "0"], "--wait"],
  [["watch", "--wait", "soon"], "--wait"],
  [["watch", "--broker", "mqtt://h"], "--broker"],
  [["watch", "--unknown"], "--unknown"],
])("%j is refused with a word that helps", (args, word) => {
  expect(() => parseCli(args)).toThrow(UsageError);
  expect(() => parseCli(args)).toThrow(word);
});

async function complaintOf(args: string[]): Promise<[number, string]> {
  let text = "";
  const spy = vi.spyOn(process.stderr, "write").mockImplementation((chunk) => {
    text += String(chunk);
    return true;
  });
  try {
    return [await main(args), text];
  } finally {
    spy.mockRestore();
  }
}

test(
  "Files that cannot be used are named with their option, in one line",
  async () => {
    const pki = join(folder, "pki");
    await ensureDevelopmentPki(pki, { mac: "02:00:5e:00:00:01" });
    const other = await ensureDevelopmentPki(join(folder, "other"), { mac: "02:00:5e:00:00:02" });
    const file = (name: string, text: string): string => {
      writeFileSync(join(folder, name), text);
      return join(folder, name);
    };
    for (const [args, words] of [
      [["--pki", join(folder, "nowhere")], "--ca: ENOENT"],
      [["--pki", pki, "--ca", file("no.pem", "no")], "--ca: .*no.pem is no PEM file"],
      [["--pki", pki, "--key", folder], "--key: EISDIR"],
      [
        ["--pki", pki, "--key", file("other.pem", other.cloud.keyPem)],
        "--cert and --key cannot be used together",
      ],
    ] as const)
      expect(await complaintOf(["watch", ...args])).toEqual([
        2,
        expect.stringMatching(new RegExp(`^cloud: ${words}.*\n$`)),
      ]);
    expect(
      await complaintOf(["watch", "--broker", "mqtts://localhost:1", "--pki", pki, "--wait", "1"]),
    ).toEqual([
      1,
      expect.stringMatching(/^cloud: mqtts:\/\/localhost:1 was not reached: .*ECONNREFUSED.*\n$/),
    ]);
  },
  limit(30_000),
);
