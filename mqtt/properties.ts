// Properties of MQTT 5 (section 2.2.2, table 2-4): how long each is, and in which packet of a server it may stand. The
// codec takes any of them anywhere, and lengths that do not add up.

/** Kinds of value. */
const FLAG = 1;
const U16 = 2;
const U32 = 3;
/** A variable byte integer, not 0. */
const VARINT = 4;
const TEXT = 5;
const BINARY = 6;
const PAIR = 7;
/** To publish to: neither empty nor with wildcards [MQTT5-3.3.2-14]. */
const TOPIC = 8;
const KIND = 0x0f;

/** Packets. */
const CONNACK = 0x10;
const PUBLISH = 0x20;
const ACK = 0x40;
const DISCONNECT = 0x80;
/** It may stand there more than once. */
const REPEATS = 0x100;

const PROPERTIES = Object.freeze<Record<number, number>>({
  /** Payload format, message expiry, content type, response topic, correlation data, subscription identifier. */
  1: FLAG | PUBLISH,
  2: U32 | PUBLISH,
  3: TEXT | PUBLISH,
  8: TOPIC | PUBLISH,
  9: BINARY | PUBLISH,
  11: VARINT | PUBLISH | REPEATS,
  /** Session expiry, assigned client id, server keep-alive. */
  17: U32 | CONNACK,
  18: TEXT | CONNACK,
  19: U16 | CONNACK,
  /** Authentication method and data, response information, server reference. */
  21: TEXT | CONNACK,
  22: BINARY | CONNACK,
  26: TEXT | CONNACK,
  28: TEXT | CONNACK | DISCONNECT,
  /** Reason. */
  31: TEXT | CONNACK | ACK | DISCONNECT,
  /** Receive maximum, topic alias maximum, topic alias. */
  33: U16 | CONNACK,
  34: U16 | CONNACK,
  35: U16 | PUBLISH,
  /** Maximum QoS, retain available. */
  36: FLAG | CONNACK,
  37: FLAG | CONNACK,
  /** User property. */
  38: PAIR | CONNACK | PUBLISH | ACK | DISCONNECT | REPEATS,
  /** Maximum packet size; wildcards, subscription identifiers and shared subscriptions available. */
  39: U32 | CONNACK,
  40: FLAG | CONNACK,
  41: FLAG | CONNACK,
  42: FLAG | CONNACK,
});

/** Control packet type → where it stands in the table, and the bytes between length and properties. */
const PACKETS = Object.freeze<Record<number, readonly [packet: number, head: number]>>(
  {
    2: [CONNACK, 2],
    3: [PUBLISH, 2],
    4: [ACK, 3],
    6: [ACK, 3],
    9: [ACK, 2],
    14: [DISCONNECT, 1],
  },
  true,
);

/**
 * Whether the properties of a whole packet that an MQTT 5 server sent are its own, each once (but for two that repeat),
 * with values in their ranges, and as long as they say [MQTT5-1.5.5], [MQTT5-2.2.2.2].
 */
export function arePropertiesSound(bytes: Uint8Array): boolean {
  const place = PACKETS[bytes[0]! >> 4];
  if (!place) return true;
  const [packet, head] = place;
  let at = 1;
  while (bytes[at++]! & 0x80);
  const body = at;
  if (packet === PUBLISH) at += ((bytes[at]! << 8) | bytes[at + 1]!) + ((bytes[0]! & 6) === 0 ? 0 : 2);
  at += head;
  // Code and properties may be left out of acknowledgements and DISCONNECT (sections 3.4.2.1 and 3.14.2.1).
  if (at >= bytes.length && packet !== PUBLISH && packet !== CONNACK)
    return bytes[0]! >> 4 !== 9 && at - bytes.length <= 1;
  // A broker of 3.1.1 refuses MQTT 5 with its own CONNACK, which has none.
  if (packet === CONNACK && at === bytes.length) return bytes[body + 1] !== 0;
  const [length, start] = varint(bytes, at);
  const end = start + length;
  if (start < 0 || end > bytes.length) return false;
  // Nothing follows them but a payload, and the codes of a SUBACK.
  if (packet !== PUBLISH && bytes[0]! >> 4 !== 9 && end !== bytes.length) return false;
  return areSound(bytes, start, end, packet);
}

function areSound(bytes: Uint8Array, start: number, end: number, packet: number): boolean {
  /** Bits of those seen: ids up to 31, and from 32 on. */
  const seen = [0, 0];
  let at = start;
  while (at < end) {
    const id = bytes[at++]!;
    const property = PROPERTIES[id] ?? 0;
    if ((property & packet) === 0) return false;
    const word = id >> 5;
    const bit = 1 << (id & 31);
    if ((property & REPEATS) === 0 && (seen[word]! & bit) !== 0) return false;
    seen[word]! |= bit;
    at = afterValue(bytes, at, property & KIND);
    if (at < 0 || at > end) return false;
  }
  return true;
}

/** Where the value at `at` ends; -1: it is out of its range. What ends behind the properties is the caller's to see. */
function afterValue(bytes: Uint8Array, at: number, kind: number): number {
  const u16 = (bytes[at]! << 8) | bytes[at + 1]!;
  switch (kind) {
    case FLAG:
      return bytes[at]! > 1 ? -1 : at + 1;
    case U16:
      return at + 2;
    case U32:
      return at + 4;
    case VARINT: {
      const [value, next] = varint(bytes, at);
      return value === 0 ? -1 : next;
    }
    case TEXT:
      // [MQTT5-1.5.4-2]
      return bytes.subarray(at + 2, at + 2 + u16).includes(0) ? -1 : at + 2 + u16;
    case TOPIC: {
      const topic = bytes.subarray(at + 2, at + 2 + u16);
      const isTopic = u16 > 0 && !topic.includes(0x23) && !topic.includes(0x2b);
      return isTopic ? afterValue(bytes, at, TEXT) : -1;
    }
    case PAIR:
      at = afterValue(bytes, at, TEXT);
      return at < 0 ? -1 : afterValue(bytes, at, TEXT);
    default:
      return at + 2 + u16;
  }
}

/** A variable byte integer, and where it ends; -1: in the shortest form only, four bytes at most [MQTT5-1.5.5-1]. */
function varint(bytes: Uint8Array, start: number): [value: number, end: number] {
  let value = 0;
  for (let i = 0; i < 4; i++) {
    const byte = bytes[start + i];
    if (byte === undefined) break;
    value += (byte & 0x7f) * 128 ** i;
    if (byte < 0x80) return i > 0 && byte === 0 ? [0, -1] : [value, start + i + 1];
  }
  return [0, -1];
}
