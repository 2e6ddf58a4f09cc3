import { writeCertificates, writeFleet } from "../files";
import { Leash } from "../leash";
import type { Product } from "../product";

export const EJABBERD: Product = {
  name: "ejabberd",
  packages: "ejabberd",
  needs: ["/usr/sbin/ejabberdctl", "erl"],
  versions: [4, 5],
  operatorUser: "cloud",
  async prepare(setup) {
    writeCertificates(setup);
    writeFleet(setup, "ejabberd.yml", [
      ["port: 8883", `port: ${setup.ports.devices}`],
      ["16384", String(setup.maxPayloadBytes)],
    ]);
  },
  // As ejabberdctl does, which wants to be root or a user of its own, and without a node name: no daemon is needed then.
  start: ({ folder }) =>
    new Leash("erl", [...SMALL, "-noinput", "-mnesia", "dir", `"${folder}/mnesia"`, "-s", "ejabberd"], {
      cwd: folder,
      env: {
        HOME: folder,
        ERL_LIBS: "/usr/lib/x86_64-linux-gnu",
        ERL_CRASH_DUMP: "/dev/null",
        EJABBERD_CONFIG_PATH: `${folder}/ejabberd.yml`,
        EJABBERD_LOG_PATH: `${folder}/ejabberd.log`,
      },
    }),
};

/** One scheduler that does not spin. */
const SMALL = ["+K", "true", "+S", "1:1", "+sbwt", "none"];
