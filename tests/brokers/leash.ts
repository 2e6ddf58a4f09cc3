import { type ChildProcess, spawn } from "node:child_process";
import { createConnection } from "node:net";

/** Debian's `nobody`: some brokers refuse to be root, and none needs to be. */
export const NOBODY = 65534;
export const isRoot = process.getuid?.() === 0;

/**
 * A program in a process group of its own, which ends as hard as a power cut when it is told to, or when this process
 * ends, however that comes: the shell beside it sees its own input close.
 */
export class Leash {
  readonly #shell: ChildProcess;
  readonly #ended: Promise<void>;
  #said = "";

  constructor(
    program: string,
    args: readonly string[],
    options: { cwd: string; env?: Record<string, string> },
  ) {
    const script = '"$@" & cat >/dev/null; kill -KILL 0';
    this.#shell = spawn("/bin/sh", ["-c", script, "sh", program, ...args], {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      detached: true,
      stdio: ["pipe", "pipe", "pipe"],
      ...(isRoot && { uid: NOBODY, gid: NOBODY }),
    });
    for (const stream of [this.#shell.stdout!, this.#shell.stderr!])
      stream.on("data", (text) => {
        this.#said = (this.#said + String(text)).slice(-20_000);
      });
    this.#ended = new Promise((resolve) => this.#shell.once("exit", () => resolve()));
  }

  /** The end of what it has said. */
  get said(): string {
    return this.#said;
  }

  /** kill -9, to the whole group. */
  async kill(): Promise<void> {
    if (this.#shell.exitCode === null && this.#shell.signalCode === null)
      process.kill(-this.#shell.pid!, "SIGKILL");
    await this.#ended;
  }

  /** Until `port` takes connections. */
  async listening(port: number, limitMs: number): Promise<void> {
    for (const end = performance.now() + limitMs; !(await isOpen(port)); ) {
      if (performance.now() > end) throw new Error(`it does not listen on ${port}:\n${this.#said}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ port, host: "127.0.0.1" });
    socket.once("error", () => resolve(false));
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
  });
}
