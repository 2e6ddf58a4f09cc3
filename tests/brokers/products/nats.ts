import { writeCertificates, writeFleet } from "../files";
import { Leash } from "../leash";
import type { Product } from "../product";

const PROGRAM = "/usr/sbin/nats-server";

export const NATS: Product = {
  name: "NATS",
  packages: "nats-server",
  needs: [PROGRAM],
  versions: [4],
  async prepare(setup) {
    writeCertificates(setup);
    writeFleet(setup, "nats.conf", [
      ["127.0.0.1:4222", `127.0.0.1:${setup.ports.other}`],
      ["127.0.0.1:8883", `127.0.0.1:${setup.ports.devices}`],
      ["16KB\n", `${setup.maxPayloadBytes}\n`],
    ]);
  },
  start: ({ folder }) => new Leash(PROGRAM, ["-c", "nats.conf"], { cwd: folder }),
};
