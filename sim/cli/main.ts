import { readFileSync } from "node:fs";
import { tryFolder } from "../../tools/base/lock.mjs";
import { Refusal } from "../../tools/pki/files";
import { buildPage } from "../../tools/start/build-page.mjs";
import { openDevPage } from "../../tools/start/dev-page.mjs";
import type { Network } from "../../wifi/network";
import { DamagedStorage } from "../device/storage";
import { HomeCloud } from "../home-cloud/home-cloud";
import { PageServer, PortTaken } from "../live/page-server";
import { Show } from "../live/show";
import { findScenario } from "../scenes/scenarios";
import { findUpdateScene } from "../scenes/update-scenes";
import { readIdentityFile } from "../simulator/identity-image";
import type { ForeignBroker, Hardware } from "../simulator/simulator";
import type { Sight } from "../world/led-observer";
import { SimulatorConsole } from "./console";
import { JsonLines } from "./json-lines";
import { type CliOptions, HELP, parseBrokerUrl, parseCli, UsageError } from "./options";

/** Another board than the usual one, in a window of its own. */
export interface Bench {
  /** @param folder where the simulator keeps what lasts */
  hardware(folder: string): Hardware;
  /** Everything stands, and the power is on. `stop` ends the simulator. */
  open(show: Show, page: string | undefined, stop: () => void): void;
  close(): void;
}

/** Of the embedded broker, if it is free: where `npm run cloud` looks. */
const BROKER_PORT = 8_883;

/** Runs the simulator until its time is up or Ctrl-C. Returns the exit code. */
export async function main(args: readonly string[], bench?: Bench): Promise<number> {
  let options: CliOptions | undefined;
  try {
    options = parseCli(args);
    if (!options) {
      process.stdout.write(HELP);
      return 0;
    }
    return await run(options, bench);
  } catch (error) {
    const usage = error instanceof UsageError || isFileError(error);
    process.stderr.write(`aerolink: ${usage ? (error as Error).message : (error as Error).stack}\n`);
    return usage ? 2 : 1;
  }
}

async function run(options: CliOptions, bench?: Bench): Promise<number> {
  const name = options.scenario ?? "success";
  const update = findUpdateScene(name);
  // Updates come to a device that is well.
  const scenario = { ...findScenario(update ? "success" : name)!, ...update };
  const networks: readonly Network[] =
    options.ssid === undefined
      ? scenario.networks
      : [{ ssid: options.ssid, ...(options.password !== undefined && { password: options.password }) }];
  const broker = foreignBroker(options);
  if (bench && options.board)
    throw new UsageError("--board is for the simulator on Node: this one has its own");
  if (!tryFolder(options.folder))
    throw new UsageError(
      `another simulator runs on the board in ${options.folder}; end it, or give this one a board of its own with --state`,
    );
  let crash: Error | undefined;
  let isMissed = false;
  let stop = (): void => {};
  let isStopping = false;
  const stopped = new Promise<void>((resolve) => {
    stop = resolve;
    // Who asks a second time does not want to wait.
    for (const signal of ["SIGINT", "SIGTERM"] as const)
      process.on(signal, () => {
        if (isStopping) process.exit(1);
        resolve();
      });
    // Whoever read along, `head` say, has gone.
    process.stdout.on("error", () => resolve());
  });
  const show = await Show.open({
    folder: options.folder,
    fresh: options.fresh,
    routers: scenario.routers,
    networks,
    scene: scenario.name,
    ...(bench && { hardware: bench.hardware(options.folder) }),
    ...(options.board && { model: options.board }),
    ...(options.room && { room: options.room }),
    ...(broker ? { broker } : { brokerPort: BROKER_PORT }),
    settings: {
      samplingSeconds: options.samplingSeconds,
      mqttVersion: options.mqttVersion,
      ...(options.topicPrefix !== undefined && { topicPrefix: options.topicPrefix }),
    },
    onCrash: (error) => {
      crash = error;
      stop();
    },
  });
  const cloud = await HomeCloud.open(show.simulator, options.folder);
  if (cloud instanceof HomeCloud) show.cloudPage = `${cloud.api.url}/`;
  try {
    const page = options.headless ? undefined : await openPage(show, options);
    try {
      const { simulator } = show;
      const output = options.json
        ? new JsonLines(writeLine)
        : new SimulatorConsole({
            write: writeLine,
            colour: process.stdout.isTTY === true && !process.env.NO_COLOR && process.env.TERM !== "dumb",
            verbose: options.verbose,
          });
      output.begins({
        scene: scenario.name,
        title: scenario.title,
        deviceId: simulator.deviceId,
        mac: simulator.world.room.mac,
        samplingSeconds: options.samplingSeconds,
        broker: broker ? `${broker.host}:${broker.port}` : `127.0.0.1:${simulator.broker!.port}`,
        ownBroker: broker === undefined,
        readsAlong: simulator.hasCloud,
        ...(page && { page: page.url }),
        ...(cloud instanceof HomeCloud && { store: cloud.file, api: cloud.api.url }),
        ...(cloud instanceof Error && { storeFault: cloud.message }),
      });
      show.subscribe((event) => output.event(event));
      bench?.open(show, page?.url, stop);
      if (options.seconds !== undefined) setTimeout(stop, options.seconds * 1000).unref();
      const reached = options.until === undefined ? undefined : watchFor(options.until, show, stop);
      await stopped;
      isStopping = true;
      isMissed = reached?.() === false;
      output.ends(show.state.device.sight ?? "changing");
      if (isMissed) process.stderr.write(`aerolink: ${options.until} was not seen\n`);
    } finally {
      bench?.close();
      await page?.close();
    }
  } finally {
    if (cloud instanceof HomeCloud) await cloud.close();
    await show.close();
  }
  if (crash) throw crash;
  return isMissed ? EXIT_MISSED : 0;
}

/** What `--until` waits for did not come. */
const EXIT_MISSED = 3;

/** Ends the simulator once the light, or the goal of the scene, has been seen. Returns whether it was. */
function watchFor(wanted: string, show: Show, stop: () => void): () => boolean {
  let seen = false;
  show.subscribe((event) => {
    if (event.t !== "state" && event.t !== "hello") return;
    const { device, scene, done } = event.state;
    const now =
      wanted === "goal" ? scene !== undefined && done.includes(scene) : nameOf(device.sight) === wanted;
    if (!now) return;
    seen = true;
    stop();
  });
  return () => seen;
}

const nameOf = (sight: Sight | undefined): string | undefined => sight?.replace(" ", "-");

function writeLine(line: string): void {
  process.stdout.write(`${line}\n`);
}

async function openPage(show: Show, { port, dev }: CliOptions): Promise<PageServer> {
  const page = dev ? { folder: "", live: openDevPage } : { folder: await buildPage() };
  try {
    return await PageServer.start({ show, ...page, ...(port !== undefined && { port }) });
  } catch (error) {
    throw error instanceof PortTaken ? new UsageError(error.message) : error;
  }
}

function foreignBroker(options: CliOptions): ForeignBroker | undefined {
  if (options.broker === undefined) return undefined;
  return {
    ...parseBrokerUrl(options.broker),
    ...(options.ca !== undefined && { certificateAuthority: readCertificates(options.ca) }),
    ...(options.identity !== undefined && { identity: readIdentityFile(options.identity) }),
    ...(options.cloudCert !== undefined && {
      cloud: {
        certificatePem: readCertificates(options.cloudCert),
        keyPem: readFileSync(options.cloudKey!, "utf8"),
      },
    }),
    ...(options.cloudPort !== undefined && { cloudPort: options.cloudPort }),
  };
}

function readCertificates(path: string): string {
  const text = readFileSync(path, "utf8");
  if (!text.includes("-----BEGIN CERTIFICATE-----"))
    throw new UsageError(`${path}: no certificate in it (PEM)`);
  return text;
}

function isFileError(error: unknown): boolean {
  if (error instanceof Refusal || error instanceof DamagedStorage) return true;
  return error instanceof Error && ("code" in error || error.message.includes("identity"));
}
