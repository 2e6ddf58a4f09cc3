import { parseArgs } from "node:util";
import { BROKER_CHECKS } from "../../modules/configuration/broker-profile";
import { formatNetworks, parseNetworks } from "../../wifi/saved-networks";
import { ROOM_NAMES, type RoomName } from "../air/rooms";
import { MODEL_NAMES, type ModelName } from "../models/names";
import { SCENARIOS } from "../scenes/scenarios";
import { UPDATE_SCENES } from "../scenes/update-scenes";
import { SIGHT_OF_STATUS } from "../world/led-observer";

/** What the command line asks for. */
export interface CliOptions {
  readonly scenario: string | undefined;
  readonly ssid: string | undefined;
  readonly password: string | undefined;
  readonly broker: string | undefined;
  readonly ca: string | undefined;
  readonly identity: string | undefined;
  readonly cloudCert: string | undefined;
  readonly cloudKey: string | undefined;
  readonly cloudPort: number | undefined;
  readonly mqttVersion: 4 | 5;
  readonly topicPrefix: string | undefined;
  readonly samplingSeconds: number;
  readonly seconds: number | undefined;
  /** What ends it: a light, or the scene's goal. */
  readonly until: string | undefined;
  readonly folder: string;
  /** Begin with a board that was never on. */
  readonly fresh: boolean;
  readonly verbose: boolean;
  /** Whose file and drivers the board has; absent: one of no make. */
  readonly board: ModelName | undefined;
  /** Where it stands at first. */
  readonly room: RoomName | undefined;
  /** No page, the terminal alone. */
  readonly headless: boolean;
  /** The page from its sources, for whoever works on it. */
  readonly dev: boolean;
  /** One JSON object a line instead of text. */
  readonly json: boolean;
  /** Of the page; absent: the usual one, or the next free one. */
  readonly port: number | undefined;
}

export const HELP = `Usage: npm start -- [options]

Runs the firmware on this computer: a simulated board, its Wi-Fi router, and a cloud
(MQTT broker behind mutual TLS, DNS and SNTP) on the loopback interface. Its page, on this
computer only, shows all of it and lets you pull every plug.

  --scenario NAME     a scene (below), --scene for short; default: success
  --ssid NAME         the network that the device knows (instead of the scene's)
  --password TEXT     its password
  --broker URL        another broker, mqtts://host:port, instead of the embedded one
  --ca FILE           the authority of that broker's certificate, PEM
  --identity FILE     the device's identity image for that broker (npm run identity)
  --cloud-cert FILE   the certificate with which the cloud's side reads along there, PEM;
                      default: the development one, if it made the identity too
  --cloud-key FILE    its key, PEM
  --cloud-port N      where it connects; default: the broker's port
  --mqtt 3.1.1|5      protocol version; default: 3.1.1, all that the embedded broker speaks
  --prefix TEXT       what its topics begin with there, {id} is the device's id; default:
                      aerolink/v1/{id}
  --board NAME        a board with its own drivers, its sensors simulated byte by byte:
                      ${MODEL_NAMES.join(", ")}
  --room NAME         where it stands: ${ROOM_NAMES.join(", ")}; default: kitchen
  --sampling SECONDS  time between readings, 1–3600; default: 5
  --headless          no page, the terminal alone
  --dev               the page from its sources: what is saved in sim/page shows at once
  --port N            port of the page, 1–65535; default: 8420, or the next free one
  --json              one JSON object a line, for machines
  --seconds N         stop after N seconds; default: until Ctrl-C
  --until LIGHT       stop, with exit code 0, as soon as the light is solid-blue, solid-white,
                      pulse-blue, pulse-white or pulse-yellow, or, with "goal", the scene has come
                      true; 3 where --seconds or Ctrl-C came first
  --state FOLDER      where the board's flash and the certificates are kept; default: .aerolink
  --name NAME         a board of that name, kept beside the usual one (.aerolink/NAME)
  --fresh             begin with a board that was never on
  --verbose           debug lines of the firmware too
  --help              this text

Scenes:
${[...SCENARIOS, ...UPDATE_SCENES].map(({ name, title }) => `  ${name.padEnd(18)}${title}`).join("\n")}
`;

const UNTIL: readonly string[] = [
  ...Object.values(SIGHT_OF_STATUS).map((sight) => sight.replace(" ", "-")),
  "goal",
];

const USUAL_FOLDER = ".aerolink";

export class UsageError extends Error {}

/** @returns `undefined` when help is asked for; throws {@link UsageError} on anything that does not fit. */
export function parseCli(args: readonly string[]): CliOptions | undefined {
  const { values } = parse(args);
  if (values.help) return undefined;
  if (values.scenario !== undefined && values.scene !== undefined)
    throw new UsageError("--scene and --scenario are the same");
  const scenario = values.scenario ?? values.scene;
  if (scenario !== undefined && ![...SCENARIOS, ...UPDATE_SCENES].some(({ name }) => name === scenario))
    throw new UsageError(`there is no scene "${scenario}" (see --help)`);
  if (values.broker !== undefined && UPDATE_SCENES.some(({ name }) => name === scenario))
    throw new UsageError(`${scenario} needs the simulator's own broker and update server`);
  if (values.password !== undefined && values.ssid === undefined)
    throw new UsageError("--password goes with --ssid");
  if (values.ssid !== undefined && !isNetwork(values.ssid, values.password))
    throw new UsageError(
      "--ssid is 1 to 32 bytes, and --password 8 to 63 characters or 64 hexadecimal digits",
    );
  if (values.broker === undefined && (values.ca !== undefined || values.identity !== undefined))
    throw new UsageError("--ca and --identity go with --broker");
  if ((values["cloud-cert"] === undefined) !== (values["cloud-key"] === undefined))
    throw new UsageError("--cloud-cert and --cloud-key go together");
  if (
    values.broker === undefined &&
    (values["cloud-cert"] !== undefined || values["cloud-port"] !== undefined)
  )
    throw new UsageError("--cloud-cert, --cloud-key and --cloud-port go with --broker");
  if (values.broker !== undefined) parseBrokerUrl(values.broker);
  if (values.prefix !== undefined && values.broker === undefined)
    throw new UsageError("--prefix goes with --broker: the embedded broker's access rule is for aerolink/v1");
  if (values.prefix !== undefined && !BROKER_CHECKS.topicPrefix(values.prefix))
    throw new UsageError("--prefix has levels of ASCII between slashes, without spaces, #, + and $");
  if (values.state !== undefined && values.name !== undefined)
    throw new UsageError("--state and --name both say where the board is kept: give one of them");
  if (values.name !== undefined && !/^[\w-]{1,40}$/.test(values.name))
    throw new UsageError("--name is up to 40 letters, digits, - and _");
  if (values.until !== undefined && !UNTIL.includes(values.until))
    throw new UsageError(`--until is one of ${UNTIL.join(", ")}`);
  if (values.board !== undefined && !isOneOf(MODEL_NAMES, values.board))
    throw new UsageError(`--board is one of ${MODEL_NAMES.join(", ")}`);
  if (values.room !== undefined && !isOneOf(ROOM_NAMES, values.room))
    throw new UsageError(`--room is one of ${ROOM_NAMES.join(", ")}`);
  if (values.room !== undefined && values.board === undefined)
    throw new UsageError("--room goes with --board");
  if (values.headless && values.port !== undefined)
    throw new UsageError("--port is the page's, and --headless has none");
  if (values.headless && values.dev) throw new UsageError("--dev is about the page, and --headless has none");
  if (values.mqtt !== undefined && values.mqtt !== "3.1.1" && values.mqtt !== "5")
    throw new UsageError("--mqtt is 3.1.1 or 5");
  if (values.mqtt === "5" && values.broker === undefined)
    throw new UsageError("--mqtt 5 goes with --broker: the embedded broker speaks 3.1.1");
  return {
    scenario,
    ssid: values.ssid,
    password: values.password,
    broker: values.broker,
    ca: values.ca,
    identity: values.identity,
    cloudCert: values["cloud-cert"],
    cloudKey: values["cloud-key"],
    cloudPort: wholeNumber("--cloud-port", values["cloud-port"], 1, 65_535),
    mqttVersion: values.mqtt === "5" ? 5 : 4,
    topicPrefix: values.prefix,
    samplingSeconds: wholeNumber("--sampling", values.sampling, 1, 3_600) ?? 5,
    until: values.until,
    seconds: wholeNumber("--seconds", values.seconds, 1, 1_000_000),
    folder: values.state ?? (values.name === undefined ? USUAL_FOLDER : `${USUAL_FOLDER}/${values.name}`),
    fresh: values.fresh ?? false,
    verbose: values.verbose ?? false,
    board: values.board as ModelName | undefined,
    room: values.room as RoomName | undefined,
    headless: values.headless ?? false,
    dev: values.dev ?? false,
    json: values.json ?? false,
    port: wholeNumber("--port", values.port, 1, 65_535),
  };
}

function parse(args: readonly string[]) {
  const text = { type: "string" } as const;
  try {
    return parseArgs({
      args: [...args],
      options: {
        scenario: text,
        scene: text,
        ssid: text,
        password: text,
        broker: text,
        ca: text,
        identity: text,
        "cloud-cert": text,
        "cloud-key": text,
        "cloud-port": text,
        mqtt: text,
        prefix: text,
        board: text,
        room: text,
        sampling: text,
        seconds: text,
        until: text,
        state: text,
        name: text,
        fresh: { type: "boolean" },
        port: text,
        headless: { type: "boolean" },
        dev: { type: "boolean" },
        json: { type: "boolean" },
        verbose: { type: "boolean" },
        help: { type: "boolean", short: "h" },
      },
    });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function isOneOf(names: readonly string[], name: string): boolean {
  return names.includes(name);
}

/** As the firmware will read it. */
function isNetwork(ssid: string, password: string | undefined): boolean {
  const network = { ssid, ...(password !== undefined && { password }) };
  return parseNetworks(formatNetworks([network])) !== undefined;
}

function wholeNumber(
  name: string,
  text: string | undefined,
  least: number,
  most: number,
): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!Number.isInteger(value) || value < least || value > most)
    throw new UsageError(`${name} is a whole number from ${least} to ${most}`);
  return value;
}

/** Host and port of a broker's URL; 8883 when it names none. */
export function parseBrokerUrl(text: string): { host: string; port: number } {
  const match = /^mqtts:\/\/([^/:@\s]+)(?::(\d{1,5}))?\/?$/.exec(text);
  const port = Number(match?.[2] ?? 8883);
  if (!match || port < 1 || port > 65_535)
    throw new UsageError("--broker is mqtts://host or mqtts://host:port (TLS only)");
  return { host: match[1]!, port };
}
