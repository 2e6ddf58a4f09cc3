import { generate, type Packet, parser } from "mqtt-packet";
import type { MemoryPeer } from "./memory-socket";

export interface Script {
  version?: 4 | 5;
  /** CONNACK; `code` other than 0 refuses. `false`: never answered. */
  connack?: { code?: number; sessionPresent?: boolean; properties?: object } | false;
  /** Answers that a broker owes; false to withhold them. */
  puback?: boolean;
  suback?: boolean | number[];
  pingresp?: boolean;
}

/** A broker for one connection that does what its script says, and keeps what it was sent. On npm's mqtt-packet. */
export class ScriptedBroker {
  readonly received: Packet[] = [];
  clientClosed = false;
  script: Script;
  private peer: MemoryPeer;

  constructor(peer: MemoryPeer, script: Script = {}) {
    this.peer = peer;
    this.script = script;
    const reader = parser({ protocolVersion: script.version ?? 4 });
    reader.on("packet", (packet) => {
      this.received.push(packet);
      this.answer(packet);
    });
    reader.on("error", (fault) => {
      throw fault;
    });
    peer.onBytes = (bytes) => reader.parse(Buffer.from(bytes));
    peer.onClose = () => {
      this.clientClosed = true;
    };
  }

  /** Packets of one kind, in order. */
  of<Cmd extends Packet["cmd"]>(cmd: Cmd): Extract<Packet, { cmd: Cmd }>[] {
    return this.received.filter((packet): packet is Extract<Packet, { cmd: Cmd }> => packet.cmd === cmd);
  }

  send(packet: object): void {
    this.sendBytes(generate(packet as Packet, { protocolVersion: this.script.version ?? 4 }));
  }

  sendBytes(bytes: Uint8Array): void {
    this.peer.send(bytes);
  }

  publish(topic: string, payload: string | Uint8Array, fields: object = {}): void {
    const bytes = typeof payload === "string" ? Buffer.from(payload) : Buffer.from(payload);
    this.send({ cmd: "publish", topic, payload: bytes, qos: 0, dup: false, retain: false, ...fields });
  }

  acknowledge(messageId: number, reasonCode = 0): void {
    this.send({ cmd: "puback", messageId, reasonCode });
  }

  close(): void {
    this.peer.close();
  }

  private answer(packet: Packet): void {
    const { connack = {}, puback = true, suback = true, pingresp = true } = this.script;
    if (packet.cmd === "connect" && connack) {
      const { code = 0, sessionPresent = false, properties } = connack;
      this.send({ cmd: "connack", returnCode: code, reasonCode: code, sessionPresent, properties });
      if (code !== 0) this.close();
    } else if (packet.cmd === "publish" && packet.qos === 1 && puback)
      this.acknowledge(packet.messageId ?? 0);
    else if (packet.cmd === "subscribe" && suback) {
      const granted = suback === true ? packet.subscriptions.map(({ qos }) => qos) : suback;
      this.send({ cmd: "suback", messageId: packet.messageId, granted });
    } else if (packet.cmd === "pingreq" && pingresp) this.send({ cmd: "pingresp" });
    else if (packet.cmd === "disconnect") this.close();
  }
}
