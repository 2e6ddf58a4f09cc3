import { DNS_CLASS_IN, DNS_HEADER_LENGTH, DNS_TYPE_A } from "../../modules/names/dns-message";
import { parseIpv4 } from "../../modules/names/ipv4";

/** Longest query that is looked at: what UDP carries without EDNS (RFC 1035 4.2.1). */
export const MOST_QUERY_BYTES = 512;
const MOST_LABEL_BYTES = 63;
/** RFC 1035 2.3.4, length bytes and root included. */
const MOST_NAME_BYTES = 255;
/** RFC 1035 3.2.3 and 3.2.5: "any". */
const TYPE_ANY = 255;
const CLASS_ANY = 255;
/** QR, OPCODE and TC must be clear: a plain, whole query. */
const UNWANTED_FLAGS = 0x8000 | 0x7800 | 0x0200;
/** QR, AA, RA; RD is copied. */
const REPLY_FLAGS = 0x8480;
const RECURSION_DESIRED = 0x0100;
const FORMAT_ERROR = 1;
/** A pointer to the question's name, type A, class IN, TTL 0, four bytes. */
const RECORD_LENGTH = 16;

/**
 * What a captive portal says to a DNS query: every name has the one address `address` (TTL 0, so that a phone
 * forgets it), and no other data. What follows the question (EDNS, RFC 6891 7) is left out.
 * Several questions are a format error (RFC 9619). `undefined`: malformed, or no query; it gets no answer.
 */
export function formatDnsReply(query: Uint8Array, address: string): Uint8Array | undefined {
  if (query.length < DNS_HEADER_LENGTH || query.length > MOST_QUERY_BYTES) return undefined;
  const flags = uint16(query, 2);
  if (flags & UNWANTED_FLAGS) return undefined;
  const questions = uint16(query, 4);
  if (questions > 1) return header(query, DNS_HEADER_LENGTH, FORMAT_ERROR, 0, 0);
  const nameEnd = questions === 1 ? plainNameEnd(query, DNS_HEADER_LENGTH) : undefined;
  if (nameEnd === undefined || nameEnd + 4 > query.length) return undefined;
  const type = uint16(query, nameEnd);
  const kind = uint16(query, nameEnd + 2);
  const answered =
    (type === DNS_TYPE_A || type === TYPE_ANY) && (kind === DNS_CLASS_IN || kind === CLASS_ANY);
  const end = nameEnd + 4;
  const reply = header(query, end + (answered ? RECORD_LENGTH : 0), 0, 1, answered ? 1 : 0);
  reply.set(query.subarray(DNS_HEADER_LENGTH, end), DNS_HEADER_LENGTH);
  if (!answered) return reply;
  const record = new DataView(reply.buffer, end);
  record.setUint16(0, 0xc000 | DNS_HEADER_LENGTH);
  record.setUint16(2, DNS_TYPE_A);
  record.setUint16(4, DNS_CLASS_IN);
  record.setUint16(10, 4);
  reply.set(parseIpv4(address)!, end + 12);
  return reply;
}

function header(
  query: Uint8Array,
  length: number,
  code: number,
  questions: number,
  answers: number,
): Uint8Array {
  const reply = new Uint8Array(length);
  const view = new DataView(reply.buffer);
  view.setUint16(0, uint16(query, 0));
  view.setUint16(2, REPLY_FLAGS | (uint16(query, 2) & RECURSION_DESIRED) | code);
  view.setUint16(4, questions);
  view.setUint16(6, answers);
  return reply;
}

/** Offset after the name at `offset`; a question has no compressed name (there is nothing before it to point to). */
function plainNameEnd(bytes: Uint8Array, offset: number): number | undefined {
  let at = offset;
  while (at < bytes.length && at - offset < MOST_NAME_BYTES) {
    const length = bytes[at]!;
    if (length === 0) return at + 1;
    if (length > MOST_LABEL_BYTES) return undefined;
    at += 1 + length;
  }
  return undefined;
}

function uint16(bytes: Uint8Array, offset: number): number {
  return (bytes[offset]! << 8) | bytes[offset + 1]!;
}
