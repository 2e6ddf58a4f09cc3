import { makeFolder, write, writeCertificates, writeFleet } from "../files";
import { Leash } from "../leash";
import type { Product, Setup } from "../product";

export const RABBITMQ: Product = {
  name: "RabbitMQ",
  packages: "rabbitmq-server",
  // The package's command wants to be root or a user of its own, and runs this one.
  needs: ["/usr/lib/rabbitmq/bin/rabbitmq-server", "epmd"],
  versions: [4],
  async prepare(setup) {
    writeCertificates(setup);
    writeFleet(setup, "rabbitmq-definitions.json");
    writeFleet(setup, "rabbitmq.config", [
      ['"127.0.0.1", 8883', `"127.0.0.1", ${setup.ports.devices}`],
      // No smaller max_message_size: it has none for MQTT, and meets what is above this one with silence (docs/fleet.md).
    ]);
    write(setup, "rabbitmq.conf", "");
    write(setup, "enabled_plugins", "[rabbitmq_mqtt,rabbitmq_auth_mechanism_ssl].\n");
    makeFolder(setup, "log");
  },
  // Its name server is one of its own, not the computer's: it ends with it.
  start: (setup) =>
    new Leash("/bin/sh", ["-c", 'epmd -port "$ERL_EPMD_PORT" & exec "$0"', RABBITMQ.needs[0]!], {
      cwd: setup.folder,
      env: environment(setup),
    }),
};

const environment = ({ folder, ports }: Setup): Record<string, string> => ({
  HOME: folder,
  ERL_EPMD_PORT: String(ports.operators),
  ERL_EPMD_ADDRESS: "127.0.0.1",
  RABBITMQ_CONF_ENV_FILE: "/dev/null",
  RABBITMQ_CONFIG_FILE: `${folder}/rabbitmq.conf`,
  RABBITMQ_ADVANCED_CONFIG_FILE: `${folder}/rabbitmq.config`,
  RABBITMQ_ENABLED_PLUGINS_FILE: `${folder}/enabled_plugins`,
  RABBITMQ_MNESIA_BASE: `${folder}/mnesia`,
  RABBITMQ_LOG_BASE: `${folder}/log`,
  RABBITMQ_LOGS: "-",
  RABBITMQ_NODENAME: "aerolink@localhost",
  RABBITMQ_DIST_PORT: String(ports.other),
  RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: "+S 1:1 +sbwt none -kernel inet_dist_use_interface {127,0,0,1}",
});
