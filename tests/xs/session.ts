import TextDecoder from "text/decoder";
import TextEncoder from "text/encoder";
import Timer from "timer";
import { silentLogger } from "../../modules/base/logger";
import type { Socket, SocketCallbacks } from "../../modules/network/socket";
import { MqttSession, type SessionOptions } from "../../mqtt/session";
import { hex } from "./digest";
import type { Check, Tests } from "./tests";

const CONNACK = "20 02 00 00";
const CONNECT = "10 11 00 04 4d 51 54 54 04 00 00 3c 00 05 61 69 72 2d 31";

/** The MQTT session on XS: its packets byte by byte, against a peer that is a script. */
export default function session({ later }: Tests): void {
  later("a session comes up, publishes, is acknowledged, and hears a command", (check, done) => {
    const heard: string[] = [];
    const peer = new Peer(check, [
      { expect: CONNECT, answer: CONNACK },
      { expect: "82 08 00 01 00 03 63 6d 64 01", answer: "90 03 00 01 01" },
      { expect: "32 08 00 01 74 00 02 c3 a9 21", answer: "40 02 00 02" },
      { expect: "40 02 00 09", answer: "" },
    ]);
    const mqtt = start(check, {
      subscriptions: [{ topic: "cmd", qos: 1 }],
      onUp: () => {
        const message = { topic: "t", payload: new TextEncoder().encode("é!"), qos: 1 } as const;
        const taken = mqtt.publish(message, (outcome) => {
          check.equal(outcome, "acknowledged");
          check.equal(mqtt.inFlight, 0);
          peer.send("32 09 00 03 63 6d 64 00 09 68 69");
        });
        check.ok(taken, "turned down");
      },
      onMessage: (topic, payload) => {
        heard.push(topic, new TextDecoder().decode(payload));
        Timer.set(() => {
          check.equal(heard, ["cmd", "hi"]);
          check.equal(peer.left, 0, "steps left");
          done();
        }, 30);
      },
    });
    mqtt.connect(peer.open);
  });

  later("MQTT 5 with user name and password, and readings by topic alias", (check, done) => {
    let acknowledged = 0;
    const peer = new Peer(check, [
      {
        expect:
          "10 26 00 04 4d 51 54 54 05 c0 00 3c 0a 11 00 01 51 80 27 00 00 10 00 00 05 61 69 72 2d 31 00 03 77 c3 a9 00 03 70 c3 9f",
        answer: "20 06 00 00 03 22 00 0a",
      },
      { expect: "32 0a 00 01 74 00 01 03 23 00 01 61", answer: "40 02 00 01" },
      { expect: "32 09 00 00 00 02 03 23 00 01 62", answer: "40 02 00 02" },
    ]);
    const mqtt = start(check, {
      protocolVersion: 5,
      user: "wé",
      password: "pß",
      onUp: () => {
        for (const payload of ["a", "b"])
          mqtt.publish({ topic: "t", payload: new TextEncoder().encode(payload), qos: 1 }, (outcome) => {
            check.equal(outcome, "acknowledged");
            if (++acknowledged < 2) return;
            check.equal(peer.left, 0, "steps left");
            done();
          });
      },
    });
    mqtt.connect(peer.open);
  });

  later("a refusal is a reason", (check, done) => {
    const mqtt = start(check, {
      onUp: () => check.fail("up"),
      onDown: (reason) => {
        check.equal(reason, "refused-not-authorised");
        done();
      },
    });
    mqtt.connect(new Peer(check, [{ expect: CONNECT, answer: "20 02 00 05" }]).open);
  });

  later("bytes that are no MQTT end the connection", (check, done) => {
    const mqtt = start(check, {
      onDown: (reason) => {
        check.equal(reason, "protocol-error");
        check.equal(mqtt.state, "idle");
        done();
      },
    });
    mqtt.connect(new Peer(check, [{ expect: CONNECT, answer: "20 02 00 00 ff ff ff ff ff ff" }]).open);
  });
}

function start(check: Check, options: Partial<SessionOptions>): MqttSession {
  const mqtt = new MqttSession({ logger: silentLogger, clientId: "air-1", ...options });
  check.cleanup(() => mqtt.close());
  return mqtt;
}

interface Step {
  readonly expect: string;
  readonly answer: string;
}

/** The far end of one connection: expects packets, byte by byte, and answers each. */
class Peer {
  #check: Check;
  #steps: readonly Step[];
  #done = 0;
  #written: number[] = [];
  #inbox: number[] = [];
  #callbacks: SocketCallbacks | undefined;

  constructor(check: Check, steps: readonly Step[]) {
    this.#check = check;
    this.#steps = steps;
  }

  get left(): number {
    return this.#steps.length - this.#done;
  }

  open = (callbacks: SocketCallbacks): Socket => {
    this.#callbacks = callbacks;
    Timer.set(() => this.#callbacks?.onWritable(1_536));
    return {
      read: (max) => this.read(max),
      write: (bytes) => this.take(bytes),
      close: () => {
        this.#callbacks = undefined;
      },
    };
  };

  send(packets: string): void {
    if (packets === "") return;
    Timer.set(() => {
      this.#inbox.push(...hex(packets));
      this.#callbacks?.onReadable(this.#inbox.length);
    });
  }

  private read(max = this.#inbox.length): ArrayBuffer | undefined {
    const bytes = new Uint8Array(this.#inbox.splice(0, max));
    return bytes.length > 0 ? bytes.buffer : undefined;
  }

  private take(bytes: Uint8Array): void {
    this.#written.push(...bytes);
    for (let step = this.#steps[this.#done]; step; step = this.#steps[this.#done]) {
      const expected = hex(step.expect);
      if (this.#written.length < expected.length) break;
      this.#check.equal(new Uint8Array(this.#written.splice(0, expected.length)), expected, "packet");
      this.#done += 1;
      this.send(step.answer);
    }
    Timer.set(() => this.#callbacks?.onWritable(1_536));
  }
}
