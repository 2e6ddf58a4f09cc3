import { execFileSync, spawn, spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

/**
 * Builds the C programs that run the device's TLS engine on this machine. Another mbedTLS than the system's is
 * chosen by the environment: `AEROLINK_MBEDTLS_CFLAGS` and `AEROLINK_MBEDTLS_LIBS`.
 */
const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const ENGINE = [
  ...[
    "engine.c",
    "engine-judgement.c",
    "engine-setup.c",
    "certificate-der.c",
    "key-pair.c",
    "name-constraints.c",
    "peer-certificate.c",
    "wire-watch.c",
  ],
].map((name) => `${ROOT}modules/tls/${name}`);
const WARNINGS = ["-std=c11", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Werror"];
const SANITIZERS = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-g"];
const SYSTEM_LIBS = "-Wl,-Bstatic -lmbedtls -lmbedx509 -lmbedcrypto -Wl,-Bdynamic";

const words = (text: string) => text.split(" ").filter(Boolean);
const cflags = words(process.env.AEROLINK_MBEDTLS_CFLAGS ?? "");
const libs = words(process.env.AEROLINK_MBEDTLS_LIBS ?? SYSTEM_LIBS);

const [version, tls13] = ((): (string | undefined)[] => {
  const { status, stdout } = spawnSync("gcc", [...cflags, "-E", "-P", "-x", "c", "-"], {
    input:
      "#include <mbedtls/ssl.h>\n#include <mbedtls/version.h>\n" +
      "version MBEDTLS_VERSION_STRING\n#ifdef MBEDTLS_SSL_PROTO_TLS1_3\nknows TLS 1.3\n#endif\n",
    encoding: "utf8",
  });
  return status === 0 ? [/^version "(.+)"/m.exec(stdout)?.[1], /^knows (.+)/m.exec(stdout)?.[1]] : [];
})();

/** The version of the mbedTLS that will be linked, as "2.28.3"; `undefined` when compiler or library is missing. */
export const MBEDTLS_VERSION = version;
const isOld = version?.startsWith("2.") ?? true;
/** What cases of tests/tls/cases.ts need of it. */
export const MBEDTLS_HAS = { "tls1.3": tls13 !== undefined, "P-224": isOld, reassembly: !isOld };

/** Compiles a program of tests/tls with the engine; returns its path. */
export function buildWithEngine(
  program: "engine-driver" | "engine-fuzz" | "engine-judge" | "engine-life",
  { sanitized }: { sanitized: boolean },
): string {
  const folder = `${ROOT}build/tls`;
  const out = `${folder}/${program}-${MBEDTLS_VERSION}${sanitized ? "-sanitized" : ""}`;
  mkdirSync(folder, { recursive: true });
  const wrapped = ["calloc", "free", "mbedtls_pk_check_pair"];
  const counting = program === "engine-driver" && MBEDTLS_VERSION?.startsWith("2.");
  if (program === "engine-driver") wrapped.push("time");
  if (counting) wrapped.push("mbedtls_pk_sign_restartable");
  if (counting) wrapped.push("mbedtls_pk_verify_restartable", "mbedtls_pk_verify_ext");
  execFileSync("gcc", [
    ...WARNINGS,
    ...(sanitized ? [...SANITIZERS, "-O1"] : ["-O2"]),
    ...cflags,
    ...(counting ? ["-DCOUNT_SIGNATURES"] : []),
    `${ROOT}tests/tls/${program}.c`,
    // The others include engine.c, for what is static in it.
    ...(program === "engine-driver" ? ENGINE : ENGINE.slice(1)),
    ...libs,
    ...(program === "engine-fuzz" || program === "engine-judge"
      ? []
      : wrapped.map((name) => `-Wl,--wrap=${name}`)),
    ...["-o", out],
  ]);
  return out;
}

/** Compiles tests/signed/verify-driver.c with what it drives; returns its path. */
export function buildVerifier(): string {
  const folder = `${ROOT}build/signed`;
  const out = `${folder}/verify-driver-${MBEDTLS_VERSION}`;
  mkdirSync(folder, { recursive: true });
  execFileSync("gcc", [
    ...[...WARNINGS, ...SANITIZERS, "-O1", ...cflags, `-I${ROOT}modules/signed/native`],
    ...[`${ROOT}tests/signed/verify-driver.c`, `${ROOT}modules/signed/native/verify.c`],
    ...[...libs, "-Wl,--wrap=calloc", "-o", out],
  ]);
  return out;
}

/** Compiles tests/credentials/credential-driver.c with what it drives; returns its path. */
export function buildCredentialDriver(): string {
  const folder = `${ROOT}build/credentials`;
  const out = `${folder}/credential-driver-${MBEDTLS_VERSION}`;
  mkdirSync(folder, { recursive: true });
  execFileSync("gcc", [
    ...[...WARNINGS, ...SANITIZERS, "-O1", ...cflags, `-I${ROOT}modules/credentials/native`],
    ...[`${ROOT}tests/credentials/credential-driver.c`, `${ROOT}modules/credentials/native/credential.c`],
    ...["certificate-der.c", "key-pair.c"].map((name) => `${ROOT}modules/tls/${name}`),
    ...[...libs, "-Wl,--wrap=calloc", "-o", out],
  ]);
  return out;
}

/** Runs a program to its end; what it printed, line by line. Throws when it failed (a sanitizer's finding, too). */
export function run(
  program: string,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<string[]> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, ...env },
    });
    let printed = "";
    let complained = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      printed += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      complained += text;
    });
    child.on("close", (code, signal) => {
      if (code === 0) resolve(printed.trim().split("\n"));
      else reject(new Error(`${program}: ${signal ?? code}\n${printed}${complained}`));
    });
  });
}
