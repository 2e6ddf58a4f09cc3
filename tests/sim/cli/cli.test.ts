import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { SimulatorConsole } from "../../../sim/cli/console";
import { HELP, parseBrokerUrl, parseCli, UsageError } from "../../../sim/cli/options";
import { MODEL_NAMES } from "../../../sim/models/names";
import { SCENARIOS } from "../../../sim/scenes/scenarios";
import { UPDATE_SCENES } from "../../../sim/scenes/update-scenes";
import { Simulator } from "../../../sim/simulator/simulator";
import { limit } from "../../support/limit";

test("Without options the simulator reads each 5 s and speaks MQTT 3.1.1", () => {
  expect(parseCli([])).toMatchObject({ samplingSeconds: 5, mqttVersion: 4, folder: ".aerolink" });
});

test("A scene is asked for by either name, one of updates too", () => {
  expect(parseCli(["--scene", "update-good"])).toMatchObject({ scenario: "update-good" });
  expect(parseCli(["--scenario", "firewall-443"])).toMatchObject({ scenario: "firewall-443" });
});

test("Help lists every scene", () => {
  expect(parseCli(["--help"])).toBeUndefined();
  for (const { name } of [...SCENARIOS, ...UPDATE_SCENES]) expect(HELP).toContain(`  ${name} `);
});

test("A board with drivers of its own is chosen by name, and where it stands", () => {
  expect(parseCli([])).toMatchObject({ board: undefined, room: undefined });
  expect(parseCli(["--board", "airgradient-one", "--room", "office"])).toMatchObject({
    board: "airgradient-one",
    room: "office",
  });
  for (const name of MODEL_NAMES) expect(HELP).toContain(name);
});

test.each([
  [["--board", "toaster"], "airgradient-one"],
  [["--board", "sen55", "--room", "cellar"], "kitchen"],
  [["--room", "office"], "--board"],
  [["--scenario", "nowhere"], "no scene"],
  [["--sampling", "0"], "--sampling"],
  [["--sampling", "1.5"], "--sampling"],
  [["--seconds", "-1"], "--seconds"],
  [["--mqtt", "4"], "--mqtt"],
  [["--mqtt", "5"], "--broker"],
  [["--password", "x"], "--ssid"],
  [["--ssid", ""], "--ssid"],
  [["--ssid", "x".repeat(33)], "--ssid"],
  [["--ssid", "x", "--password", "short"], "--password"],
  [["--ca", "x"], "--broker"],
  [["--cloud-cert", "x", "--cloud-key", "y"], "--broker"],
  [["--cloud-port", "8884"], "--broker"],
  [["--broker", "mqtts://h", "--cloud-cert", "x"], "--cloud-key"],
  [["--broker", "mqtts://h", "--cloud-port", "0"], "--cloud-port"],
  [["--broker", "mqtt://h"], "--broker"],
  [["--scene", "update-best"], "no scene"],
  [["--scene", "success", "--scenario", "success"], "are the same"],
  [["--scene", "update-good", "--broker", "mqtts://h"], "own broker"],
  [["--unknown"], "--unknown"],
  [["extra"], "extra"],
])("%j is refused with a word that helps", (args, word) => {
  expect(() => parseCli(args)).toThrow(UsageError);
  expect(() => parseCli(args)).toThrow(word);
});

test(
  "A simulator that cannot begin says which file is damaged, and leaves nothing open",
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "aerolink-"));
    mkdirSync(join(folder, "board"));
    writeFileSync(join(folder, "board", "aerolink.json"), "garbage");
    const listen = (port: number): Promise<Server> =>
      new Promise((resolve, reject) => {
        const server = createServer().once("error", reject);
        server.listen(port, "127.0.0.1", () => resolve(server));
      });
    const close = (server: Server) => new Promise((resolve) => server.close(resolve));
    const first = await listen(0);
    const { port } = first.address() as AddressInfo;
    await close(first);
    await expect(Simulator.create({ folder, brokerPort: port })).rejects.toThrow(/aerolink\.json is damaged/);
    await close(await listen(port));
    rmSync(folder, { recursive: true });
  },
  limit(30_000),
);

test("A broker's URL is mqtts with a host and perhaps a port", () => {
  expect(parseBrokerUrl("mqtts://broker.example")).toEqual({ host: "broker.example", port: 8883 });
  expect(parseBrokerUrl("mqtts://127.0.0.1:1234/")).toEqual({ host: "127.0.0.1", port: 1234 });
  for (const url of ["mqtt://h", "mqtts://", "mqtts://h:0", "mqtts://h:70000", "mqtts://u@h", "h:8883"])
    expect(() => parseBrokerUrl(url), url).toThrow(UsageError);
});

function console(options: { colour?: boolean; verbose?: boolean } = {}) {
  const lines: string[] = [];
  const output = new SimulatorConsole({
    write: (line) => lines.push(line.slice(7)),
    colour: options.colour ?? false,
    verbose: options.verbose ?? false,
  });
  return { output, lines };
}

test("It says where everything is, and when nothing can be shown of what arrives", () => {
  const facts = {
    scene: "success",
    title: "T",
    deviceId: "d",
    mac: "m",
    samplingSeconds: 5,
    broker: "h:1",
    ownBroker: false,
  };
  const said = (readsAlong: boolean): string => {
    const lines: string[] = [];
    const output = new SimulatorConsole({ write: (line) => lines.push(line), colour: false, verbose: false });
    output.begins({ ...facts, readsAlong });
    return lines.join("\n");
  };
  expect(said(true)).toContain("Broker h:1.");
  expect(said(true)).not.toContain("--cloud-cert");
  expect(said(false)).toContain("--cloud-cert");
});

test("A change of state is one line with what the light does and means", () => {
  const { output, lines } = console();
  output.firmware("info monitor: joining");
  output.firmware("info monitor: joining");
  output.firmware("info monitor: online");
  expect(lines).toEqual(["● LED pulse white: joining Wi-Fi", "● LED solid blue: Wi-Fi and cloud connected"]);
});

test("The dot has the light's colour on a terminal", () => {
  const { output, lines } = console({ colour: true });
  output.firmware("info monitor: connecting");
  expect(lines[0]).toContain("\x1b[34m●\x1b[0m");
});

test("Warnings are marked, debug lines are shown when asked for, other text passes as it is", () => {
  const { output, lines } = console();
  output.firmware("warn wifi: wrong-password");
  output.firmware("debug dns: asking");
  output.firmware("XS abort");
  expect(lines).toEqual(["! wifi: wrong-password", "· XS abort"]);
  const verbose = console({ verbose: true });
  verbose.output.firmware("debug dns: asking");
  expect(verbose.lines).toEqual(["· dns: asking"]);
});

test("A batch is one line: which readings, how many bytes, the latest values with their units", () => {
  const { output, lines } = console();
  const reading = { epoch: "00000001", unixSeconds: 1, values: { pm2_5: 5.3, co2: 600 } };
  output.batch([{ ...reading, seq: 3 }], 141);
  output.batch(
    [
      { ...reading, seq: 3 },
      { ...reading, seq: 4 },
    ],
    160,
  );
  output.batch([], 1);
  expect(lines).toEqual([
    "☁ 1 reading #3 in 141 bytes: PM2.5 5.3 µg/m³, CO₂ 600 ppm",
    "☁ 2 readings #3–4 in 160 bytes: PM2.5 5.3 µg/m³, CO₂ 600 ppm",
  ]);
});
