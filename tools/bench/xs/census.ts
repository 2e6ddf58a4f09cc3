import type { Graph, Node } from "./census-graph";

const number = (value: number): string => value.toLocaleString("en");

interface Sum {
  count: number;
  slots: number;
  chunks: number;
  bytes: number;
}

function sumBy(nodes: readonly Node[], name: (node: Node) => string | undefined, graph: Graph): string[][] {
  const sums = new Map<string, Sum>();
  for (const node of nodes) {
    const key = name(node);
    if (key === undefined) continue;
    const sum = sums.get(key) ?? { count: 0, slots: 0, chunks: 0, bytes: 0 };
    // A chunk is counted with whom it belongs to.
    const own = [node, ...node.owned.map((i) => graph.nodes[i]!).filter(({ chunk }) => chunk)];
    sum.count++;
    sum.slots += node.slots.length;
    for (const { chunk } of own) sum.chunks += chunk?.bytes ?? 0;
    for (const { bytes } of own) sum.bytes += bytes;
    sums.set(key, sum);
  }
  return [...sums]
    .sort(([, a], [, b]) => b.bytes - a.bytes)
    .map(([key, { count, slots, chunks, bytes }]) => [key, ...[count, slots, chunks, bytes].map(number)]);
}

function table(head: readonly string[], rows: readonly (readonly string[])[], most: number): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  const rest = rows.length > most ? `\n${rows.length - most} more` : "";
  const rule = head.map((_, i) => (i === 0 ? "---" : "--:"));
  return [line(head), line(rule), ...rows.slice(0, most).map(line)].join("\n") + rest;
}

/** Owners of less are not shown in the tree. */
const LEAST = 480;
const DEEPEST = 7;

function* tree({ nodes }: Graph, at = 0, depth = 0): Generator<string> {
  const { label, what, code, retained, retainedSlots, owned } = nodes[at]!;
  const name = [label && `${label}:`, what, code && `of ${code}`].filter(Boolean).join(" ");
  yield `${number(retained).padStart(7)} ${number(retainedSlots).padStart(6)}  ${"  ".repeat(depth)}${name}`;
  if (depth === DEEPEST) return;
  for (const each of owned)
    if (nodes[each]!.retained >= LEAST) yield* tree({ nodes, slotBytes: 0 }, each, depth + 1);
}

/** Who owns what, for an engineer to read. */
export function census(graph: Graph): string {
  const { nodes } = graph;
  const functions = nodes.filter(({ what }) => what === "function");
  const copied = functions.filter(({ codeBytes }) => codeBytes > 0);
  const codeBytes = copied.reduce((sum, node) => sum + node.codeBytes, 0);
  const chunkBytes = nodes.reduce((sum, { chunk }) => sum + (chunk?.bytes ?? 0), 0);
  const slots = nodes.reduce((sum, node) => sum + node.slots.length, 0);
  const head = ["", "count", "slots", "chunks, bytes", "bytes"];
  const isPart = ({ chunk, what }: Node) => !chunk && what !== "heap";
  return [
    `In use: ${number(slots)} slots and ${number(chunkBytes)} bytes of chunks: ${number(nodes[0]!.retained)} bytes.`,
    `Functions made at run time: ${functions.length}; ${copied.length} have their bytecode in RAM, ${number(codeBytes)} bytes.`,
    "",
    "By class, with the chunks that belong to it alone:",
    table(
      head,
      sumBy(nodes.filter(isPart), ({ what }) => what.replace(/^key .*/, "key"), graph),
      40,
    ),
    "",
    "Functions, by whose bytecode they are part of; chunks are copies of it:",
    table(
      head,
      sumBy(functions, ({ code }) => code ?? "native", graph),
      40,
    ),
    "",
    "Owners: bytes and slots that go when it goes.",
    ...tree(graph),
  ].join("\n");
}
