// What we use of npm's mqtt-packet, as tools/packages/bundle-mqtt-packet.mjs writes it to mqtt-packet.js beside this file.

export type ProtocolVersion = 4 | 5;

/** Where {@link writeToStream} writes; strings are UTF-8. `destroy` takes the fault of a packet that it refuses. */
export interface PacketStream {
  write(chunk: Uint8Array | string): boolean;
  destroy(fault: Error): void;
}

/** Writes one packet; false when it was refused. */
export function writeToStream(
  packet: object,
  stream: PacketStream,
  options: { protocolVersion: ProtocolVersion },
): boolean;

/** What the parser makes of a packet. Which fields it sets depends on `cmd`; none has been range-checked. */
export interface ParsedPacket {
  cmd: string;
  /** Remaining length. */
  length: number;
  retain: boolean;
  qos: number;
  dup: boolean;
  topic: string | null;
  /** A view of the bytes that were parsed. */
  payload: Uint8Array | null;
  messageId?: number;
  sessionPresent?: boolean;
  /** 3.1.1 */
  returnCode?: number;
  /** 5 */
  reasonCode?: number;
  granted?: number[];
  properties?: Record<string, unknown>;
}

export interface PacketParser {
  on(event: "packet", listener: (packet: ParsedPacket) => void): this;
  on(event: "error", listener: (fault: Error) => void): this;
  /** Parses one whole packet. Returns the number of bytes left; ill-formed UTF-8 and short packets throw. */
  parse(bytes: Uint8Array): number;
}

export const Parser: {
  parser(options: { protocolVersion: ProtocolVersion }): PacketParser;
};
