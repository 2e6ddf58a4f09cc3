// npm run check:c: compiles our C for an ESP32-C3 against the headers of ESP-IDF 6.0, with the RISC-V GCC of a Linux
// distribution: it proves names, types, numbers and the names of sdkconfig/sdkconfig.defaults. Then everything that the
// SDK's makefile compiles, linked without the IDF: who takes what of the flash. $IDF_PATH may be an IDF or its sources.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { takeFolder } from "../base/lock.mjs";
import { runTs } from "../base/run-ts.mjs";
import { BUILD, findSdk, ROOT } from "../base/sdk.mjs";
import { budgetLines, checkMeasured } from "./flash-budget.mjs";
import { addDefaults } from "./kconfig.mjs";
import { COMPILER, CPU, hasCompiler } from "./rv32.mjs";
import { sizesByOwner } from "./sdk-objects.mjs";

const LANE = "check:c";
const SOURCES = [
  ...[
    "wifi/esp32/radio.c",
    "wifi/esp32/radio-xs.c",
    "modules/board/esp32/chip.c",
    "modules/board/esp32/crash.c",
  ],
  ...["modules/update/esp32/slots.c", "modules/update/esp32/slots-xs.c"],
];
/** These need the IDF's mbedTLS as well, a submodule of it. */
const TLS_SOURCES = [
  ...["certificate-der.c", "engine.c", "engine-judgement.c", "engine-setup.c"].map(
    (name) => `modules/tls/${name}`,
  ),
  ...["engine-xs.c", "key-pair.c"].map((name) => `modules/tls/${name}`),
  ...["name-constraints.c", "peer-certificate.c", "wire-watch.c"].map((name) => `modules/tls/${name}`),
  ...["credential.c", "credential-xs.c"].map((name) => `modules/credentials/native/${name}`),
  ...["verify.c", "verify-xs.c"].map((name) => `modules/signed/native/${name}`),
];
const MBEDTLS = "mbedtls/mbedtls/include";
/** These need the headers of lwIP 2.1: the IDF's submodule, or a distribution's beneath the IDF's own configuration. */
const SOCKETS_SOURCES = [
  ...["bound", "bound-xs", "sockets", "sockets-xs", "streams", "tcp-xs", "watch"].map(
    (name) => `modules/sockets/${name}.c`,
  ),
  "wifi/esp32/station-guard.c",
];
const LWIP_HEADERS = [
  "lwip/include",
  "lwip/port/include",
  "lwip/port/freertos/include",
  "lwip/port/esp32xx/include",
];
/** A submodule of the IDF. */
const LWIP = "lwip/lwip/src/include/lwip/tcp.h";

/** Folders of headers in the IDF's components/, those that an application for the ESP32-C3 sees. */
const HEADERS = [
  ...["esp_wifi/include", "esp_wifi/include/local", "esp_event/include", "esp_netif/include"],
  ...["esp_common/include", "esp_system/include", "esp_hw_support/include", "esp_partition/include"],
  ...["heap/include", "log/include", "esp_timer/include", "esp_libc/platform_include"],
  ...["freertos/FreeRTOS-Kernel/include", "freertos/FreeRTOS-Kernel/portable/riscv/include"],
  ...["freertos/FreeRTOS-Kernel/portable/riscv/include/freertos", "freertos/esp_additions/include"],
  ...["freertos/config/include", "freertos/config/include/freertos", "freertos/config/riscv/include"],
  ...["riscv/include", "soc/include", "soc/esp32c3/include", "soc/esp32c3/register", "hal/include"],
  ...["app_update/include", "esp_app_format/include", "esp_bootloader_format/include", "espcoredump/include"],
  ...["espcoredump/include/port/riscv", "bootloader_support/include"],
  ...["hal/platform_port/include", "esp_rom/include", "esp_rom/esp32c3/include", "esp_hal_gpio/include"],
  ...[
    "esp_blockdev/include",
    "vfs/include",
    "mbedtls/port/include",
    "mbedtls/port/psa_driver/include",
    MBEDTLS,
  ],
  ...["mbedtls/mbedtls/tf-psa-crypto/include", "mbedtls/mbedtls/tf-psa-crypto/drivers/builtin/include"],
];

/** As mbedTLS is configured by the IDF (components/mbedtls/CMakeLists.txt). */
const DEFINES = [
  ...["ESP_PLATFORM=1", "ESP32=4", 'IDF_VER="v6.0"', 'MBEDTLS_CONFIG_FILE="mbedtls/esp_config.h"'],
  'TF_PSA_CRYPTO_USER_CONFIG_FILE="mbedtls/esp_config.h"',
];

/** What Kconfig would answer and neither the SDK's file nor ours asks; headers do not compile without. */
const KCONFIG = {
  CONFIG_IDF_TARGET: '"esp32c3"',
  CONFIG_IDF_TARGET_ESP32C3: 1,
  CONFIG_IDF_TARGET_ARCH_RISCV: 1,
  CONFIG_ESP_SYSTEM_SINGLE_CORE_MODE: 1,
  CONFIG_FREERTOS_UNICORE: 1,
  CONFIG_FREERTOS_NUMBER_OF_CORES: 1,
  CONFIG_FREERTOS_MAX_TASK_NAME_LEN: 16,
  CONFIG_FREERTOS_TASK_NOTIFICATION_ARRAY_ENTRIES: 1,
  CONFIG_BOOTLOADER_LOG_LEVEL: 0,
  CONFIG_ESP_WIFI_TX_BUFFER_TYPE: 1,
  CONFIG_ESP_WIFI_DYNAMIC_RX_MGMT_BUF: 0,
  CONFIG_ESP_WIFI_ESPNOW_MAX_ENCRYPT_NUM: 7,
};

const idf = process.env.IDF_PATH;
const sdk = findSdk();
if (!idf || !existsSync(join(idf, "components/esp_wifi/include"))) skip("$IDF_PATH has no ESP-IDF");
if (!sdk) skip("no Moddable SDK");
if (!hasCompiler()) skip(`no ${COMPILER} with picolibc`);

const out = join(BUILD, "check-c");
takeFolder(out);
writeFileSync(join(out, "sdkconfig.h"), sdkconfig());
// What mcconfig generates of an application.
writeFileSync(join(out, "mc.xs.h"), identifiers());
writeFileSync(join(out, "mc.defines.h"), "");
writeFileSync(join(out, "reason-codes.c"), await reasonNumbers());
const unknown = unknownOptions();
const hasMbedtls = existsSync(join(idf, "components", MBEDTLS, "mbedtls/ssl.h"));
const lwip = [join(idf, "components/lwip/lwip/src/include"), "/usr/include/lwip"].find((folder) =>
  existsSync(join(folder, "lwip/sockets.h")),
);
const optional = [...(hasMbedtls ? TLS_SOURCES : []), ...(lwip ? SOCKETS_SOURCES : [])];
const sources = [...SOURCES, ...optional].map((source) => join(ROOT, source));
const failed = [...sources, join(out, "reason-codes.c")].filter((source) => !compile(source));
if (!hasMbedtls)
  console.log(`${LANE}: modules/tls left out, the IDF has no submodule components/mbedtls/mbedtls`);
if (!lwip) console.log(`${LANE}: modules/sockets left out, no headers of lwIP`);
for (const name of unknown)
  console.error(`${LANE}: sdkconfig.defaults has ${name}, which no Kconfig of this IDF knows`);
if (failed.length) console.error(`${LANE}: ${failed.map((source) => basename(source)).join(", ")} failed`);
const over = failed.length || !hasMbedtls ? [] : weigh();
if (failed.length || unknown.length || over.length) process.exit(1);

function skip(why) {
  console.log(`${LANE}: skipped, ${why}`);
  process.exit(0);
}

/** The names that our C asks of an application, each with a number. */
function identifiers() {
  const text = SOCKETS_SOURCES.map((source) => readFileSync(join(ROOT, source), "utf8")).join("");
  const names = new Set([...text.matchAll(/\bxsID_\w+/g)].map(([name]) => name));
  return ['#include "xs.h"', ...[...names].map((name, i) => `#define ${name} ${i + 1}`), ""].join("\n");
}

function compile(source) {
  const object = join(out, `${basename(source, ".c")}.o`);
  const { status } = spawnSync(
    COMPILER,
    [
      ...[...CPU, "-std=gnu17", "-Os"],
      ...["-Wall", "-Wextra", "-Werror", ...DEFINES.map((define) => `-D${define}`), "-I", out],
      // Headers that are not ours may warn.
      ...HEADERS.flatMap((folder) => ["-isystem", join(idf, "components", folder)]),
      ...[...LWIP_HEADERS.map((folder) => join(idf, "components", folder)), ...(lwip ? [lwip] : [])].flatMap(
        (folder) => ["-isystem", folder],
      ),
      ...["xs/includes", "xs/platforms/esp", "modules/io/common"].flatMap((folder) => [
        "-isystem",
        join(sdk.root, folder),
      ]),
      ...["-c", source, "-o", object],
    ],
    { stdio: "inherit" },
  );
  if (status !== 0) return false;
  const { stdout } = spawnSync(COMPILER.replace("gcc", "size"), [object], { encoding: "utf8" });
  const [text, data, bss] = stdout.split("\n")[1].trim().split(/\s+/);
  console.log(`${basename(source)}: ${text} bytes of code and constants, ${data} data, ${bss} BSS`);
  return true;
}

/** Builds the whole, says who takes what, and returns what is wrong with it. */
function weigh() {
  if (!existsSync(join(idf, "components", LWIP))) {
    console.log(`${LANE}: not weighed, the IDF has no submodule components/lwip/lwip`);
    return [];
  }
  const measured = sizesByOwner({
    ...{ sdk, idf, out: join(out, "sdk"), sdkconfig: join(out, "sdkconfig.h") },
  });
  const faults = [...checkMeasured(measured)];
  const { lines, faults: over } = budgetLines(measured);
  for (const line of lines) console.log(line);
  faults.push(...over);
  for (const fault of faults) console.error(`${LANE}: ${fault}`);
  return faults;
}

/** Every number of the reason table against the header's, and every number of the header in the table. */
async function reasonNumbers() {
  const { REASON_NAMES } = await runTs("wifi/reason-codes.ts");
  const header = readFileSync(join(idf, "components/esp_wifi/include/esp_wifi_types_generic.h"), "utf8");
  const known = new Set(Object.values(REASON_NAMES));
  const asserts = Object.entries(REASON_NAMES).map(
    ([number, name]) => `_Static_assert(WIFI_REASON_${name} == ${number}, "${name}");`,
  );
  const missing = [...header.matchAll(/^\s*WIFI_REASON_(\w+)\s*=/gm)].filter(([, name]) => !known.has(name));
  return [
    '#include "esp_wifi.h"',
    ...asserts,
    ...missing.map(([, name]) => `#error "wifi/reason-codes.ts lacks ${name}"`),
    "",
  ].join("\n");
}

/** Options of ours that Kconfig would pass over in silence. */
function unknownOptions() {
  const texts = readdirSync(join(idf, "components"), { recursive: true })
    .filter((path) => basename(path).startsWith("Kconfig"))
    .map((path) => join(idf, "components", path))
    .concat(join(idf, "Kconfig"))
    .filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile())
    .map((path) => readFileSync(path, "utf8"));
  const known = new Set(
    texts.flatMap((text) => [...text.matchAll(/^\s*(?:menu)?config (\w+)/gm)].map((m) => m[1])),
  );
  const ours = readFileSync(join(ROOT, "sdkconfig/sdkconfig.defaults"), "utf8");
  return [...ours.matchAll(/^CONFIG_(\w+)=/gm)].map((m) => m[1]).filter((name) => !known.has(name));
}

/** sdkconfig.h as Kconfig would make it of the SDK's options for this chip, with ours over them. */
function sdkconfig() {
  const options = new Map(Object.entries(KCONFIG));
  const off = new Set();
  const files = [
    join(sdk.root, "build/devices/esp32/xsProj-esp32c3/sdkconfig.defaults"),
    join(ROOT, "sdkconfig/sdkconfig.defaults"),
  ];
  for (const file of files) {
    const lines = readFileSync(file, "utf8").replace(/^# (CONFIG_\w+) is not set$/gm, "$1=n");
    for (const [, name, value] of lines.matchAll(/^(CONFIG_\w+)=(.*)$/gm)) {
      if (value === "n") off.add(name);
      else off.delete(name);
      options.set(name, value === "y" ? 1 : value);
    }
  }
  for (const name of off) options.delete(name);
  const kconfig = [
    ...["soc/esp32c3/include/soc/Kconfig.soc_caps.in", "esp_rom/esp32c3/Kconfig.soc_caps.in"],
    ...["mbedtls", "lwip", "esp_wifi", "esp_netif", "esp_event", "freertos", "heap", "log", "vfs"].map(
      (name) => `${name}/Kconfig`,
    ),
    ...["espcoredump/Kconfig", "esp_app_format/Kconfig.projbuild", "bootloader/Kconfig.app_rollback"],
  ];
  addDefaults(
    options,
    kconfig.map((path) => readFileSync(join(idf, "components", path), "utf8")),
    off,
  );
  // Distributions have picolibc, the SDK asks for newlib: the IDF's headers take either.
  options.delete("CONFIG_LIBC_NEWLIB");
  return [...options].map(([name, value]) => `#define ${name} ${value}\n`).join("");
}
