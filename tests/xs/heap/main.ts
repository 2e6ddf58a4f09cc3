// Things of known sizes in XS's heap, for tests/tools/bench/xs/on-xs.test.ts.
import { report } from "../../../tools/bench/xs/report";
import { Cellar } from "./preloaded";

declare const screen: { onMessage: (message: string) => void };

const cellar = new Cellar();
cellar.fill(10);

const answer = screen.onMessage;
screen.onMessage = (line) => {
  // Alive inside this turn only.
  if (line.startsWith("spike ")) new Uint8Array(Number(line.slice(6))).fill(cellar.adders.length);
  else answer(line);
};

report("boot", true);
