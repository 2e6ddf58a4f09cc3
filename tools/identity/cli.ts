import { X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { isObject } from "../../modules/base/json";
import { type BrokerProfile, parseFactoryProfile } from "../../modules/configuration/broker-profile";
import {
  CALIBRATION_KEYS,
  type Calibration,
  parseCalibration,
} from "../../modules/configuration/factory-values";
import type { Identity } from "../../modules/identity/identity";
import { isHostName } from "../../modules/names/host-name";
import { isIpv4 } from "../../modules/names/ipv4";
import {
  type AuthorityOptions,
  authorityCertificate,
  authorityPaths,
  ensureAuthority,
  isOldFolder,
  type Role,
} from "../pki/authorities";
import { exists, Refusal } from "../pki/files";
import { createPassphrase } from "../pki/passphrase";
import { DEVELOPMENT_HOSTS, ensureBroker, ensureOperator, operatorFolder, pkiPaths } from "../pki/store";
import { parseDeviceList } from "./csv";
import { devicePaths } from "./device-folder";
import { checkDeviceId, checkNoDevice, checkUnlike } from "./device-id";
import { completeDevice, type Device, makeDevice, openSigner, requestDevice } from "./factory";
import { deviceIdOf, parseMac, setupSsidOf } from "./naming";

const HELP = `Usage: npm run identity -- [options]

Makes what a device is and whom it trusts. Without options: three authorities
(devices, broker, operators) and a broker's certificate, unless they are there.

One device
  --device ID|MAC       key, certificate, identity.bin and label of a device; a
                        MAC (aa:bb:cc:dd:ee:ff) makes it aerolink-aabbccddeeff
  --mac MAC             MAC of the board where --device is an id; without it
                        there is no label
Many devices
  --batch FILE.csv      one a line: mac or mac,id. Prints mac,id,SHA-256 of the
                        certificate, folder
  --skip-existing       pass over devices that are finished
A customer's authority
  --ca-cert FILE        certificate of the authority, intermediates first (PEM),
  --ca-key FILE         and its key, in place of our own
  --trust FILE          authorities of the broker, where they are others (PEM)
  --csr                 only key and certificate request, for others to sign
  --certificate FILE    the certificate that came back, with its chain (PEM);
                        needs --device and --trust
Operators
  --operator NAME       key and certificate of somebody who may command devices
                        (the cloud's services, say)
Broker
  --broker-host NAME    name or address of the broker, any number of times
                        (${DEVELOPMENT_HOSTS.join(", ")})
  --broker-domain NAME  a broker that the cloud sets later must lie in this
                        domain (example.com: itself and all names below it)
  --broker FILE.json    the broker that the device knows from the factory: the
                        settings of docs/protocol.md, "The broker", as JSON
  --calibration FILE.json
                        what was measured of the sensors: temperatureOffset,
                        humidityOffset, co2Offset as in docs/protocol.md, for
                        every device of this run; or an object of them for each
                        device id. A factory reset comes back to them
  --renewal             the broker has a renewal service (npm run authority):
                        certificates of 13 months in place of 20 years, which
                        devices renew by themselves (docs/identity.md)
Keys of authorities
  --encrypt             those that are made now are encrypted
  --passphrase-file FILE
                        the passphrase; or else it is that of
                        $AEROLINK_PASSPHRASE, or asked for in a terminal
Everywhere
  --dir FOLDER          where all is kept (.aerolink/pki)
  --product NAME        name on the label (Aerolink air-quality monitor)
  --help

A key is never overwritten, and every file is readable by its owner only.
`;

const OPTIONS = {
  device: { type: "string" },
  mac: { type: "string" },
  batch: { type: "string" },
  "skip-existing": { type: "boolean", default: false },
  "ca-cert": { type: "string" },
  "ca-key": { type: "string" },
  trust: { type: "string" },
  csr: { type: "boolean", default: false },
  certificate: { type: "string" },
  operator: { type: "string" },
  encrypt: { type: "boolean", default: false },
  "passphrase-file": { type: "string" },
  "broker-host": { type: "string", multiple: true },
  "broker-domain": { type: "string" },
  broker: { type: "string" },
  calibration: { type: "string" },
  renewal: { type: "boolean", default: false },
  dir: { type: "string", default: join(".aerolink", "pki") },
  product: { type: "string", default: "Aerolink air-quality monitor" },
  help: { type: "boolean", short: "h", default: false },
} as const;

type Values = ReturnType<typeof parseArgs<{ options: typeof OPTIONS }>>["values"];

/** Offset of the partition `identity` in the flash (sdkconfig/partitions.csv). */
export const PARTITION_OFFSET = "0x1b000";

/** Where the tool's words go. */
export interface Output {
  /** Standard output. */
  print(text: string): void;
  /** Standard error. */
  warn(text: string): void;
}

const CONSOLE: Output = { print: (text) => console.log(text), warn: (text) => console.error(text) };

/** Runs the tool. Returns the exit status: 0, 1 for a refusal, 2 for options that make no sense. */
export async function main(args: string[], output: Output = CONSOLE): Promise<number> {
  let values: Values;
  try {
    values = parseArgs({ args, options: OPTIONS }).values;
    checkTogether(values);
  } catch (error) {
    output.warn(`${(error as Error).message}\nnpm run identity -- --help shows the options.`);
    return 2;
  }
  try {
    await run(values, output);
    return 0;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    output.warn(error.message);
    return 1;
  }
}

function checkTogether(values: Values): void {
  const { device, batch, mac, csr, certificate, trust } = values;
  const wrong = (text: string) => new TypeError(text);
  if (device !== undefined && batch !== undefined) throw wrong("--device and --batch exclude each other");
  if (values.operator !== undefined && (device ?? batch) !== undefined)
    throw wrong("--operator goes without --device and --batch");
  if (device === undefined && batch === undefined && csr) throw wrong("--csr needs --device or --batch");
  if (device === undefined && mac !== undefined) throw wrong("--mac needs --device");
  if (certificate !== undefined && device === undefined) throw wrong("--certificate needs --device");
  if (certificate !== undefined && trust === undefined) throw wrong("--certificate needs --trust");
  if (certificate !== undefined && csr) throw wrong("--csr and --certificate exclude each other");
  if ((values["ca-cert"] === undefined) !== (values["ca-key"] === undefined)) {
    throw wrong("--ca-cert and --ca-key go together");
  }
}

async function run(values: Values, output: Output): Promise<void> {
  if (values.help) return output.print(HELP);
  const domain = values["broker-domain"];
  if (domain !== undefined && (!isHostName(domain) || isIpv4(domain)))
    throw new Refusal(`--broker-domain: "${domain}" is not a domain`);
  const bounds = {
    ...(domain !== undefined && { brokerDomain: domain }),
    ...(values.broker !== undefined && { broker: await readProfile(values.broker) }),
    ...(values.renewal && { renewal: "mqtt" as const }),
    calibrationOf: values.calibration === undefined ? () => ({}) : await readCalibration(values.calibration),
  };
  if (values.batch !== undefined) return runBatch(values, values.batch, bounds, output);
  if (values.device !== undefined) {
    const device = parseDevice(values.device, values.mac);
    return runDevice(values, { ...device, ...bounds, ...bounds.calibrationOf(device.deviceId) }, output);
  }
  if (values.operator !== undefined) return runOperator(values, values.operator, output);
  return runBroker(values, output);
}

async function runBroker(values: Values, output: Output): Promise<void> {
  const { dir } = values;
  const options = await authorityOptions(values);
  const customer = customerOf(values);
  const authority = customer
    ? (await openSigner(dir, customer, values.trust, options)).authority
    : await ensureAuthority(dir, "broker", options);
  for (const role of ["devices", "operators"] as const) await authorityCertificate(dir, role, options);
  const hosts = values["broker-host"] ?? DEVELOPMENT_HOSTS;
  const { certificatePem } = await ensureBroker(dir, authority, hosts);
  const { subjectAltName, validTo } = new X509Certificate(certificatePem);
  const broker = pkiPaths(dir, "broker");
  const at = async (role: Role): Promise<string> => (await authorityPaths(dir, role)).certificate;
  output.print(`Authorities
  devices    ${await at("devices")}
  broker     ${customer?.certificate ?? (await at("broker"))}
  operators  ${await at("operators")}
Broker     ${broker.certificate}, ${broker.key}
           ${subjectAltName}, until ${validTo}
A device:  npm run identity -- --device MAC
Operator:  npm run identity -- --operator NAME`);
  if (await isOldFolder(dir))
    output.warn(`${dir} has one authority for devices and broker, as this tool made before. It goes on, and its
devices with it. Operators have their own now: give the broker's listener for them operators-ca.cert.pem
(docs/fleet.md), and make their certificates anew with --operator.`);
}

async function runOperator(values: Values, name: string, output: Output): Promise<void> {
  const { dir } = values;
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(name))
    throw new Refusal(
      `--operator: "${name}" is not a name (1 to 64 of A–Z a–z 0–9 - . _, not beginning with - . _)`,
    );
  await checkNoDevice(dir, name);
  const authority = await ensureAuthority(dir, "operators", await authorityOptions(values));
  await ensureOperator(dir, authority, name);
  const { certificate, key } = pkiPaths(operatorFolder(dir), name);
  output.print(`Operator   ${certificate}, ${key}
It may command every device: keep the key where the service runs, and nowhere else.`);
}

/** @throws Refusal when a passphrase is demanded and there is none */
async function authorityOptions(values: Values): Promise<AuthorityOptions> {
  const ask = createPassphrase(values["passphrase-file"]);
  if (!values.encrypt) return { ask };
  const newPassphrase = await ask("the authorities' keys");
  if (!newPassphrase)
    throw new Refusal(
      "--encrypt needs a passphrase: --passphrase-file FILE, $AEROLINK_PASSPHRASE, or a terminal to ask in",
    );
  return { ask, newPassphrase };
}

const customerOf = ({ "ca-cert": certificate, "ca-key": key }: Values) =>
  certificate !== undefined && key !== undefined ? { certificate, key } : undefined;

async function runDevice(values: Values, device: Device, output: Output): Promise<void> {
  const { dir, product, certificate, trust } = values;
  const paths = devicePaths(dir, device.deviceId);
  if (values.csr) {
    await requestDevice(dir, device);
    return output.print(`Request    ${paths.request}
When its certificate is back:
  npm run identity -- --device ${values.device}${values.mac ? ` --mac ${values.mac}` : ""} --certificate FILE --trust FILE`);
  }
  const identity =
    certificate !== undefined && trust !== undefined
      ? await completeDevice(dir, device, { certificate, trust }, product)
      : await makeDevice(dir, device, await openSignerOf(values), product);
  output.print(describe(identity, dir));
}

async function readSettings(path: string): Promise<Record<string, unknown>> {
  const text = await readFile(path, "utf8").catch((cause: NodeJS.ErrnoException) => {
    throw new Refusal(`${path}: cannot be read (${cause.code})`, { cause });
  });
  let values: unknown;
  try {
    values = JSON.parse(text);
  } catch {
    throw new Refusal(`${path}: not JSON`);
  }
  if (!isObject(values)) throw new Refusal(`${path}: not an object of settings`);
  return values;
}

type CalibrationOf = (deviceId: string) => { readonly calibration?: Calibration };

/** Of every device alike, or of each by its id: one that is not named has none. */
async function readCalibration(path: string): Promise<CalibrationOf> {
  const values = await readSettings(path);
  const byDevice = Object.values(values).some((value) => typeof value === "object");
  const parsed = new Map<string, Calibration>();
  for (const [deviceId, of] of byDevice ? Object.entries(values) : [["", values] as const]) {
    const calibration = isObject(of) ? parseCalibration(of) : undefined;
    if (!calibration)
      throw new Refusal(
        `${path}: ${deviceId === "" ? "" : `${deviceId}: `}only ${CALIBRATION_KEYS.join(", ")}, each within its range`,
      );
    parsed.set(deviceId, calibration);
  }
  return (deviceId) => {
    const calibration = parsed.get(byDevice ? deviceId : "");
    return calibration ? { calibration } : {};
  };
}

/** What is wrong with it is not quoted: it may hold a password. */
async function readProfile(path: string): Promise<Partial<BrokerProfile>> {
  const values = await readSettings(path);
  for (const [key, value] of Object.entries(values))
    if (!parseFactoryProfile({ [key]: value }))
      throw new Refusal(`${path}: ${key} is no setting of the broker, or its value is out of its range`);
  return values;
}

async function runBatch(
  values: Values,
  path: string,
  bounds: Pick<Device, "brokerDomain" | "broker" | "renewal"> & { readonly calibrationOf: CalibrationOf },
  output: Output,
): Promise<void> {
  const { dir, product } = values;
  const text = await readFile(path, "utf8").catch((cause: NodeJS.ErrnoException) => {
    throw new Refusal(`${path}: cannot be read (${cause.code})`, { cause });
  });
  const devices = await withoutExisting(parseDeviceList(text, path), values);
  const signer = values.csr ? undefined : await openSignerOf(values);
  for (const device of devices) {
    const { folder, request } = devicePaths(dir, device.deviceId);
    if (signer) {
      const whole = { ...device, ...bounds, ...bounds.calibrationOf(device.deviceId) };
      const { certificateChain } = await makeDevice(dir, whole, signer, product);
      const fingerprint = new X509Certificate(certificateChain[0]!).fingerprint256
        .replaceAll(":", "")
        .toLowerCase();
      output.print(`${device.mac},${device.deviceId},${fingerprint},${folder}`);
    } else {
      await requestDevice(dir, device);
      output.print(`${device.mac},${device.deviceId},,${request}`);
    }
  }
  output.warn(`${devices.length} made`);
}

/** The devices still to be made; refuses before any is made when one has a key and is not to be passed over. */
async function withoutExisting<D extends Device>(devices: D[], { dir, ...values }: Values): Promise<D[]> {
  const open: D[] = [];
  for (const device of devices) {
    const paths = devicePaths(dir, device.deviceId);
    const finished = values.csr ? paths.request : paths.image;
    if (values["skip-existing"] && (await exists(finished))) continue;
    await checkUnlike(dir, device.deviceId);
    if (await exists(paths.key)) {
      throw new Refusal(`${paths.key} is there already, and a key is never overwritten; nothing was made`);
    }
    open.push(device);
  }
  return open;
}

async function openSignerOf(values: Values): ReturnType<typeof openSigner> {
  return openSigner(values.dir, customerOf(values), values.trust, await authorityOptions(values));
}

function parseDevice(name: string, macText: string | undefined): Device {
  const named = parseMac(name);
  if (named && macText === undefined) return { deviceId: deviceIdOf(named), mac: named };
  const deviceId = checkDeviceId(name, "--device");
  if (macText === undefined) return { deviceId };
  const mac = parseMac(macText);
  if (!mac) throw new Refusal(`--mac: "${macText}" is not a MAC address`);
  return { deviceId, mac };
}

function describe(identity: Identity, dir: string): string {
  const { folder, image, label } = devicePaths(dir, identity.deviceId);
  const { mac } = identity;
  const { validTo } = new X509Certificate(identity.certificateChain[0]!);
  return `Device     ${identity.deviceId}, certificate until ${validTo}
Label      ${mac ? `${label} (setup network ${setupSsidOf(mac)})` : "none without a MAC: give --mac"}
Identity   ${image}
Write it to the board, PORT being its serial port:
  esptool --port PORT write-flash ${PARTITION_OFFSET} ${image}
${folder} has the private key and the setup password in it: keep it, and keep it to yourself.`;
}
