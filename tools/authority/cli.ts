import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { CloudTimeout } from "../cloud/cloud";
import { checkDeviceId } from "../identity/device-id";
import { Refusal, readCertificateFile } from "../pki/files";
import { createPassphrase } from "../pki/passphrase";
import { formatPem } from "../pki/pem";
import { pkiPaths } from "../pki/store";
import { BrokerFleet } from "../release/fleet";
import type { Output } from "../release/output";
import { readText } from "../release/read-file";
import { type Authorities, factoryCertificate, openAuthorities } from "./authorities";
import { EstSigner } from "./est-client";
import { EstServer } from "./est-server";
import { Issuer, introduce, nameOf, USUAL_POLICY } from "./issuer";
import { type ActionName, parseCli, type Reader, UsageError } from "./options";
import { Register, type RegisterEvent } from "./register";
import { RescueDoor } from "./rescue-door";
import { writeRevocations } from "./revocation";
import { RenewalService } from "./service";
import { LocalSigner, RENEWED_DAYS, type RequestSigner } from "./signer";
import { countDevices, describeEvent, identityTable } from "./status";

export const HELP = `Usage: npm run authority -- serve [options]
       npm run authority -- revoke --device ID [--why TEXT]
       npm run authority -- status

The authority that renews devices' certificates in the field
(docs/identity.md). Devices are made by npm run identity.

serve                   answers requests at the broker until Ctrl-C, and writes
                        the lists anew each day
  --days N              how long a new certificate is valid (397)
  --a-day N             certificates that a device gets in a day (4)
  --est-port N          answers over EST (RFC 7030) too, with the certificate
  --est-cert FILE, --est-key FILE, --est-address ADDRESS (127.0.0.1)
  --upstream URL        a customer's authority signs, over EST; with
  --upstream-ca FILE, --upstream-cert FILE, --upstream-key FILE
rescue                  a door for devices whose certificate has run out while
                        they were away, until Ctrl-C (docs/identity.md)
  --port N              of the door (8885)
  --broker-port N       the broker's listener without TLS, on 127.0.0.1 (1883)
  --broker-cert FILE, --broker-key FILE
                        the broker's, as devices know it (--pki)
known                   takes devices that were made elsewhere into the register
  --certificate FILE    any number of times
revoke                  shuts a device out, and writes the lists
  --device ID           any number of times
  --why TEXT
lists                   writes the lists: crl.pem for brokers, denied.txt
log                     what was signed, refused and revoked; --device ID
status                  what devices say of their certificates, the next one to
                        end first

  --ca-cert FILE, --ca-key FILE
                        a customer's authority in place of the folder's
  --former CERT,KEY     one that has signed devices before, any number of times:
                        it gets its list until the last of them has ended
  --reload FILE         the broker's file with its process number: it is told
                        that the lists have changed (SIGHUP)
  --folder FOLDER       register and lists (.aerolink/authority)
  --pki FOLDER          where npm run identity keeps all (.aerolink/pki)
  --passphrase-file FILE
                        of keys; or $AEROLINK_PASSPHRASE, or a terminal
  --broker URL, --ca, --cert, --key, --prefix TEXT, --wait SECONDS
                        as npm run cloud has them: an operator's certificate
  --help

Exit code: 0 good, 1 refused, 2 wrong usage.
`;

const CONSOLE: Output = { print: (text) => console.log(text), warn: (text) => console.error(text) };
const DAY_MS = 86_400_000;

type Action = (read: Reader, output: Output, stop: Promise<void>) => Promise<void>;

const ACTIONS = {
  serve: async (read, output, stop) => {
    const register = await openRegister(read);
    const authorities = await authoritiesOf(read);
    const issuer = new Issuer({
      register,
      signer: await signerOf(read, authorities),
      policy: { aDay: read.whole("a-day", USUAL_POLICY.aDay, 1, 1_000) },
      findKnown: (device) => factoryCertificate(read.pki, device),
      onEvent: (line) => output.print(line),
    });
    const lists = async (): Promise<void> => {
      await register.refresh();
      await writeLists(read, register, authorities, output);
    };
    await lists();
    const est = await startEst(read, authorities, issuer);
    const { url, timeoutMs, prefix, ...files } = read.broker();
    const [ca, cert, key] = await Promise.all([files.ca, files.cert, files.key].map(readText));
    const options = { url, ca: ca!, cert: cert!, key: key!, connectMs: timeoutMs };
    const service = await RenewalService.start(
      prefix === undefined ? options : { ...options, prefix },
      issuer,
      (line) => output.warn(line),
    );
    const daily = setInterval(() => {
      lists().catch((error: Error) => output.warn(`the lists were not written: ${error.message}`));
    }, DAY_MS);
    output.print(`Serving    ${url}${est ? `, and EST on port ${est.port}` : ""}; Ctrl-C ends it`);
    try {
      await stop;
    } finally {
      clearInterval(daily);
      await service.close();
      await est?.close();
    }
  },
  rescue: async (read, output, stop) => {
    const register = await openRegister(read);
    const { certificates } = await authoritiesOf(read);
    const own = pkiPaths(read.pki, "broker");
    const [certificateChain, key] = await Promise.all([
      readText(read.text("broker-cert") ?? own.certificate),
      readText(read.text("broker-key") ?? own.key),
    ]);
    const door = await RescueDoor.open({
      key,
      certificateChain,
      deviceAuthorities: certificates,
      register,
      isKnown: async (device) =>
        register.get(device).certificates.length > 0 ||
        (await factoryCertificate(read.pki, device)) !== undefined,
      brokerPort: read.whole("broker-port", 1_883, 1, 65_535),
      port: read.whole("port", 8_885, 0, 65_535),
      onEvent: (line) => output.print(line),
    });
    output.print(`Open       the rescue door on port ${door.port}; Ctrl-C closes it`);
    await stop;
    await door.close();
  },
  known: async (read, output) => {
    const register = await openRegister(read);
    const files = read.list("certificate");
    if (files.length === 0) throw new UsageError("known needs --certificate");
    for (const file of files) {
      const [leaf] = await readCertificateFile(file);
      const name = nameOf(leaf!);
      if (name === undefined) throw new Refusal(`${file}: its certificate has no name`);
      await introduce(register, checkDeviceId(name, file), leaf!, seconds());
      output.print(`Known      ${name}`);
    }
  },
  revoke: async (read, output) => {
    const register = await openRegister(read);
    const devices = read.list("device").map((id) => checkDeviceId(id, "--device"));
    if (devices.length === 0) throw new UsageError("revoke needs --device");
    const authorities = await authoritiesOf(read);
    for (const device of devices) {
      if (register.get(device).certificates.length === 0) {
        const leaf = await factoryCertificate(read.pki, device);
        if (leaf) await introduce(register, device, leaf, seconds());
        else
          output.warn(
            `${device}: no certificate of it is known here, so the revocation list does not have it; its name is denied`,
          );
      }
      await register.add({
        at: seconds(),
        device,
        what: "revoked",
        why: read.text("why") ?? "by an operator",
      });
      output.print(`Revoked    ${device}`);
    }
    await writeLists(read, register, authorities, output);
  },
  lists: async (read, output) =>
    writeLists(read, await openRegister(read), await authoritiesOf(read), output),
  log: async (read, output) => {
    const path = registerPath(read);
    const asked = new Set(read.list("device"));
    const text = await readFile(path, "utf8").catch((cause: NodeJS.ErrnoException) => {
      throw new Refusal(`${path}: cannot be read (${cause.code})`, { cause });
    });
    for (const line of text.split("\n")) {
      const event = eventOf(line);
      if (event && (asked.size === 0 || asked.has(event.device))) output.print(describeEvent(event));
    }
  },
  status: async (read, output) => {
    const { url, timeoutMs, prefix, ...files } = read.broker();
    const [ca, cert, key] = await Promise.all([files.ca, files.cert, files.key].map(readText));
    const options = { url, ca: ca!, cert: cert!, key: key!, connectMs: timeoutMs };
    const fleet = await BrokerFleet.open(prefix === undefined ? options : { ...options, prefix });
    try {
      output.print(identityTable(fleet.devices, seconds()));
    } finally {
      await fleet.close();
    }
  },
} as const satisfies Record<ActionName, Action>;

/** Runs the tool. `stop`: when `serve` ends; default: Ctrl-C. Returns the exit status. */
export async function main(
  args: readonly string[],
  output: Output = CONSOLE,
  stop?: Promise<void>,
): Promise<number> {
  try {
    const asked = parseCli(args);
    if (asked) await ACTIONS[asked.action](asked.read, output, stop ?? interrupted());
    else output.print(HELP);
    return 0;
  } catch (error) {
    const usage = error instanceof UsageError;
    if (!usage && !(error instanceof Refusal || error instanceof CloudTimeout)) throw error;
    output.warn(
      `${(error as Error).message}${usage ? "\nnpm run authority -- --help shows the options." : ""}`,
    );
    return usage ? 2 : 1;
  }
}

const interrupted = (): Promise<void> =>
  new Promise((resolve) => {
    process.once("SIGINT", resolve);
    process.once("SIGTERM", resolve);
  });

const seconds = (): number => Math.floor(Date.now() / 1000);
const registerPath = (read: Reader): string => join(read.folder, "register.jsonl");
const openRegister = (read: Reader): Promise<Register> => Register.open(registerPath(read));

const authoritiesOf = (read: Reader): Promise<Authorities> =>
  openAuthorities(read.pki, read.customer(), read.former(), createPassphrase(read.text("passphrase-file")));

async function signerOf(read: Reader, { signing, above }: Authorities): Promise<RequestSigner> {
  const url = read.text("upstream");
  if (url === undefined) {
    const lifetimeMs = read.whole("days", RENEWED_DAYS, 1, 7_305) * DAY_MS;
    return new LocalSigner({ authority: signing, above, lifetimeMs });
  }
  const [ca, cert, key] = await Promise.all(
    ["upstream-ca", "upstream-cert", "upstream-key"].map((name) => readText(read.needed(name))),
  );
  try {
    return new EstSigner({ url, ca: ca!, cert: cert!, key: key! });
  } catch (error) {
    throw new UsageError(`--upstream: ${(error as Error).message}`);
  }
}

async function startEst(
  read: Reader,
  { certificates }: Authorities,
  issuer: Issuer,
): Promise<EstServer | undefined> {
  if (read.text("est-port") === undefined) return undefined;
  const [certificateChain, key] = await Promise.all(
    ["est-cert", "est-key"].map((name) => readText(read.needed(name))),
  );
  const address = read.text("est-address");
  return EstServer.start({
    key: key!,
    certificateChain: certificateChain!,
    deviceAuthorities: certificates.map((der) => formatPem("CERTIFICATE", der)).join(""),
    authorities: certificates,
    issuer,
    port: read.whole("est-port", 0, 0, 65_535),
    ...(address !== undefined && { address }),
  });
}

async function writeLists(
  read: Reader,
  register: Register,
  { all }: Authorities,
  output: Output,
): Promise<void> {
  const files = { crl: join(read.folder, "crl.pem"), denied: join(read.folder, "denied.txt") };
  await writeRevocations(files, register, all, Date.now());
  const { known, revoked } = countDevices(register.devices);
  output.print(`Lists      ${files.crl}, ${files.denied} (${revoked} of ${known} devices)`);
  const reload = read.text("reload");
  if (reload === undefined) return;
  const pid = Number((await readText(reload)).trim());
  if (!Number.isInteger(pid) || pid < 2) throw new Refusal(`${reload}: no process number in it`);
  try {
    process.kill(pid, "SIGHUP");
  } catch (cause) {
    throw new Refusal(
      `${reload}: process ${pid} was not reached (${(cause as NodeJS.ErrnoException).code})`,
      {
        cause,
      },
    );
  }
}

function eventOf(line: string): RegisterEvent | undefined {
  try {
    return JSON.parse(line) as RegisterEvent;
  } catch {
    return undefined;
  }
}
