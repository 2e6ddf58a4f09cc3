// npm run flash -- <target> selftest: what a board has, and whether it works, as one report to paste (docs/bring-up.md).

import UDP from "embedded:io/socket/udp";
import FlashStorage from "embedded:storage/flash";
import config from "mc/config";
import Time from "time";
import { Logs } from "../modules/base/logger";
import { openBoard } from "../modules/board/platform";
import { WatchdogFeeder } from "../modules/device/watchdog-feeder";
import { identityOf } from "../modules/identity/identity";
import { DnsClient } from "../modules/names/dns-client";
import { BUILD_UNIX_SECONDS } from "../modules/time/build-time";
import { randomUint32 } from "../wiring/random";
import { busSteps } from "./bus-steps";
import { BUSES, stackLeft } from "./hardware";
import { buttonStep, flashStep, ledStep, memoryStep } from "./hardware-steps";
import { type Given, handshakeStep, joinStep, scanStep } from "./network-steps";
import { SelfTest } from "./self-test";

export default function main(): void {
  Time.timezone = 0;
  Time.dst = 0;
  const start = Time.ticks;
  // Certificates that were good when this was built are good now: no time server has to be reached.
  Time.set(BUILD_UNIX_SECONDS);

  const build = config as unknown as { readonly firmwareVersion: string } & Partial<Given>;
  const given: Given = {
    ssid: build.ssid ?? "",
    password: build.password ?? "",
    brokerHost: build.brokerHost ?? "",
    brokerPort: Number(build.brokerPort ?? 8883),
  };
  const board = openBoard({});
  if (board.watchdog) new WatchdogFeeder(board.watchdog);
  const identity = identityOf(board.readIdentity());
  const logs = new Logs((level, room, text) => trace(`${level} ${room}: ${text}\n`));
  const radio = board.openRadio(logs.room("radio"));
  let nameServers: readonly string[] | undefined;
  const dns = new DnsClient({
    UDP: UDP as never,
    logger: logs.room("dns"),
    randomUint32: () => randomUint32(board),
    clock: {
      get uptimeMs() {
        return Time.delta(start);
      },
    },
    get servers() {
      return nameServers ?? [];
    },
    onHeard() {},
  });
  const led = board.openLed();

  new SelfTest({
    title: `Aerolink self-test: ${board.name}, firmware ${build.firmwareVersion}, after ${board.resetReason}, MAC ${radio.mac}`,
    steps: [
      ledStep(led),
      buttonStep(board.readButton && (() => board.readButton!())),
      ...busSteps(BUSES),
      flashStep(() => FlashStorage.open({ path: "journal", mode: "r+" })),
      scanStep(radio),
      joinStep(radio, given, (servers) => {
        nameServers = servers;
      }),
      handshakeStep(
        {
          ...{ given, identity, openTlsSocket: board.openTlsSocket, dns },
          isJoined: () => nameServers !== undefined,
        },
        () => Time.delta(start),
      ),
      memoryStep({ heap: () => board.heap?.(), stackLeft }),
    ],
    print: (line) => trace(`${line}\n`),
    onEnd: () => led.write({ r: 0, g: 0, b: 255 }),
  }).start();
}
