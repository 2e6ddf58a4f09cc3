import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createSecureContext } from "node:tls";
import { parseArgs } from "node:util";
import { type ArgumentSpec, COMMANDS, isCommandName } from "../../modules/commands/command-table";
import { BROKER_CHECKS } from "../../modules/configuration/broker-profile";
import { Cloud, type CloudOptions, CloudTimeout } from "./cloud";
import { DesiredConflict, DesiredError } from "./desired-state";
import type { ReportedConfiguration } from "./protocol";

export const HELP = `Usage: npm run cloud -- watch [DEVICE]
       npm run cloud -- send DEVICE COMMAND [NAME=VALUE …]
       npm run cloud -- config DEVICE [NAME=VALUE …]

The cloud's side of docs/protocol.md on the command line.

  watch    prints what devices say, one JSON object a line, until Ctrl-C
  send     sends a command and prints its result: ping, identify seconds=10, read-now, restart,
           get-diagnostics, setup-mode, update release=NUMBER, boot-previous, calibrate-co2 ppm=NUMBER,
           renew-certificate, forget-network ssid=NAME
  config   sets settings and prints what the device reports; values are JSON where they can be,
           text otherwise: samplingSeconds=30 logLevel=debug 'sntpServers=["time.example"]'.
           NAME=null is back to its default. Without settings it prints what is reported now. The
           broker keeps all that was ever set, so a device that is away finds all of it when it
           comes; the table of settings is in docs/protocol.md

  --broker URL     mqtts://host:port; default: mqtts://localhost:8883, where npm start has its own
  --ca FILE        the authority of the broker's certificate, PEM
  --cert FILE      an operator's certificate, PEM (npm run identity -- --operator NAME)
  --key FILE       its key, PEM
  --pki FOLDER     in place of the three: where the simulator keeps them; default: .aerolink/pki
  --mqtt 3.1.1|5   protocol version; default: 3.1.1
  --prefix TEXT    what the devices' topics begin with, with {id}; default: aerolink/v1/{id}
  --wait SECONDS   for the broker, and for an answer; default: 10, for restart 60
  --help           this text

Exit code: 0 good, 1 refused or no answer, 2 wrong usage.
`;

/** The answer comes when the device is back. */
const RESTART_SECONDS = 60;

export class UsageError extends Error {}

export type Request =
  | { readonly action: "watch"; readonly device: string | undefined }
  | {
      readonly action: "send";
      readonly device: string;
      readonly command: string;
      readonly args: Readonly<Record<string, unknown>>;
    }
  | {
      readonly action: "config";
      readonly device: string;
      readonly settings: Readonly<Record<string, unknown>>;
    };

export interface CliOptions {
  readonly request: Request;
  readonly url: string;
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
  readonly protocolVersion: 4 | 5;
  readonly prefix: string | undefined;
  readonly timeoutMs: number;
}

/** Folders that were made before there were three authorities have one, "ca". */
function brokerAuthority(pki: string): string {
  const old = join(pki, "ca.cert.pem");
  return existsSync(old) ? old : join(pki, "broker-ca.cert.pem");
}

/** @returns `undefined` when help is asked for. @throws UsageError */
export function parseCli(args: readonly string[]): CliOptions | undefined {
  const { values, positionals } = parse(args);
  if (values.help) return undefined;
  const pki = values.pki ?? join(".aerolink", "pki");
  if (values.mqtt !== undefined && values.mqtt !== "3.1.1" && values.mqtt !== "5")
    throw new UsageError("--mqtt is 3.1.1 or 5");
  const request = parseRequest(positionals);
  const restarts = request.action === "send" && request.command === "restart";
  const seconds = Number(values.wait ?? (restarts ? RESTART_SECONDS : 10));
  if (!(seconds > 0 && seconds <= 3_600)) throw new UsageError("--wait is 1 to 3600 seconds");
  const { prefix } = values;
  if (prefix !== undefined && !(BROKER_CHECKS.topicPrefix(prefix) && prefix.includes("{id}")))
    throw new UsageError("--prefix has {id} in it, and no wildcards, spaces or $");
  const url = values.broker ?? "mqtts://localhost:8883";
  if (!/^mqtts:\/\/[^/:]+(:\d+)?$/.test(url)) throw new UsageError("--broker is mqtts://host:port");
  return {
    request,
    url,
    ca: values.ca ?? brokerAuthority(pki),
    cert: values.cert ?? join(pki, "operators", "cloud.cert.pem"),
    key: values.key ?? join(pki, "operators", "cloud.key.pem"),
    protocolVersion: values.mqtt === "5" ? 5 : 4,
    prefix,
    timeoutMs: seconds * 1000,
  };
}

function parse(args: readonly string[]) {
  const text = { type: "string" } as const;
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        broker: text,
        ca: text,
        cert: text,
        key: text,
        pki: text,
        mqtt: text,
        prefix: text,
        wait: text,
        help: { type: "boolean" },
      },
    });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function parseRequest([action, device, ...rest]: readonly string[]): Request {
  if (action === "watch") {
    if (rest.length > 0) throw new UsageError("watch takes one device, or none for all");
    return { action, device };
  }
  if (action !== "send" && action !== "config") throw new UsageError("watch, send or config (see --help)");
  if (device === undefined) throw new UsageError(`${action} needs a device`);
  if (action === "config") return { action, device, settings: parseValues(rest) };
  const [command, ...args] = rest;
  if (command === undefined) throw new UsageError("send needs a command");
  const specs: { readonly [name: string]: ArgumentSpec } = isCommandName(command)
    ? COMMANDS[command].args
    : {};
  const isText = (name: string): boolean => Object.hasOwn(specs, name) && specs[name]!.type === "text";
  return { action, device, command, args: parseValues(args, isText) };
}

/** `isText`: taken as it is, a network may be called 123. */
function parseValues(
  pairs: readonly string[],
  isText: (name: string) => boolean = () => false,
): Record<string, unknown> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const equals = pair.indexOf("=");
      if (equals < 1) throw new UsageError(`${pair}: not NAME=VALUE`);
      const [name, text] = [pair.slice(0, equals), pair.slice(equals + 1)];
      return [name, isText(name) ? text : parseValue(text)];
    }),
  );
}

function parseValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Returns the exit code. */
export async function main(args: readonly string[], write = print): Promise<number> {
  try {
    const options = parseCli(args);
    if (!options) {
      process.stdout.write(HELP);
      return 0;
    }
    const { request } = options;
    const cloud = await Cloud.connect(connectionOf(options), request.device ?? "+");
    try {
      return await run(cloud, request, options.timeoutMs, write);
    } finally {
      await cloud.close();
    }
  } catch (error) {
    const usage = error instanceof UsageError;
    const isExpected = [CloudTimeout, DesiredConflict, DesiredError].some((each) => error instanceof each);
    if (!usage && !isExpected) throw error;
    process.stderr.write(`cloud: ${(error as Error).message}\n`);
    return usage ? 2 : 1;
  }
}

const print = (value: unknown): void => void process.stdout.write(`${JSON.stringify(value)}\n`);

function connectionOf(options: CliOptions): CloudOptions {
  const { url, protocolVersion, prefix, timeoutMs } = options;
  const [ca, cert, key] = (["ca", "cert", "key"] as const).map((name) => readPem(`--${name}`, options[name]));
  try {
    createSecureContext({ cert, key });
  } catch (error) {
    throw new UsageError(`--cert and --key cannot be used together: ${(error as Error).message}`);
  }
  const at = { url, ca: ca!, cert: cert!, key: key!, protocolVersion, connectMs: timeoutMs };
  return prefix === undefined ? at : { ...at, prefix };
}

function readPem(option: string, path: string): string {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    const hint = path.startsWith(join(".aerolink", "pki")) ? "; npm start makes it" : "";
    throw new UsageError(`${option}: ${(error as Error).message}${hint}`);
  }
  if (!text.includes("-----BEGIN ")) throw new UsageError(`${option}: ${path} is no PEM file`);
  return text;
}

async function run(
  cloud: Cloud,
  request: Request,
  timeoutMs: number,
  write: (value: unknown) => void,
): Promise<number> {
  switch (request.action) {
    case "watch":
      watch(cloud, write);
      await new Promise<void>((resolve) => {
        process.once("SIGINT", resolve);
        // Whoever read along, `head` say, has gone.
        process.stdout.once("error", () => resolve());
      });
      return 0;
    case "send": {
      const result = await cloud.command(request.device, request.command, request.args, { timeoutMs });
      write(result);
      return result.ok ? 0 : 1;
    }
    case "config": {
      const reported =
        Object.keys(request.settings).length > 0
          ? await desire(cloud, request.device, request.settings, timeoutMs)
          : await cloud.reported(request.device, timeoutMs);
      write(reported);
      return reported.state === "refused" ? 1 : 0;
    }
  }
}

async function desire(
  cloud: Cloud,
  device: string,
  settings: Readonly<Record<string, unknown>>,
  timeoutMs: number,
): Promise<ReportedConfiguration> {
  try {
    return await cloud.desire(device, settings, { timeoutMs });
  } catch (error) {
    if (!(error instanceof CloudTimeout)) throw error;
    const kept = await cloud.desired(device);
    const isKept = Object.keys(settings).every((key) => kept?.settings[key] !== undefined);
    throw new CloudTimeout(
      isKept
        ? `${error.message}; for the device the broker keeps ${JSON.stringify(kept)} until it comes`
        : `${error.message}, and the broker does not keep it: send it again when the device is there`,
    );
  }
}

export function watch(cloud: Cloud, write: (value: unknown) => void): void {
  cloud.listen({
    onReadings: (device, readings, bytes) => write({ device, topic: "telemetry", bytes, readings }),
    onStatus: (device, status) => write({ device, topic: "status", status }),
    onResult: (device, result) => write({ device, topic: "command/result", result }),
    onReported: (device, reported) => write({ device, topic: "config/reported", reported }),
    onFault: (device, topic, error) => write({ device, topic, fault: error.message }),
    onConnection: (up) =>
      process.stderr.write(`cloud: ${up ? "connected again" : "connection lost, trying again"}\n`),
  });
}
