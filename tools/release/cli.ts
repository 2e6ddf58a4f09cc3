import { join } from "node:path";
import { whyNot } from "../../cloud/rollout/facts";
import { newRollout, USUAL_PLAN } from "../../cloud/rollout/plan";
import { ROOT } from "../base/run-ts.mjs";
import { CloudTimeout } from "../cloud/cloud";
import { checkDeviceId } from "../identity/device-id";
import { Refusal } from "../pki/files";
import { boardTargets } from "./boards";
import { buildImage } from "./build";
import { BrokerFleet, type Fleet } from "./fleet";
import { keygen } from "./keygen";
import { readTrustedKeys } from "./keys";
import { type ActionName, parseCli, type Reader, UsageError } from "./options";
import type { Output } from "./output";
import { publish, readRelease, upload } from "./publish";
import { readText } from "./read-file";
import { RolloutRun, readRollout } from "./rollout-run";
import { attach, type Signer, signImage } from "./sign";
import { statusTable } from "./status";
import { makeTrustList, readTrustList } from "./trust-list";

export const HELP = `Usage: npm run release -- keygen NAME [options]
       npm run release -- build --board BOARD
       npm run release -- sign --image FILE --board BOARD --release N
                               --signing-key FILE --out FILE
       npm run release -- upload --image FILE --offer FILE
                                 --folder FOLDER
       npm run release -- publish --image FILE --offer FILE --folder FOLDER
                                  --device ID …
       npm run release -- rollout --image FILE --offer FILE --folder FOLDER
                                  --all
       npm run release -- trust --authority FILE … --list N
                                --signing-key FILE --out FILE
       npm run release -- status

Updates of devices in the field, from the key to the last device
(docs/updates.md).

keygen NAME             a signing key; "updateKeys" of the manifest trusts it
  --offline             is to be kept offline: for the day when others are lost
  --plain               not encrypted, for a trial
  --dir FOLDER          where keys are kept (.aerolink/release)
build                   the image, and its SHA-256
  --board BOARD         mcconfig's target, esp32/m5atom_lite say; simulator: the
                        one of npm start, which needs no SDK
  --secure              for locked chips (docs/security.md)
  --out FOLDER          (.aerolink/release/images)
sign                    the offer of an image
  --board, --release    what the image is meant to be: it says so itself
  --from N              the lowest release that may update to it (1)
  --floor N             the lowest that may run after it (1)
  --expires DAYS        how long devices take it (90)
  --formats NAME=N,…    what it writes to flash (as this firmware)
  --signing-key FILE
  --prepare FILE        instead: what is to be signed elsewhere, by an HSM say,
  --public FILE         with this key
trust                   a list of authorities, one of which the broker shows
                        (docs/identity.md)
  --authority FILE      any number of times: 1 to 4 certificates in all
  --previous FILE       the list before; or --list N, where there was none
  --signing-key FILE, --out FILE; --prepare, --public as above
publish-trust           such a list to devices: --trust FILE, and whom
attach                  what was signed elsewhere: --input FILE
                        --signature FILE --public FILE --out FILE
upload                  image into the server's folder, offer to nobody: before
                        a rollout by the cloud's API (docs/cloud.md)
publish                 image into the server's folder, offer to devices
  --device ID           any number of times; or
  --devices FILE        one a line; or
  --all                 every device that can take it
  --withdraw            instead: they are offered nothing any more
rollout                 the same by stages, until it is done or stopped
  --stages PERCENTS     (1,10,100)
  --soak HOURS          between stages (24)
  --file FILE           where it stands (.aerolink/release/rollout-N.json): the
                        same command goes on after an interruption
  --once                one look; --every SECONDS: how often otherwise (60)
  --stop [--why TEXT]   takes the offer back from all that have not finished
  --resume              goes on after a stop; what has failed is excused
status                  what devices say of updates; --json, --device ID

  --manifest FILE       the build's manifest, with the keys (manifest.json)
  --passphrase-file FILE
                        of keys; or $AEROLINK_PASSPHRASE, or a terminal
  --broker URL, --ca, --cert, --key, --pki FOLDER, --wait SECONDS
                        as npm run cloud has them: an operator's certificate
  --help

Exit code: 0 good, 1 refused or stopped, 2 wrong usage.
`;

const CONSOLE: Output = { print: (text) => console.log(text), warn: (text) => console.error(text) };
const FOLDER = join(".aerolink", "release");
const MOST_RELEASE = 0xffff_ffff;

type Action = (read: Reader, name: string | undefined, output: Output) => Promise<number>;

const ACTIONS = {
  keygen: async (read, name, output) => {
    if (name === undefined) throw new UsageError("keygen needs a name for the key");
    await keygen(
      {
        name,
        dir: read.text("dir") ?? FOLDER,
        manifest: manifestOf(read),
        plain: read.is("plain"),
        offline: read.is("offline"),
        passphraseFile: read.text("passphrase-file"),
      },
      output,
    );
    return 0;
  },
  build: async (read, _name, output) => {
    const board = read.needed("board");
    await buildImage(
      { board, secure: read.is("secure"), out: read.text("out") ?? join(FOLDER, "images") },
      output,
    );
    return 0;
  },
  sign: async (read, _name, output) => {
    const release = read.whole("release", undefined, 1, MOST_RELEASE);
    await signImage(
      {
        image: read.needed("image"),
        board: read.needed("board"),
        release,
        from: read.whole("from", 1, 0, MOST_RELEASE),
        floor: read.whole("floor", 1, 0, MOST_RELEASE),
        expiresDays: read.whole("expires", 90, 1, 3_650),
        formats: read.formats(),
        manifest: manifestOf(read),
        out: read.needed("out"),
        now: unixSeconds(),
      },
      signerOf(read),
      output,
    );
    return 0;
  },
  trust: async (read, _name, output) => {
    await makeTrustList(
      {
        authorities: read.list("authority"),
        list: read.text("list") === undefined ? undefined : read.whole("list", undefined, 1, MOST_RELEASE),
        previous: read.text("previous"),
        manifest: manifestOf(read),
        out: read.needed("out"),
        now: Date.now(),
      },
      signerOf(read),
      output,
    );
    return 0;
  },
  "publish-trust": async (read, _name, output) => {
    const file = read.needed("trust");
    const jws = (await readText(file)).trim();
    const { list, authorities } = readTrustList(jws, await readTrustedKeys(manifestOf(read)), file);
    return withFleet(read, async (fleet) => {
      const devices = await devicesOf(read, fleet);
      for (const id of devices) await fleet.trust(id, jws);
      output.print(`Published  list ${list}, of ${authorities.length}, to ${devices.length} devices`);
      return 0;
    });
  },
  upload: async (read, _name, output) => {
    await upload(read.needed("folder"), await releaseOf(read), output);
    return 0;
  },
  attach: async (read, _name, output) => {
    await attach(
      {
        input: read.needed("input"),
        signature: read.needed("signature"),
        point: read.needed("public"),
        out: read.needed("out"),
      },
      output,
    );
    return 0;
  },
  publish: async (read, _name, output) => {
    const release = read.is("withdraw") ? undefined : await releaseOf(read);
    return withFleet(read, async (fleet) => {
      if (!release) {
        const devices = await devicesOf(read, fleet);
        for (const id of devices) await fleet.offer(id, "");
        output.print(`Withdrawn  from ${devices.length} devices`);
        return 0;
      }
      const targets = boardTargets();
      const able = (id: string) => whyNot(fleet.devices.get(id), release.manifest, targets) === undefined;
      const devices = await devicesOf(read, fleet, able);
      await upload(read.needed("folder"), release, output);
      await publish(fleet, devices, release, output);
      return 0;
    });
  },
  rollout: async (read, _name, output) => {
    const release = await releaseOf(read);
    const { manifest, jws } = release;
    const file = read.text("file") ?? join(FOLDER, `rollout-${manifest.release}.json`);
    const begun = await readRollout(file).then(
      () => true,
      (error: Refusal) => {
        if ((error.cause as NodeJS.ErrnoException | undefined)?.code === "ENOENT") return false;
        throw error;
      },
    );
    const stages = read.shares();
    const soakSeconds = read.whole("soak", 24, 0, 8_760) * 3_600;
    const every = read.whole("every", 60, 1, 86_400) * 1_000;
    return withFleet(read, async (fleet) => {
      const options = { fleet, jws, output };
      await upload(read.needed("folder"), release, output);
      let run: RolloutRun;
      if (begun) run = await RolloutRun.goOn(file, manifest.release, options);
      else {
        const targets = boardTargets();
        const able = (id: string) => whyNot(fleet.devices.get(id), manifest, targets) === undefined;
        const devices = await devicesOf(read, fleet, able);
        const plan = {
          ...USUAL_PLAN,
          stages: stages.map((share) => ({ share, soakSeconds: share === 1 ? 0 : soakSeconds })),
        };
        run = await RolloutRun.begin(file, newRollout(manifest.release, devices, plan), options);
      }
      if (read.is("stop")) await run.stop(read.text("why") ?? "by an operator", unixSeconds());
      if (read.is("resume")) await run.resume(unixSeconds());
      for (;;) {
        const verdict = await run.look(unixSeconds());
        if (verdict === "soaking" && !read.is("once")) {
          await new Promise((resolve) => setTimeout(resolve, every));
          continue;
        }
        output.print(run.describe());
        return verdict === "stopped" && !read.is("stop") ? 1 : 0;
      }
    });
  },
  status: async (read, _name, output) =>
    withFleet(read, async (fleet) => {
      const asked = new Set(read.list("device"));
      const devices = new Map([...fleet.devices].filter(([id]) => asked.size === 0 || asked.has(id)));
      output.print(
        read.is("json") ? JSON.stringify(Object.fromEntries(devices), undefined, 2) : statusTable(devices),
      );
      return 0;
    }),
} as const satisfies Record<ActionName, Action>;

/** Runs the tool. Returns the exit status. */
export async function main(args: readonly string[], output: Output = CONSOLE): Promise<number> {
  try {
    const asked = parseCli(args);
    if (asked) return await ACTIONS[asked.action](asked.read, asked.name, output);
    output.print(HELP);
    return 0;
  } catch (error) {
    const usage = error instanceof UsageError;
    if (!usage && !(error instanceof Refusal || error instanceof CloudTimeout)) throw error;
    output.warn(
      `${(error as Error).message}${usage ? "\nnpm run release -- --help shows the options." : ""}`,
    );
    return usage ? 2 : 1;
  }
}

const manifestOf = (read: Reader): string => read.text("manifest") ?? join(ROOT, "manifest.json");
const unixSeconds = (): number => Math.floor(Date.now() / 1_000);

function signerOf(read: Reader): Signer {
  const prepare = read.text("prepare");
  return prepare === undefined
    ? { key: read.needed("signing-key"), passphraseFile: read.text("passphrase-file") }
    : { prepare, point: read.needed("public") };
}

const releaseOf = (read: Reader) =>
  readRelease(
    { offer: read.needed("offer"), image: read.needed("image"), manifest: manifestOf(read) },
    unixSeconds(),
  );

/** @param able of all: those that can take it */
async function devicesOf(read: Reader, fleet: Fleet, able = (_id: string) => true): Promise<string[]> {
  const file = read.text("devices");
  const named = read.list("device");
  if ([named.length > 0, file !== undefined, read.is("all")].filter(Boolean).length !== 1)
    throw new UsageError("whom: --device ID, any number of times, --devices FILE, or --all");
  if (read.is("all")) {
    const all = [...fleet.devices.keys()].filter(able);
    if (all.length === 0) throw new Refusal("no device that the broker knows can take it");
    return all;
  }
  if (file === undefined) return named.map((id) => checkDeviceId(id, "--device"));
  const lines = (await readText(file)).split(/\r?\n/).map((line) => line.replace(/#.*/, "").trim());
  return lines.flatMap((line, i) => (line === "" ? [] : [checkDeviceId(line, `${file}, line ${i + 1}`)]));
}

async function withFleet(read: Reader, use: (fleet: BrokerFleet) => Promise<number>): Promise<number> {
  const { url, timeoutMs, ...files } = read.broker();
  const [ca, cert, key] = await Promise.all([files.ca, files.cert, files.key].map(readText));
  const fleet = await BrokerFleet.open({ url, ca: ca!, cert: cert!, key: key!, connectMs: timeoutMs });
  try {
    return await use(fleet);
  } finally {
    await fleet.close();
  }
}
