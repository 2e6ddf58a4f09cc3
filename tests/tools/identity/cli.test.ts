import { execFileSync } from "node:child_process";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { IDENTITY_SIZE, type Identity, parseIdentity } from "../../../modules/identity/identity";
import { ROOT } from "../../../tools/base/run-ts.mjs";
import { main, PARTITION_OFFSET } from "../../../tools/identity/cli";
import { createAuthority, issueCertificate } from "../../../tools/pki/certificates";
import { createKey } from "../../../tools/pki/keys";
import { formatPem } from "../../../tools/pki/pem";
import {
  authority,
  constraints,
  dns,
  inDays,
  names,
  server,
  unknownExtension,
  usage,
} from "../../tls/support/certificates";

const MAC = "a4:cf:12:aa:bb:cc";
const ID = "aerolink-a4cf12aabbcc";
let dir: string;
let out: string;
let err: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "aerolink-identity-"));
});

afterEach(() => {
  vi.useRealTimers();
  rmSync(dir, { recursive: true });
});

/** Runs the tool in `dir`; its words are in `out` and `err`. */
async function run(...args: string[]): Promise<number> {
  out = "";
  err = "";
  return main(["--dir", dir, ...args], {
    print: (text) => {
      out += `${text}\n`;
    },
    warn: (text) => {
      err += `${text}\n`;
    },
  });
}

const file = (name: string) => join(dir, name);
const identityIn = (id: string) =>
  parseIdentity(new Uint8Array(readFileSync(file(`devices/${id}/identity.bin`)))) as Identity;
const write = (name: string, text: string) => {
  writeFileSync(file(name), text);
  return file(name);
};
const leafOf = (id: string) => new X509Certificate(identityIn(id).certificateChain[0]!);
const pem = (der: Uint8Array) => formatPem("CERTIFICATE", der);

test("started as npm starts it, it shows its options", () => {
  const help = execFileSync(process.execPath, ["tools/identity/main.mjs", "--help"], {
    cwd: ROOT,
    encoding: "utf8",
  });
  expect(help).toMatch(/^Usage: npm run identity/);
  for (const line of help.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
});

test("the image goes where the partition table has its partition, and fills it", () => {
  const table = readFileSync(join(ROOT, "sdkconfig/partitions.csv"), "utf8");
  const [, offset, kilobytes] = /^identity,.*(0x[0-9A-F]+), *(\d+)K/im.exec(table)!;
  expect(Number(offset)).toBe(Number(PARTITION_OFFSET));
  expect(Number(kilobytes) * 1024).toBe(IDENTITY_SIZE);
});

describe("authority and broker", () => {
  test("are made once, for their owner's eyes", async () => {
    expect(await run()).toBe(0);
    expect(out).toContain("DNS:broker.aerolink.test, DNS:localhost, IP Address:127.0.0.1");
    const names = ["broker-ca", "broker", "devices-ca", "operators-ca"].flatMap((name) => [
      `${name}.cert.pem`,
      `${name}.key.pem`,
    ]);
    expect(readdirSync(dir).sort()).toEqual(names);
    const before = names.map((name) => readFileSync(file(name), "utf8"));
    for (const name of names) expect(statSync(file(name)).mode & 0o777).toBe(0o600);
    expect(await run()).toBe(0);
    expect(names.map((name) => readFileSync(file(name), "utf8"))).toEqual(before);
  });

  test("the broker bears the names that are asked for", async () => {
    expect(await run("--broker-host", "mqtt.example.com", "--broker-host", "10.1.2.3")).toBe(0);
    const { subjectAltName } = new X509Certificate(readFileSync(file("broker.cert.pem")));
    expect(subjectAltName).toBe("DNS:mqtt.example.com, IP Address:10.1.2.3");
  });
});

describe("a device", () => {
  test("has the domain in which its brokers must lie, when one is named", async () => {
    expect(await run("--device", MAC, "--broker-domain", "eu.example.com")).toBe(0);
    expect(identityIn(ID)).toMatchObject({ mac: MAC, brokerDomain: "eu.example.com" });
    for (const name of ["10.0.0.1", "a b", ""])
      expect(await run("--device", "other", "--broker-domain", name), name).toBe(1);
  });

  test("names a renewal service and lives for 13 months where there is one, and for 20 years where there is none", async () => {
    const daysOf = (id: string): number => {
      const { validTo } = new X509Certificate(identityIn(id).certificateChain[0]!);
      return Math.round((Date.parse(validTo) - Date.now()) / 86_400_000);
    };
    expect(await run("--device", MAC, "--renewal")).toBe(0);
    expect(identityIn(ID).renewal).toBe("mqtt");
    expect(daysOf(ID)).toBe(397);
    expect(await run("--device", "other")).toBe(0);
    expect(identityIn("other").renewal).toBeUndefined();
    expect(daysOf("other")).toBe(7_305);
  });

  test("knows a broker from the factory, when one is given", async () => {
    const broker = {
      brokerHost: "mqtt.example.com",
      brokerPort: 443,
      brokerUser: "{id}",
      brokerPassword: "s3cret",
    };
    writeFileSync(file("profile.json"), JSON.stringify(broker));
    expect(await run("--device", MAC, "--broker", file("profile.json"))).toBe(0);
    expect(identityIn(ID).broker).toEqual(broker);
    for (const wrong of [
      "{",
      "[]",
      '{"networks":""}',
      '{"brokerPort":0}',
      '{"topicPrefix":"s3cret/#"}',
      '{"a":1}',
    ]) {
      writeFileSync(file("profile.json"), wrong);
      expect(await run("--device", "other", "--broker", file("profile.json")), wrong).toBe(1);
      expect(out + err).not.toContain("s3cret");
    }
    expect(await run("--device", "other", "--broker", file("none.json"))).toBe(1);
  });

  test("with what was measured of its sensors, of every device alike or of each by its id", async () => {
    const calibrate = (name: string, values: unknown) => {
      writeFileSync(file("calibration.json"), typeof values === "string" ? values : JSON.stringify(values));
      return run("--device", name, "--calibration", file("calibration.json"));
    };
    expect(await calibrate("alike", { temperatureOffset: -150, co2Offset: 12 })).toBe(0);
    expect(identityIn("alike").calibration).toEqual({ temperatureOffset: -150, co2Offset: 12 });
    const each = { one: { humidityOffset: 250 }, two: { humidityOffset: -30 } };
    expect(await calibrate("two", each)).toBe(0);
    expect(identityIn("two").calibration).toEqual({ humidityOffset: -30 });
    expect(await calibrate("three", each)).toBe(0);
    expect(identityIn("three")).not.toHaveProperty("calibration");
    for (const wrong of ["{", "[]", { altitude: 3 }, { one: { co2Offset: 9_999 } }, { one: 1, two: {} }])
      expect(await calibrate("other", wrong), JSON.stringify(wrong)).toBe(1);
  });

  test("by its MAC: image, label and how to write it to the board", async () => {
    expect(await run("--device", "A4-CF-12-AA-BB-CC")).toBe(0);
    const identity = identityIn(ID);
    expect(identity).toMatchObject({ deviceId: ID, mac: MAC });
    expect(leafOf(ID).subject).toBe(`CN=${ID}`);
    expect(pem(identity.certificateAuthorities[0]!)).toBe(readFileSync(file("broker-ca.cert.pem"), "utf8"));
    const label = readFileSync(file(`devices/${ID}/label.svg`), "utf8");
    expect(label).toContain(">Aerolink-AABBCC<");
    expect(label).toContain(`>${identity.setupPassword}<`);
    expect(out).toContain(`esptool --port PORT write-flash 0x1b000 ${file(`devices/${ID}/identity.bin`)}`);
    expect(out).not.toContain(identity.setupPassword);
    for (const name of readdirSync(file(`devices/${ID}`))) {
      expect(statSync(file(`devices/${ID}/${name}`)).mode & 0o777).toBe(0o600);
    }
  });

  test("by an id of one's own, with the board's MAC for the label", async () => {
    expect(await run("--device", "lab-7", "--mac", MAC, "--product", "Lab monitor")).toBe(0);
    expect(identityIn("lab-7")).toMatchObject({ deviceId: "lab-7", mac: MAC });
    expect(readFileSync(file("devices/lab-7/label.svg"), "utf8")).toContain("Lab monitor");
  });

  test("by an id without a MAC: no label, and it says why", async () => {
    expect(await run("--device", "lab-8")).toBe(0);
    expect(identityIn("lab-8")).not.toHaveProperty("mac");
    expect(existsSync(file("devices/lab-8/label.svg"))).toBe(false);
    expect(out).toContain("give --mac");
  });

  test("its key is never overwritten", async () => {
    await run("--device", MAC);
    const before = readFileSync(file(`devices/${ID}/key.pem`), "utf8");
    expect(await run("--device", MAC)).toBe(1);
    expect(err).toContain("a key is never overwritten");
    expect(readFileSync(file(`devices/${ID}/key.pem`), "utf8")).toBe(before);
  });

  test("two have nothing in common but the authority", async () => {
    await run("--device", "one");
    await run("--device", "two");
    const [one, two] = [identityIn("one"), identityIn("two")];
    expect(one.privateKey).not.toEqual(two.privateKey);
    expect(one.setupPassword).not.toBe(two.setupPassword);
    expect(one.certificateAuthorities).toEqual(two.certificateAuthorities);
  });
});

describe("a factory's list", () => {
  test("makes each device and prints what the cloud is to know", async () => {
    const list = write("list.csv", `mac,id\r\n${MAC}\r\n\r\n# a second batch\r\n"a4cf12000001","lab-9"\r\n`);
    expect(await run("--batch", list)).toBe(0);
    const fingerprint = (id: string) => leafOf(id).fingerprint256.replaceAll(":", "").toLowerCase();
    expect(out.trim().split("\n")).toEqual([
      `${MAC},${ID},${fingerprint(ID)},${file(`devices/${ID}`)}`,
      `a4:cf:12:00:00:01,lab-9,${fingerprint("lab-9")},${file("devices/lab-9")}`,
    ]);
    expect(err).toBe("2 made\n");
  });

  test("with one device that has a key makes none, unless told to pass over it", async () => {
    await run("--device", MAC);
    const list = write("list.csv", `a4:cf:12:00:00:01\n${MAC}\n`);
    expect(await run("--batch", list)).toBe(1);
    expect(err).toContain("nothing was made");
    expect(readdirSync(file("devices"))).toEqual([ID]);
    expect(await run("--batch", list, "--skip-existing")).toBe(0);
    expect(out).toContain("a4:cf:12:00:00:01");
    expect(out).not.toContain(MAC);
  });

  test.each([
    ["a4:cf:12\n", 'line 1: "a4:cf:12" is not a MAC address'],
    [`${MAC},a/b\n`, 'line 1: "a/b" is not a device id'],
    [`${MAC},..\n`, 'line 1: ".." is not a device id'],
    [`${MAC},a,b\n`, 'line 1: more than "mac,id"'],
    [`mac\n${MAC}\nA4CF12AABBCC\n`, "line 3: a4:cf:12:aa:bb:cc stands in line 2 already"],
    [`${MAC},x\na4:cf:12:00:00:01,x\n`, "line 2: x stands in line 1 already"],
    [
      `${MAC},a.b\na4:cf:12:00:00:01,A_b\n`,
      "line 2: A_b stands as a.b, which is all but the same, in line 1",
    ],
    [`${MAC},cloud\n`, 'line 1: "cloud" is not for devices'],
    [`${MAC},Cloud-7\n`, 'line 1: "Cloud-7" is not for devices'],
    [`${MAC},operators\n`, 'line 1: "operators" is not for devices'],
    ["mac,id\n", "no device in it"],
  ])("that is wrong (%j) is refused before anything is made", async (text, message) => {
    expect(await run("--batch", write("list.csv", text))).toBe(1);
    expect(err).toContain(message);
    expect(existsSync(file("devices"))).toBe(false);
  });

  test("can be a list of requests", async () => {
    expect(await run("--batch", write("list.csv", `${MAC}\n`), "--csr")).toBe(0);
    expect(readdirSync(file(`devices/${ID}`)).sort()).toEqual(["key.pem", "request.pem"]);
    expect(existsSync(file("devices-ca.key.pem"))).toBe(false);
  });
});

describe("a customer's authority", () => {
  /** A root and an intermediate, as a customer's public-key people hold them. */
  async function customer() {
    const root = await createAuthority("Customer root");
    const certificate = write("root.pem", pem(root.certificate));
    const key = write(
      "root.key",
      String(
        createPrivateKey(Buffer.from(formatPem("PRIVATE KEY", root.privateKey))).export({
          type: "sec1",
          format: "pem",
        }),
      ),
    );
    return { root, certificate, key };
  }

  test("signs in place of ours", async () => {
    const { root, certificate, key } = await customer();
    expect(await run("--device", MAC, "--ca-cert", certificate, "--ca-key", key)).toBe(0);
    expect(leafOf(ID).verify(new X509Certificate(root.certificate).publicKey)).toBe(true);
    expect(identityIn(ID).certificateAuthorities).toEqual([root.certificate]);
    expect(existsSync(file("devices-ca.key.pem"))).toBe(false);
  });

  test("can be another than the broker's", async () => {
    const { certificate, key } = await customer();
    const other = await createAuthority("Broker root");
    const trust = write("broker-root.pem", pem(other.certificate));
    expect(await run("--device", MAC, "--ca-cert", certificate, "--ca-key", key, "--trust", trust)).toBe(0);
    expect(identityIn(ID).certificateAuthorities).toEqual([other.certificate]);
  });

  test("signs a request, and the certificate comes back", async () => {
    const { root, certificate: trust } = await customer();
    expect(await run("--device", MAC, "--csr")).toBe(0);
    expect(out).toContain("request.pem");
    expect(existsSync(file(`devices/${ID}/identity.bin`))).toBe(false);
    const deviceKey = createPrivateKey(readFileSync(file(`devices/${ID}/key.pem`)));
    const privateKey = new Uint8Array(deviceKey.export({ type: "pkcs8", format: "der" }));
    const leaf = await issueCertificate(root, privateKey, { commonName: ID, usage: "client" });
    const certificate = write("back.pem", pem(leaf) + pem(root.certificate));
    const complete = ["--device", MAC, "--certificate", certificate, "--trust", trust];
    expect(await run(...complete)).toBe(0);
    expect(identityIn(ID)).toMatchObject({ privateKey, certificateChain: [leaf] });
    expect(await run(...complete)).toBe(1);
    expect(err).toContain("its label may be printed");
  });

  test("a certificate for another key or another name is refused", async () => {
    const { root, certificate: trust } = await customer();
    await run("--device", MAC, "--csr");
    const complete = (certificate: string) =>
      run("--device", MAC, "--certificate", certificate, "--trust", trust);
    const strange = await issueCertificate(root, await createKey(), { commonName: ID, usage: "client" });
    expect(await complete(write("back.pem", pem(strange)))).toBe(1);
    expect(err).toContain("is not for the key");
    const deviceKey = createPrivateKey(readFileSync(file(`devices/${ID}/key.pem`)));
    const pkcs8 = new Uint8Array(deviceKey.export({ type: "pkcs8", format: "der" }));
    const misnamed = await issueCertificate(root, pkcs8, { commonName: `${ID}0`, usage: "client" });
    expect(await complete(write("back.pem", pem(misnamed)))).toBe(1);
    expect(err).toContain(`names "CN=${ID}0"`);
    expect(existsSync(file(`devices/${ID}/identity.bin`))).toBe(false);
  });

  test("a key that is not the certificate's, a leaf, or no certificate is refused", async () => {
    const { root, certificate, key } = await customer();
    const strangeKey = write("strange.key", formatPem("PRIVATE KEY", await createKey()));
    const sign = (cert: string, certKey: string) =>
      run("--device", MAC, "--ca-cert", cert, "--ca-key", certKey);
    expect(await sign(certificate, strangeKey)).toBe(1);
    expect(err).toContain("is not the key of");
    const leaf = await issueCertificate(root, await createKey(), { commonName: "leaf", usage: "client" });
    expect(await sign(write("leaf.pem", pem(leaf)), strangeKey)).toBe(1);
    expect(err).toContain("not the certificate of an authority");
    expect(await sign(key, key)).toBe(1);
    expect(err).toContain("no certificate in it");
    expect(await sign(write("bad.pem", formatPem("CERTIFICATE", new Uint8Array(9))), key)).toBe(1);
    expect(err).toContain("cannot be read");
    expect(await sign(certificate, certificate)).toBe(1);
    expect(err).toContain("no private key in it");
    expect(await sign(file("absent.pem"), key)).toBe(1);
    expect(err).toContain("absent.pem: cannot be read (ENOENT)");
    expect(existsSync(file("devices"))).toBe(false);
  });
});

test("an authority at its end signs no device", async () => {
  await run();
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 30 * 365.25 * 86_400_000 });
  expect(await run("--device", MAC)).toBe(1);
  expect(err).toContain("expires within a month");
});

describe("names", () => {
  test("that brokers and operators go by are no device's", async () => {
    for (const name of ["cloud", "CLOUD", "broker", "operator.1", "admin_x", "root"]) {
      expect(await run("--device", name)).toBe(1);
      expect(err).toContain("is not for devices");
    }
    expect(await run("--device", "cloudy", "--mac", MAC)).toBe(0);
  });

  test("that are all but another device's are refused, whatever is asked for", async () => {
    expect(await run("--device", "lab.1")).toBe(0);
    for (const asked of [
      ["--device", "lab_1"],
      ["--device", "LAB.1"],
      ["--device", "Lab_1", "--csr"],
    ]) {
      expect(await run(...asked)).toBe(1);
      expect(err).toContain("too like the name of lab.1");
    }
    expect(await run("--batch", write("list.csv", `${MAC},Lab.1\n`))).toBe(1);
    expect(readdirSync(file("devices"))).toEqual(["lab.1"]);
  });

  test("of operators and devices exclude each other", async () => {
    expect(await run("--device", "desk")).toBe(0);
    expect(await run("--operator", "desk")).toBe(1);
    expect(err).toContain("desk is too like the name of desk");
    expect(await run("--operator", "backend")).toBe(0);
    for (const name of ["backend", "Backend", "backend-1"]) {
      expect(await run("--device", name)).toBe(1);
      expect(err).toContain("the name of backend");
    }
    expect(await run("--device", "site-7")).toBe(0);
    expect(await run("--operator", "site")).toBe(1);
    expect(err).toContain("site is too like the name of site-7");
    expect(await run("--operator", "a/b")).toBe(1);
  });
});

test("an operator is signed by the operators' authority, for clients", async () => {
  expect(await run("--operator", "cloud")).toBe(0);
  const certificate = new X509Certificate(readFileSync(file("operators/cloud.cert.pem")));
  const authority = new X509Certificate(readFileSync(file("operators-ca.cert.pem")));
  expect(certificate.verify(authority.publicKey)).toBe(true);
  expect(certificate.subject).toBe("CN=cloud");
  expect(authority.keyUsage).toEqual(["1.3.6.1.5.5.7.3.2"]);
  expect(existsSync(file("devices-ca.key.pem"))).toBe(false);
});

test("a folder with one authority goes on with it, and says what that means", async () => {
  const old = await createAuthority("Aerolink CA");
  write("ca.cert.pem", pem(old.certificate));
  write("ca.key.pem", formatPem("PRIVATE KEY", old.privateKey));
  expect(await run()).toBe(0);
  expect(err).toContain("has one authority for devices and broker");
  expect(await run("--device", MAC)).toBe(0);
  expect(leafOf(ID).verify(new X509Certificate(old.certificate).publicKey)).toBe(true);
  expect(identityIn(ID).certificateAuthorities).toEqual([old.certificate]);
  expect(existsSync(file("devices-ca.key.pem"))).toBe(false);
});

describe("keys of authorities", () => {
  test("are encrypted when asked for, and opened by the passphrase of a file or of the environment", async () => {
    const secret = write("passphrase", "correct horse\n");
    expect(await run("--encrypt", "--passphrase-file", secret)).toBe(0);
    for (const role of ["devices", "broker", "operators"])
      expect(readFileSync(file(`${role}-ca.key.pem`), "utf8")).toContain("BEGIN ENCRYPTED PRIVATE KEY");
    expect(readFileSync(file("broker.key.pem"), "utf8")).toContain("BEGIN PRIVATE KEY");
    expect(await run("--device", MAC)).toBe(1);
    expect(err).toContain("devices-ca.key.pem is encrypted: give its passphrase");
    expect(await run("--device", MAC, "--passphrase-file", write("wrong", "correct hors"))).toBe(1);
    expect(err).toContain("the passphrase does not open it");
    expect(existsSync(file("devices"))).toBe(false);
    expect(await run("--device", MAC, "--passphrase-file", secret)).toBe(0);
    vi.stubEnv("AEROLINK_PASSPHRASE", "correct horse");
    expect(await run("--device", "desk")).toBe(0);
    vi.unstubAllEnvs();
  });

  test("of the broker and of operators need not be where devices are signed", async () => {
    expect(await run()).toBe(0);
    for (const role of ["broker", "operators"]) rmSync(file(`${role}-ca.key.pem`));
    expect(await run("--device", MAC)).toBe(0);
    expect(pem(identityIn(ID).certificateAuthorities[0]!)).toBe(
      readFileSync(file("broker-ca.cert.pem"), "utf8"),
    );
    expect(await run("--operator", "cloud")).toBe(1);
    expect(err).toContain("operators-ca.key.pem: cannot be read (ENOENT)");
  });

  test("are not made without the passphrase that they were to have", async () => {
    expect(await run("--encrypt")).toBe(1);
    expect(err).toContain("--encrypt needs a passphrase");
    expect(readdirSync(dir)).toEqual([]);
  });
});

describe("what no device could use is refused before a key is made", () => {
  const trusting = async (made: { der: Uint8Array }): Promise<string> => {
    expect(await run("--device", MAC, "--trust", write("trust.pem", pem(made.der)))).toBe(1);
    expect(existsSync(file("devices"))).toBe(false);
    return err;
  };

  test.each<[string, Parameters<typeof authority>[0], string]>([
    ["an Ed25519 key", { key: "Ed25519" }, "cannot be read by its TLS"],
    ["a brainpool key", { key: "brainpoolP256r1" }, "too weak"],
    ["an RSA key of 1,024 bits", { key: "RSA-1024" }, "too weak"],
    [
      "something critical that is unknown",
      { extensions: [unknownExtension(true)] },
      "cannot be read by its TLS",
    ],
    ["the purpose of clients", { extensions: [usage("clientAuth")] }, "is not for servers"],
  ])("an authority of the broker with %s", async (_what, recipe, reason) => {
    expect(await trusting(authority(recipe))).toContain(reason);
  });

  test("a certificate of the broker in place of its authority", async () => {
    expect(await trusting(server({ issuer: authority(), names: [dns("broker.test")] }))).toContain(
      "may not sign certificates",
    );
  });

  test.each(["Ed25519", "brainpoolP256r1", "RSA-1024"] as const)(
    "an authority for devices with %s",
    async (key) => {
      const made = authority({ key, until: inDays(400) });
      const [cert, certKey] = [
        write("ca.pem", pem(made.der)),
        write("ca.key", formatPem("PRIVATE KEY", made.key)),
      ];
      const trust = write("trust.pem", pem(authority().der));
      expect(await run("--device", MAC, "--ca-cert", cert, "--ca-key", certKey, "--trust", trust)).toBe(1);
      expect(err).toContain("cannot sign here");
      expect(existsSync(file("devices"))).toBe(false);
    },
  );

  test("a chain of its own that its record does not hold", async () => {
    const padding = names(
      ...Array.from({ length: 60 }, (_, i) => dns(`name-${i}.of.an.authority.example.test`)),
    );
    const root = authority({ name: "Root", extensions: [padding] });
    const middle = authority({ name: "Middle", issuer: root, extensions: [padding] });
    const lower = authority({ name: "Lower", issuer: middle, extensions: [padding], until: inDays(400) });
    const cert = write("chain.pem", [lower, middle, root].map(({ der }) => pem(der)).join(""));
    const key = write("lower.key", formatPem("PRIVATE KEY", lower.key));
    const trust = write("trust.pem", pem(authority().der));
    expect(await run("--device", MAC, "--ca-cert", cert, "--ca-key", key, "--trust", trust)).toBe(1);
    expect(err).toMatch(/its own chain takes \d+ bytes, and a device can send 4096/);
    expect(existsSync(file("devices"))).toBe(false);
  });

  test("but not an authority with critical name constraints, which the device obeys", async () => {
    const made = authority({ extensions: [constraints({ permitted: [dns("example.test")] }, true)] });
    expect(await run("--device", MAC, "--trust", write("trust.pem", pem(made.der)))).toBe(0);
  });
});

test.each([
  [["--nonsense"], "Unknown option '--nonsense'"],
  [["--device"], "argument missing"],
  [["stray"], "Unexpected argument 'stray'"],
  [["--device", MAC, "--batch", "x.csv"], "exclude each other"],
  [["--csr"], "--csr needs --device or --batch"],
  [["--mac", MAC], "--mac needs --device"],
  [["--certificate", "x"], "--certificate needs --device"],
  [["--device", MAC, "--certificate", "x"], "--certificate needs --trust"],
  [["--device", MAC, "--ca-key", "x"], "--ca-cert and --ca-key go together"],
])("%j makes no sense, and it says so", async (args, message) => {
  expect(await run(...args)).toBe(2);
  expect(err).toContain(message);
  expect(err).toContain("--help");
  expect(readdirSync(dir)).toEqual([]);
});

test.each([
  [["--device", "a b"], "not a device id"],
  [["--device", "../up"], "not a device id"],
  [["--device", "x", "--mac", "12"], '--mac: "12" is not a MAC address'],
  [["--batch", "absent.csv"], "absent.csv: cannot be read (ENOENT)"],
])("%j is refused", async (args, message) => {
  expect(await run(...args)).toBe(1);
  expect(err).toContain(message);
});
