// The firmware, asked for its heap: a line on the standard input is answered with slots and bytes of chunks.
import Debug from "debug";
import Instrumentation from "instrumentation";
import main from "main";
import Timer from "timer";

main();

const SLOTS = Instrumentation.map("XS Slot Heap Used");
const CHUNKS = Instrumentation.map("XS Chunk Heap Used");
const SAMPLE_MS = 1;

let sampling;
let slots = 0;
let chunks = 0;
const sample = () => {
  Debug.gc();
  slots = Math.max(slots, Instrumentation.get(SLOTS));
  chunks = Math.max(chunks, Instrumentation.get(CHUNKS));
};

/** What is in use, after a collection. "watch" looks again and again, and the next question is answered with the most. */
screen.onMessage = (question) => {
  sample();
  Timer.clear(sampling);
  sampling = undefined;
  if (question !== "watch") screen.postMessage(JSON.stringify({ question, slots, chunks }));
  slots = chunks = 0;
  if (question === "watch") sampling = Timer.repeat(sample, SAMPLE_MS);
};
