// npm run doctor: what is installed here, and what will be left out without the rest. Changes nothing.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { isNodeFit, NODE_WANTED } from "../base/node-version.mjs";
import { findSdk, ROOT } from "../base/sdk.mjs";

/** Is a program on the PATH, or in one of Debian's places for servers? */
const program =
  (...names) =>
  () =>
    names.some(
      (name) => spawnSync("/bin/sh", ["-c", `command -v "${name}"`], { stdio: "ignore" }).status === 0,
    );

/** Is a C header where the compiler looks? */
const header = (name, folder) => () =>
  spawnSync("cc", ["-fsyntax-only", ...(folder ? [`-I${folder}`] : []), "-xc", "-"], {
    input: `#include <${name}>\n`,
    stdio: ["pipe", "ignore", "ignore"],
  }).status === 0;

/** @typedef {{ what: string, from: string, without: string, isHere: () => boolean }} Tool */

/** @type {readonly Tool[]} In the order in which people meet them. */
export const TOOLS = [
  {
    what: "packages of npm",
    from: "npm ci",
    without: "nothing runs",
    isHere: () => existsSync(join(ROOT, "node_modules/vitest/package.json")),
  },
  {
    what: "Chromium",
    from: "Debian: chromium",
    without: "npm test leaves out the setup page and the simulator's page in a browser",
    isHere: program("chromium", "/usr/bin/chromium"),
  },
  {
    what: "mosquitto",
    from: "Debian: mosquitto",
    without:
      "npm test leaves out the runs with a broker that people have; npm start -- --broker has none to find",
    isHere: program("mosquitto", "/usr/sbin/mosquitto"),
  },
  {
    what: "brokers that people have",
    from: "Debian: rabbitmq-server nats-server ejabberd activemq libmqtt-client-java openssl",
    without: "npm run test:brokers leaves out those that are not here",
    isHere: () =>
      ["/usr/lib/rabbitmq/bin/rabbitmq-server", "/usr/sbin/nats-server", "/usr/sbin/ejabberdctl"].every(
        (each) => program(each)(),
      ) &&
      existsSync("/usr/share/activemq/bin/activemq.jar") &&
      existsSync("/usr/share/java/mqtt-client.jar"),
  },
  {
    what: "a C compiler",
    from: "Debian: gcc libc6-dev",
    without: "npm test leaves out the sockets and the TLS engine, written in C",
    isHere: program("gcc"),
  },
  {
    what: "mbedTLS",
    from: "Debian: libmbedtls-dev",
    without: "npm test leaves out the device's TLS engine",
    isHere: header("mbedtls/ssl.h"),
  },
  {
    what: "lwIP",
    from: "Debian: liblwip-dev",
    without: "npm test leaves out the sockets over the device's TCP/IP stack",
    isHere: header("lwip/tcpip.h", "/usr/include/lwip"),
  },
  {
    what: "PostgreSQL",
    from: "Debian: postgresql",
    without: "npm test leaves out the cloud's store on PostgreSQL",
    isHere: () =>
      existsSync("/usr/lib/postgresql") &&
      readdirSync("/usr/lib/postgresql").some((version) =>
        existsSync(`/usr/lib/postgresql/${version}/bin/initdb`),
      ),
  },
  {
    what: "valgrind",
    from: "Debian: valgrind",
    without: "npm test leaves out what only valgrind sees in lwIP, and the counts of instructions",
    isHere: program("valgrind"),
  },
  {
    what: "dig",
    from: "Debian: dnsutils",
    without: "npm test leaves out that dig understands the setup network's DNS",
    isHere: program("dig"),
  },
  {
    what: "OpenSSL",
    from: "Debian: openssl",
    without: "npm test leaves out what OpenSSL says of EST's answers and of revocation lists",
    isHere: program("openssl"),
  },
  {
    what: "Python",
    from: "Debian: python3",
    without: "npm test leaves out the Python snippet of docs/payload.md",
    isHere: program("python3"),
  },
  {
    what: "Firefox's and WebKit's drivers",
    from: "Debian: firefox-esr webkit2gtk-driver",
    without: "npm run test:long leaves out the pages in these two",
    isHere: () => program("firefox-esr")() && program("WebKitWebDriver")(),
  },
  {
    what: "a RISC-V compiler",
    from: "Debian: gcc-riscv64-unknown-elf picolibc-riscv64-unknown-elf",
    without: "npm run link:esp32 cannot weigh C for the ESP32-C3",
    isHere: program("riscv64-unknown-elf-gcc"),
  },
  {
    what: "Moddable SDK",
    from: "docs/flashing.md",
    without: "test:xs, test:xs:firmware, bench:xs, link:esp32, simulator and flash cannot run",
    isHere: () => findSdk() !== undefined,
  },
  {
    what: "32-bit libraries",
    from: "tools/xs/host/fetch-ia32.sh; Debian: gcc-multilib",
    without: "npm run bench:xs cannot measure the heap",
    isHere: () => existsSync(join(ROOT, "build/ia32")),
  },
  {
    what: "ESP-IDF",
    from: "docs/flashing.md ($IDF_PATH)",
    without: "flash cannot build for a board, check:c cannot compile our C against its headers",
    isHere: () => existsSync(join(process.env.IDF_PATH ?? "/nowhere", "components")),
  },
];

/**
 * @param {readonly Tool[]} tools
 * @param {string} nodeVersion as `process.versions.node`
 * @returns {{ lines: string[], good: boolean }} `good`: the README's commands will run
 */
export function examine(tools = TOOLS, nodeVersion = process.versions.node) {
  const good = isNodeFit(nodeVersion);
  const lines = [`${good ? "yes" : "NO "}  Node ${nodeVersion}${good ? "" : `: ${NODE_WANTED} is needed`}`];
  for (const { what, from, without, isHere } of tools)
    lines.push(isHere() ? `yes  ${what}` : `no   ${what}: ${without} (${from})`);
  return { lines, good };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const { lines, good } = examine();
  for (const line of lines) console.log(line);
  process.exitCode = good ? 0 : 1;
}
