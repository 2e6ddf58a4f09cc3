import { readFileSync } from "node:fs";
import type { Network } from "../../wifi/network";
import { findScenario } from "../scenarios";
import { type ForeignBroker, readIdentityFile, Simulator } from "../simulator";
import { SimulatorConsole } from "./console";
import { type CliOptions, HELP, parseBrokerUrl, parseCli, UsageError } from "./options";

/** Runs the simulator until its time is up or Ctrl-C. Returns the exit code. */
export async function main(args: readonly string[]): Promise<number> {
  let options: CliOptions | undefined;
  try {
    options = parseCli(args);
    if (!options) {
      process.stdout.write(HELP);
      return 0;
    }
    return await run(options);
  } catch (error) {
    const usage = error instanceof UsageError || isFileError(error);
    process.stderr.write(`aerolink: ${usage ? (error as Error).message : (error as Error).stack}\n`);
    return usage ? 2 : 1;
  }
}

async function run(options: CliOptions): Promise<number> {
  const output = new SimulatorConsole({
    write: (line) => process.stdout.write(`${line}\n`),
    colour: process.stdout.isTTY === true && !process.env.NO_COLOR,
    verbose: options.verbose,
  });
  const scenario = findScenario(options.scenario ?? "success")!;
  const networks: readonly Network[] =
    options.ssid === undefined
      ? scenario.networks
      : [{ ssid: options.ssid, ...(options.password !== undefined && { password: options.password }) }];
  const broker = foreignBroker(options);
  let crash: Error | undefined;
  let stop = (): void => {};
  const simulator = await Simulator.create({
    folder: options.folder,
    routers: scenario.routers,
    networks,
    ...(broker && { broker }),
    settings: { samplingSeconds: options.samplingSeconds, mqttVersion: options.mqttVersion },
    onTrace: (line) => output.firmware(line),
    onBatch: (readings, bytes) => output.batch(readings, bytes),
    onCrash: (error) => {
      crash = error;
      stop();
    },
  });
  output.say(`Scene "${scenario.name}": ${scenario.title}`);
  output.say(
    `Device ${simulator.deviceId}, MAC ${simulator.world.room.mac}; a reading each ${options.samplingSeconds} s. ` +
      (broker
        ? `Broker ${broker.host}:${broker.port}.`
        : `Broker on 127.0.0.1:${simulator.broker!.port} (mutual TLS).`),
  );
  simulator.world.powerOn();
  await new Promise<void>((resolve) => {
    stop = resolve;
    process.once("SIGINT", resolve);
    process.once("SIGTERM", resolve);
    if (options.seconds !== undefined) setTimeout(resolve, options.seconds * 1000);
  });
  const sight = simulator.sight ?? "changing";
  await simulator.close();
  if (crash) throw crash;
  output.say(`Stopped; the light was: ${sight}.`);
  return 0;
}

function foreignBroker(options: CliOptions): ForeignBroker | undefined {
  if (options.broker === undefined) return undefined;
  return {
    ...parseBrokerUrl(options.broker),
    ...(options.ca !== undefined && { certificateAuthority: readFileSync(options.ca, "utf8") }),
    ...(options.identity !== undefined && { identity: readIdentityFile(options.identity) }),
  };
}

function isFileError(error: unknown): boolean {
  return error instanceof Error && ("code" in error || error.message.includes("identity"));
}
