import { type KeyObject, sign } from "node:crypto";
import { der, type Made, sequence } from "./certificates";

/** Numbers below `below`, the same ones again for the same seed (xorshift32). */
export function createRandom(seed: number): (below: number) => number {
  let state = seed | 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

type Random = ReturnType<typeof createRandom>;

const ODD_BYTES = [
  0x00, 0x01, 0x02, 0x05, 0x13, 0x30, 0x31, 0x7f, 0x80, 0x81, 0x82, 0x84, 0x86, 0x87, 0xa0, 0xa1, 0xff,
];

/** Bytes changed in up to three places, or a part of them left out or said twice. */
export function mutate(bytes: Uint8Array, random: Random): Buffer {
  const copy = Buffer.from(bytes);
  const at = random(copy.length);
  const length = 1 + random(Math.min(24, copy.length - at));
  switch (random(8)) {
    case 0:
      return Buffer.concat([copy.subarray(0, at), copy.subarray(at + length)]);
    case 1:
      return Buffer.concat([copy.subarray(0, at + length), copy.subarray(at)]);
    default:
      for (let left = 1 + random(3), place = at; left > 0; left--, place = random(copy.length))
        copy[place] = random(2) ? ODD_BYTES[random(ODD_BYTES.length)]! : copy[place]! ^ (1 << random(8));
      return copy;
  }
}

/** Where the values of a certificate are that hold others: sequences, sets, explicit tags, octet strings of DER. */
interface Node {
  readonly tag: number;
  readonly content: Buffer | readonly Node[];
}

function parse(bytes: Buffer): readonly Node[] | undefined {
  const nodes: Node[] = [];
  for (let at = 0; at < bytes.length; ) {
    const tag = bytes[at]!;
    const first = bytes[at + 1] ?? 0x80;
    const more = first < 0x80 ? 0 : first & 0x7f;
    if (first === 0x80 || more > 2 || at + 2 + more > bytes.length) return undefined;
    const length = more === 0 ? first : bytes.readUIntBE(at + 2, more);
    const start = at + 2 + more;
    if (start + length > bytes.length) return undefined;
    const content = bytes.subarray(start, start + length);
    const holds = (tag & 0x20) !== 0 || (tag === 0x04 && content.length > 1);
    nodes.push({ tag, content: (holds && parse(content)) || content });
    at = start + length;
  }
  return nodes;
}

const write = ({ tag, content }: Node): Buffer =>
  der(tag, ...(Buffer.isBuffer(content) ? [content] : content.map(write)));

function count(node: Node): number {
  return 1 + (Buffer.isBuffer(node.content) ? 0 : node.content.reduce((sum, child) => sum + count(child), 0));
}

/** One value changed, lengths mended: what a tool that means ill would write. */
export function mutateValue(bytes: Uint8Array, random: Random): Buffer {
  const [root] = parse(Buffer.from(bytes))!;
  let target = 1 + random(count(root!) - 1);
  const visit = (node: Node): Node[] => {
    if (target-- === 0) return changed(node, random);
    if (Buffer.isBuffer(node.content)) return [node];
    return [{ tag: node.tag, content: node.content.flatMap(visit) }];
  };
  return write(visit(root!)[0]!);
}

function changed(node: Node, random: Random): Node[] {
  const { tag, content } = node;
  switch (random(6)) {
    case 0:
      return [];
    case 1:
      return [node, node];
    case 2:
      return [{ tag: random(2) ? ODD_BYTES[random(ODD_BYTES.length)]! : tag ^ (1 << random(8)), content }];
    case 3:
      return [{ tag, content: [] }];
    default: {
      const bytes = Buffer.isBuffer(content) ? content : Buffer.concat(content.map(write));
      return [{ tag, content: bytes.length > 0 ? mutate(bytes, random) : Buffer.from([random(256)]) }];
    }
  }
}

/** The certificate with another body, signed as it was: by `key`, with ECDSA and SHA-256. */
export function signAgain(body: Uint8Array, key: KeyObject): Uint8Array {
  const algorithm = sequence(Buffer.from("06082a8648ce3d040302", "hex"));
  const signature = sign("sha256", body, key);
  return new Uint8Array(sequence(body, algorithm, der(0x03, [0], signature)));
}

/** What is signed of a certificate. */
export function bodyOf({ der: whole }: Made): Buffer {
  const [root] = parse(Buffer.from(whole))!;
  const [body] = root!.content as readonly Node[];
  return write(body!);
}
