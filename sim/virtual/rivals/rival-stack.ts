import packet from "dns-packet";
import mqtt from "mqtt-packet";
import { CLOUD_HOST } from "../../world/names";
import type { Chip } from "./rival-board";

/**
 * lwIP's resolver, which both of them use: one server is asked at once and after 1, 2 and 4 s, and given up after 7
 * (lwIP 2.1.3, src/core/dns.c: DNS_MAX_RETRIES 4, DNS_TMR_INTERVAL 1 s, dns_check_entry); an error ends it; an answer is
 * kept for its time to live.
 */
const ASKED_AT_MS = [0, 1_000, 2_000, 4_000] as const;
const GIVEN_UP_MS = 7_000;

const NO_ERROR = 0;

export class RivalNames {
  readonly #chip: Chip;
  /** Longest that the caller waits. */
  readonly #limitMs: number;
  #kept: { address: string; untilMs: number } | undefined;
  #cancel: () => void = () => {};

  constructor(chip: Chip, limitMs = GIVEN_UP_MS) {
    this.#chip = chip;
    this.#limitMs = limitMs;
  }

  /** Looks up the broker's host. `server` undefined: no network, and that is known at once. */
  resolve(server: string | undefined, done: (address: string | undefined) => void): void {
    this.cancel();
    const chip = this.#chip;
    if (server === undefined) {
      this.#cancel = chip.after(0, () => done(undefined));
      return;
    }
    const kept = this.#kept;
    if (kept && kept.untilMs > chip.now()) {
      this.#cancel = chip.after(0, () => done(kept.address));
      return;
    }
    const id = chip.random.below(0x1_0000);
    const end = (address: string | undefined): void => {
      this.cancel();
      done(address);
    };
    const socket = chip.openUdp((bytes) => {
      const reply = packet.decode(Buffer.from(bytes));
      if (reply.id !== id) return;
      const answer = reply.answers?.find((each) => each.type === "A");
      if (((reply.flags ?? 0) & 0xf) !== NO_ERROR || answer?.type !== "A") return end(undefined);
      this.#kept = { address: answer.data, untilMs: chip.now() + (answer.ttl ?? 0) * 1_000 };
      end(answer.data);
    });
    const question = packet.encode({
      type: "query",
      id,
      flags: packet.RECURSION_DESIRED,
      questions: [{ type: "A", name: CLOUD_HOST }],
    });
    const timers = ASKED_AT_MS.filter((ms) => ms < this.#limitMs).map((ms) =>
      chip.after(ms, () => socket.send(new Uint8Array(question), server, 53)),
    );
    timers.push(chip.after(this.#limitMs, () => end(undefined)));
    this.#cancel = () => {
      for (const cancel of timers) cancel();
      socket.close();
    };
  }

  cancel(): void {
    this.#cancel();
    this.#cancel = () => {};
  }
}

/** How long a client of theirs waits. */
export interface SessionLimits {
  /** For TCP to open. */
  readonly connectMs: number;
  /** For TLS and CONNACK together, from then on. */
  readonly acceptMs: number;
  readonly keepAliveSeconds: number;
  /** From the last answer to the next PINGREQ. */
  readonly pingAfterMs: number;
  /** From PINGREQ until the connection is given up. */
  readonly answerMs: number;
}

const CONNACK = 0x20;

/** Their MQTT client over the stand-in for TLS (tls-stand-in.ts): connects, keeps alive, and says when it is over. */
export class RivalSession {
  readonly #chip: Chip;
  readonly #limits: SessionLimits;
  #socket: ReturnType<Chip["openTcp"]> | undefined;
  #cancel: () => void = () => {};
  #up = false;

  constructor(chip: Chip, limits: SessionLimits) {
    this.#chip = chip;
    this.#limits = limits;
  }

  get isUp(): boolean {
    return this.#up;
  }

  /** `onEnd`: it did not come about, or is over. */
  open(address: string, onUp: () => void, onEnd: () => void): void {
    this.close();
    const { connectMs, acceptMs, keepAliveSeconds } = this.#limits;
    const end = (): void => {
      this.close();
      onEnd();
    };
    let isSecure = false;
    this.#wait(connectMs, end);
    const socket = this.#chip.openTcp(address, 8883, {
      onOpen: () => {
        this.#wait(acceptMs, end);
        socket.send(new TextEncoder().encode(`hello ${CLOUD_HOST}\n`));
      },
      onData: (bytes) => {
        if (!isSecure) {
          if (!new TextDecoder().decode(bytes).startsWith("tls ok")) return end();
          isSecure = true;
          const connect = mqtt.generate({
            cmd: "connect",
            clientId: "rival",
            clean: true,
            keepalive: keepAliveSeconds,
          });
          return socket.send(new Uint8Array(connect));
        }
        if (!this.#up && (bytes[0] !== CONNACK || bytes[3] !== 0)) return end();
        if (!this.#up) {
          this.#up = true;
          this.#chip.show(true);
          onUp();
        }
        this.#keepAlive(end);
      },
      onEnd: end,
    });
    this.#socket = socket;
  }

  close(): void {
    this.#cancel();
    this.#cancel = () => {};
    this.#socket?.close();
    this.#socket = undefined;
    if (this.#up) this.#chip.show(false);
    this.#up = false;
  }

  #keepAlive(end: () => void): void {
    const { pingAfterMs, answerMs } = this.#limits;
    this.#cancel();
    this.#cancel = this.#chip.after(pingAfterMs, () => {
      this.#socket?.send(Uint8Array.of(0xc0, 0));
      this.#wait(answerMs, end);
    });
  }

  #wait(ms: number, end: () => void): void {
    this.#cancel();
    this.#cancel = this.#chip.after(ms, end);
  }
}
