import { execFileSync } from "node:child_process";
import { symlinkSync } from "node:fs";
import { makeFolder, own, write, writeCertificates, writeFleet } from "../files";
import { Leash } from "../leash";
import type { Product, Setup } from "../product";

const JAR = "/usr/share/activemq/bin/activemq.jar";
/** What its MQTT cannot do without, and the package does not ask for. */
const MQTT_JAR = "/usr/share/java/mqtt-client.jar";

export const ACTIVEMQ: Product = {
  name: "ActiveMQ",
  packages: "activemq libmqtt-client-java",
  needs: [JAR, MQTT_JAR, "java", "keytool", "openssl"],
  versions: [4],
  async prepare(setup) {
    writeCertificates(setup);
    writeFleet(setup, "activemq.xml", [
      ["127.0.0.1:8883", `127.0.0.1:${setup.ports.devices}`],
      // It counts the topic too.
      ["16384", String(setup.maxPayloadBytes + 64)],
    ]);
    writeFleet(setup, "activemq-login.config");
    const users = [...setup.devices, "cloud"];
    write(setup, "users.properties", users.map((name) => `${name}=CN=${name}\n`).join(""));
    const groups = [`devices=${setup.devices.join(",")}`, "operators=cloud"];
    for (const name of setup.devices) groups.push(`${name}=${name}`);
    write(setup, "groups.properties", `${groups.join("\n")}\n`);
    write(setup, "log4j.properties", LOG);
    symlinkSync(MQTT_JAR, `${makeFolder(setup, "lib")}/mqtt-client.jar`);
    writeStores(setup);
  },
  start: ({ folder }) =>
    new Leash(
      "java",
      [
        ...SMALL,
        `-Djava.security.auth.login.config=${folder}/activemq-login.config`,
        "-Dactivemq.home=/usr/share/activemq",
        `-Dactivemq.base=${folder}`,
        `-Dactivemq.conf=${folder}`,
        `-Dactivemq.data=${folder}`,
        `-Dlog4j.configuration=file:${folder}/log4j.properties`,
        `-Djava.io.tmpdir=${folder}`,
        "-jar",
        JAR,
        "start",
        `xbean:file:${folder}/activemq.xml`,
      ],
      { cwd: folder },
    ),
};

const SMALL = ["-Xms32m", "-Xmx96m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"];

const LOG = `log4j.rootLogger=WARN, out
log4j.appender.out=org.apache.log4j.ConsoleAppender
log4j.appender.out.layout=org.apache.log4j.SimpleLayout
`;

/** Java reads no PEM. */
function writeStores(setup: Setup): void {
  const { folder, pki } = setup;
  const run = (program: string, args: readonly string[]): void =>
    void execFileSync(program, args, { cwd: folder, stdio: "pipe" });
  run("openssl", [
    ...["pkcs12", "-export", "-in", "broker.pem", "-inkey", "broker.key"],
    ...["-out", "broker.p12", "-passout", "pass:changeit"],
  ]);
  for (const [alias, pem] of [
    ["devices", pki.deviceAuthorityPem],
    ["operators", pki.operatorAuthorityPem],
  ] as const)
    run("keytool", [
      ...["-importcert", "-noprompt", "-alias", alias, "-file", write(setup, `${alias}-ca.pem`, pem)],
      ...["-keystore", "clients-ca.p12", "-storetype", "PKCS12", "-storepass", "changeit"],
    ]);
  for (const name of ["broker.p12", "clients-ca.p12"]) own(`${folder}/${name}`);
}
