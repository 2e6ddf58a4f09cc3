import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";

/** Whom the server runs as where we are root, which it refuses to be: Debian's package makes this user. */
const USER = "postgres";

/** Where Debian puts the server's programs; the newest. */
export function findPostgres(): string | undefined {
  const root = "/usr/lib/postgresql";
  const versions = existsSync(root) ? readdirSync(root).sort((a, b) => Number(b) - Number(a)) : [];
  const found = versions
    .map((version) => join(root, version, "bin"))
    .find((bin) => existsSync(join(bin, "initdb")));
  if (!found && process.env.CI) throw new Error("PostgreSQL is not installed");
  return found;
}

export interface PostgresCluster {
  /** Of the database `postgres`, over a socket in the cluster's folder. */
  readonly url: string;
  /** Of the server, whose connections are processes below it. */
  readonly pid: number;
  /** An empty database beside it. */
  newDatabase(): string;
  /** Ends the server at once, as a power cut would, and starts it again. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** A cluster of its own in a new folder. It is as careful as Debian's: COMMIT waits for the disk. */
export async function startPostgres(
  bin: string,
  settings: Readonly<Record<string, string>> = {},
): Promise<PostgresCluster> {
  const folder = mkdtempSync(join(tmpdir(), "aerolink-pg-"));
  chmodSync(folder, 0o755);
  const isRoot = process.getuid?.() === 0;
  if (isRoot) execFileSync("chown", [USER, folder]);
  const as = (program: string, args: string[]): [string, string[]] =>
    isRoot
      ? ["setpriv", [`--reuid=${USER}`, `--regid=${USER}`, "--init-groups", program, ...args]]
      : [program, args];
  const data = join(folder, "data");
  const quiet = { stdio: "pipe", cwd: folder } as const;
  execFileSync(
    ...as(join(bin, "initdb"), [
      "-D",
      data,
      "--no-sync",
      "-A",
      "trust",
      "-U",
      "aerolink",
      "-E",
      "UTF8",
      "--locale=C.UTF-8",
      // As on most servers, text is sorted as people sort it, and not by its bytes; since PostgreSQL 15.
      ...(Number(basename(dirname(bin))) >= 15 ? ["--locale-provider=icu", "--icu-locale=en-US"] : []),
    ]),
    quiet,
  );
  const options = { listen_addresses: "", unix_socket_directories: folder, ...settings };
  const start = () =>
    startServer(
      as(join(bin, "postgres"), [
        ...["-D", data],
        ...Object.entries(options).flatMap(([name, value]) => ["-c", `${name}=${value}`]),
      ]),
      folder,
    );
  // The server's own, which setpriv has become.
  const pidOf = (): number => Number(readFileSync(join(data, "postmaster.pid"), "utf8").split("\n")[0]);
  let server = await start();
  const end = async (signal: "SIGINT" | "SIGQUIT"): Promise<void> => {
    const ended = new Promise((resolve) => server.once("exit", resolve));
    process.kill(pidOf(), signal);
    await ended;
  };
  const urlOf = (database: string): string =>
    `postgres://aerolink@/${database}?host=${encodeURIComponent(folder)}`;
  let databases = 0;
  return {
    url: urlOf("postgres"),
    get pid() {
      return pidOf();
    },
    newDatabase: () => {
      const name = `test_${++databases}`;
      execFileSync(join(bin, "createdb"), ["-h", folder, "-U", "aerolink", name], quiet);
      return urlOf(name);
    },
    restart: async () => {
      await end("SIGQUIT");
      server = await start();
    },
    stop: async () => {
      // Fast shutdown: connections are ended.
      await end("SIGINT");
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Resolves when it takes connections. */
async function startServer([program, args]: [string, string[]], folder: string): Promise<ChildProcess> {
  const server = spawn(program, args, { stdio: ["ignore", "ignore", "pipe"], cwd: folder });
  let said = "";
  await new Promise<void>((resolve, reject) => {
    server.stderr.on("data", (text) => {
      said = `${said}${text}`.slice(-4_000);
      if (said.includes("ready to accept connections")) resolve();
    });
    server.once("exit", () => reject(new Error(`PostgreSQL ended: ${said}`)));
  });
  return server;
}
