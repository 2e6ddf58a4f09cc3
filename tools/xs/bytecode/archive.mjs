// What xsc writes of a module (.xsb): a box of boxes, each with its length and four letters.

const HEAD = 8;

/** @returns {Buffer} the same module with `change(code)` for its code */
export function withCode(module, change) {
  if (module.length < HEAD || nameAt(module, 0) !== "XS_B" || module.readUInt32BE(0) !== module.length)
    throw new Error("not a module that xsc made");
  const boxes = [];
  for (let at = HEAD; at < module.length; at += module.readUInt32BE(at)) {
    const content = module.subarray(at + HEAD, at + module.readUInt32BE(at));
    const name = nameAt(module, at);
    boxes.push(box(name, name === "CODE" ? change(content) : content));
  }
  return box("XS_B", Buffer.concat(boxes));
}

function nameAt(bytes, at) {
  return bytes.toString("latin1", at + 4, at + HEAD);
}

function box(name, content) {
  const head = Buffer.alloc(HEAD);
  head.writeUInt32BE(HEAD + content.length, 0);
  head.write(name, 4, "latin1");
  return Buffer.concat([head, content]);
}
