import SdkTCP from "embedded:io/socket/tcp";
import config from "mc/config";
import Timer from "timer";
import OurTCP from "./our-tcp";

declare const screen: { postMessage(message: string): void };

const { port } = config as unknown as { port: number };
const ROUNDS = 200;
const QUESTION = 32;

/** A connection that is told what it may write and what came, until `stop`. */
type Step = (socket: SdkTCP, event: "writable" | "readable", bytes: number) => boolean;

function run(TCP: typeof SdkTCP, step: Step, done: (ms: number) => void): void {
  let since = 0;
  let over = false;
  const on = (socket: SdkTCP, event: "writable" | "readable", bytes: number): void => {
    if (over) return;
    if (since === 0) since = Date.now();
    if (step(socket, event, bytes)) return;
    over = true;
    const ms = Date.now() - since;
    Timer.set(() => {
      (socket as unknown as { close(): void }).close();
      done(ms);
    }, 0);
  };
  new TCP({
    address: "127.0.0.1",
    port,
    nodelay: true,
    onWritable(bytes: number) {
      on(this, "writable", bytes);
    },
    onReadable(bytes: number) {
      on(this, "readable", bytes);
    },
  } as never);
}

/** A question, its echo, the next question. */
function rounds(): Step {
  let left = ROUNDS;
  let asked = false;
  let missing = QUESTION;
  return (socket, event) => {
    if (event === "readable") {
      missing -= (socket.read() as ArrayBuffer).byteLength;
      if (missing > 0) return true;
      if (--left === 0) return false;
      missing = QUESTION;
    } else if (asked) return true;
    asked = true;
    socket.write(new Uint8Array(QUESTION));
    return true;
  };
}

/** Everything that is sent comes back. */
function through(total: number): Step {
  let unsent = total;
  let missing = total;
  return (socket, event, bytes) => {
    if (event === "writable") {
      const part = Math.min(bytes, unsent);
      unsent -= part;
      if (part > 0) socket.write(new Uint8Array(part));
    } else missing -= (socket.read() as ArrayBuffer).byteLength;
    return missing > 0;
  };
}

export default function main(): void {
  const classes = [
    { name: "sdk", TCP: SdkTCP, total: 256 * 1024 },
    { name: "ours", TCP: OurTCP as unknown as typeof SdkTCP, total: 32 * 1024 * 1024 },
  ];
  const next = (): void => {
    const each = classes.shift();
    if (!each) return screen.postMessage("!0");
    run(each.TCP, rounds(), (ms) => {
      screen.postMessage(`${each.name} round trip ${(ms / ROUNDS).toFixed(3)} ms`);
      run(each.TCP, through(each.total), (took) => {
        screen.postMessage(`${each.name} both ways ${Math.round(each.total / 1024 / (took / 1000))} KB/s`);
        next();
      });
    });
  };
  next();
}
