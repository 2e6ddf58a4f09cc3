// Bytecode as lists of instructions, a function's in the one that makes it, and back.

/**
 * @typedef {object} Instruction
 * @property {string} op its name; of what names a place without the width: "BRANCH_IF", "CODE"
 * @property {Buffer} [operand] what follows it
 * @property {Instruction} [to] where it goes
 * @property {Instruction[]} [body] the function of a CODE
 */

/** What says how far it is to another place, in one, two or four bytes. */
const FAR = /^(BRANCH(?:_CHAIN|_COALESCE|_ELSE|_IF|_STATUS)?|CATCH|CODE)_([124])$/;
const ID_BYTES = 2;

/** Where a list ends; takes nothing. */
const END = "";

/** @returns {Instruction[]} with a last one that stands for the end */
export function decode(code, table) {
  const known = new Map();
  const list = decodePart(code, 0, code.length, table, known);
  connect(list, known);
  return list;
}

function decodePart(code, from, end, table, known) {
  const list = [];
  let at = from;
  while (at < end) {
    const name = table.names[code[at]];
    const next = at + (name === undefined ? 0 : sizeAt(code, at, table));
    if (next === at || next > end) throw new Error(`no instruction of XS at ${at}`);
    const operand = code.subarray(at + 1, next);
    const far = FAR.exec(name);
    const instruction = far ? { op: far[1] } : { op: name, operand };
    // Of all places, a function's inside is nobody else's.
    known.set(at, instruction);
    list.push(instruction);
    at = next;
    if (!far) continue;
    const place = next + operand.readIntLE(0, operand.length);
    if (far[1] === "CODE") {
      if (place > end) throw new Error(`a function at ${at} ends behind what holds it`);
      const inside = new Map();
      instruction.body = decodePart(code, next, place, table, inside);
      connect(instruction.body, inside);
      at = place;
    } else instruction.place = place;
  }
  const last = { op: END };
  known.set(end, last);
  list.push(last);
  return list;
}

function sizeAt(code, at, { sizes }) {
  const size = sizes[code[at]];
  if (size > 0) return size;
  if (size === 0) return 1 + ID_BYTES;
  return 1 - size + code.readUIntLE(at + 1, -size);
}

function connect(list, known) {
  for (const each of list) {
    if (each.place === undefined) continue;
    each.to = known.get(each.place);
    if (!each.to) throw new Error(`${each.op} goes to ${each.place}, where nothing begins`);
    delete each.place;
  }
}

/** What others go to. */
export function targetsIn(list) {
  return new Set(list.map(({ to }) => to));
}

/** `moved`: what stands where something was. */
export function redirect(list, moved) {
  for (const each of list) while (moved.has(each.to)) each.to = moved.get(each.to);
}

/** The list without `gone`: who goes there goes to what comes next. */
export function without(gone, list) {
  const moved = new Map();
  list.forEach((each, index) => {
    if (gone.has(each)) moved.set(each, list[index + 1]);
  });
  const left = list.filter((each) => !gone.has(each));
  redirect(left, moved);
  return left;
}

/** @returns {Buffer} each place told in as few bytes as it can */
export function encode(list, table) {
  const flat = [...flattened(list)];
  const widths = new Map();
  const places = new Map();
  for (let isDone = false; !isDone; ) {
    let at = 0;
    for (const each of flat) {
      places.set(each, at);
      at += lengthOf(each, widths);
    }
    isDone = true;
    for (const each of flat) {
      if (!isFar(each)) continue;
      const wanted = widthOf(distance(each, places, widths));
      if (wanted <= (widths.get(each) ?? 1)) continue;
      widths.set(each, wanted);
      isDone = false;
    }
  }
  return Buffer.concat(flat.map((each) => bytesOf(each, places, widths, table)));
}

function* flattened(list) {
  for (const each of list) {
    yield each;
    if (each.body) yield* flattened(each.body);
  }
}

function isFar({ to, body }) {
  return to !== undefined || body !== undefined;
}

function lengthOf(each, widths) {
  if (each.op === END) return 0;
  return 1 + (isFar(each) ? (widths.get(each) ?? 1) : each.operand.length);
}

function distance(each, places, widths) {
  return places.get(each.to ?? each.body.at(-1)) - places.get(each) - lengthOf(each, widths);
}

function widthOf(value) {
  if (value >= -0x80 && value < 0x80) return 1;
  return value >= -0x8000 && value < 0x8000 ? 2 : 4;
}

function bytesOf(each, places, widths, { numbers }) {
  if (each.op === END) return Buffer.alloc(0);
  if (!isFar(each)) return Buffer.concat([Buffer.from([numbers.get(each.op)]), each.operand]);
  const width = widths.get(each) ?? 1;
  const bytes = Buffer.alloc(1 + width);
  bytes[0] = numbers.get(`${each.op}_${width}`);
  bytes.writeIntLE(distance(each, places, widths), 1, width);
  return bytes;
}
