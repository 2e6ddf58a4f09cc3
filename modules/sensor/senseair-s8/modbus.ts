// Modbus RTU as far as a sensor needs it: read registers, write one. CRC-16, lower byte first.

export const READ_HOLDING = 0x03;
export const READ_INPUT = 0x04;
export const WRITE = 0x06;

/** A request to the sensor, whichever address it has: function, register, and how many, or what to write. */
export function formatRequest(code: number, register: number, value: number): Uint8Array {
  const bytes = Uint8Array.of(0xfe, code, register >> 8, register, value >> 8, value, 0, 0);
  const crc = crc16(bytes, 6);
  bytes[6] = crc;
  bytes[7] = crc >> 8;
  return bytes;
}

/** Bytes of a good answer: a write is repeated; what is read comes with its length. */
export const answerLength = (code: number, words: number): number => (code === WRITE ? 8 : 5 + 2 * words);

/** The registers of an answer, or, of a write, what was written; `undefined`: it is not whole, or none to this. */
export function parseResponse(answer: Uint8Array, code: number, words: number): Uint8Array | undefined {
  const length = answerLength(code, words);
  if (answer.length !== length || answer[0] !== 0xfe || answer[1] !== code) return undefined;
  const crc = crc16(answer, length - 2);
  if (answer[length - 2] !== (crc & 0xff) || answer[length - 1] !== crc >> 8) return undefined;
  if (code === WRITE) return answer.subarray(4, 6);
  return answer[2] === 2 * words ? answer.subarray(3, length - 2) : undefined;
}

/** Polynomial 0xA001, beginning with 0xFFFF (Modbus over serial line V1.02, 6.2.2). */
function crc16(bytes: Uint8Array, length: number): number {
  let crc = 0xffff;
  for (let i = 0; i < length; i++) {
    crc ^= bytes[i]!;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >> 1) ^ 0xa001 : crc >> 1;
  }
  return crc;
}
