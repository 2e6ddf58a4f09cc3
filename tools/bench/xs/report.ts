import { census, heap } from "./heap";

/** The simulator's screen, which the headless host (tools/xs/host) stands in for. */
declare const screen: { postMessage(message: string): void; onMessage?: (message: string) => void };

Object.assign(globalThis, {
  // XS's own is silent in a release build.
  trace: (...texts: unknown[]) => screen.postMessage(texts.join("").trimEnd()),
  // Called by the engine with what ends it (manifest: defines.xs.abortHook).
  abort: (reason: string, exception: unknown) => screen.postMessage(`ended: ${reason}: ${String(exception)}`),
});

/** Prints the heap's figures, as `at`. */
export function report(at: string, collect: boolean): void {
  screen.postMessage(`# ${at} ${heap(collect)}`);
}

// Figures as they are asked for on the standard input: "online", or "online!" with a collection first; "census" is all.
screen.onMessage = (line) => {
  if (line === "census") census();
  else report(line.replace("!", ""), line.endsWith("!"));
};
