import type { Board } from "../modules/board/board";
import type { DnsClient, Resolution } from "../modules/names/dns-client";
import type { Socket, TlsIdentity } from "../modules/network/socket";
import type { AccessPointInfo, Radio } from "../wifi/radio";
import type { Step, Verdict } from "./self-test";

/** What was given to the build: `npm run flash -- <target> selftest ssid=… password=… brokerHost=…`. */
export interface Given {
  readonly ssid: string;
  readonly password: string;
  readonly brokerHost: string;
  readonly brokerPort: number;
}

/** How many and how strong; no names, since the report is for others. */
export function scanStep(radio: Radio): Step {
  return {
    name: "radio",
    limitMs: 15_000,
    run(end) {
      radio.scan({}, (found) => end(found.length > 0 ? "ok" : "failed", wordsOf(found)));
      return undefined;
    },
  };
}

function wordsOf(found: readonly AccessPointInfo[]): string {
  const [strongest] = [...found].sort((a, b) => b.rssi - a.rssi);
  if (!strongest) return "no network in reach";
  return `${found.length} access points, the strongest ${strongest.rssi} dBm on channel ${strongest.channel}`;
}

/** Joins the network that was given. `onAddress`: with its name servers. */
export function joinStep(radio: Radio, given: Given, onAddress: (dns: readonly string[]) => void): Step {
  return {
    name: "join",
    limitMs: 30_000,
    run(end) {
      const { ssid, password } = given;
      if (ssid === "") {
        end("skipped", "no ssid= was given");
        return undefined;
      }
      radio.onEvent = (event) => {
        if (event.type === "disconnected") end("failed", `disconnected, reason ${event.reason}`);
        if (event.type !== "address") return;
        onAddress(event.dns);
        end("ok", `an address, and ${event.dns.length} name servers`);
      };
      radio.connect({ ssid, ...(password !== "" && { password }) });
      return () => {
        radio.onEvent = () => {};
      };
    },
  };
}

export interface HandshakeOptions {
  readonly given: Given;
  readonly identity: TlsIdentity | string;
  readonly openTlsSocket: Board["openTlsSocket"];
  readonly dns: Pick<DnsClient, "resolve">;
  /** There is an address. */
  isJoined(): boolean;
}

/** The milliseconds of the report are name, TCP and handshake together; the last alone stand in its text. */
export function handshakeStep(options: HandshakeOptions, elapsedMs: () => number): Step {
  return {
    name: "tls",
    limitMs: 60_000,
    run(end) {
      const { given, identity, dns } = options;
      const { brokerHost: host, brokerPort: port } = given;
      if (host === "") return none(end, "no brokerHost= was given");
      if (typeof identity === "string") return none(end, `no identity (${identity})`);
      if (!options.isJoined()) return none(end, "not in a network");
      let socket: Socket | undefined;
      const query: Resolution = dns.resolve({
        host,
        onFailure: (reason) => end("failed", `${host}: ${reason}`),
        onResolved: ([address]) => {
          const start = elapsedMs();
          socket = options.openTlsSocket({
            ...{ address: address!, port, host, identity },
            onWritable: () =>
              end("ok", `${host}:${port}, ${elapsedMs() - start} ms from TCP to the end of it`),
            onReadable() {},
            onError: (reason) => end("failed", `${host}:${port}: ${reason}`),
          });
        },
      });
      return () => {
        query.cancel();
        socket?.close();
      };
    },
  };
}

function none(end: (verdict: Verdict, text: string) => void, why: string): undefined {
  end("skipped", why);
}
