import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Clients } from "../../cloud/access/clients";
import { Sessions } from "../../cloud/access/sessions";
import { readTokenKey, Tokens } from "../../cloud/access/tokens";
import { makeApi } from "../../cloud/api/api";
import { deskOf } from "../../cloud/api/calls/rollouts";
import type { ApiServer } from "../../cloud/api/server";
import { RolloutRunner } from "../../cloud/rollout/runner";
import type { Store } from "../../cloud/store/store";
import { MqttControl } from "../../tools/cloud/control";
import { boardTargets } from "../../tools/release/boards";
import { buildCloudPage } from "../../tools/start/build-page.mjs";
import type { Operator } from "../simulator/simulator";

const LOCAL = "127.0.0.1";
/** The page's usual port, so that a bookmark lasts; any free one where it is taken. */
const USUAL_PORT = 8_430;

/** The cloud's API inside the simulator: on loopback alone, where a browser on this machine needs no sign-in. */
export class HomeApi {
  readonly url: string;
  #server: ApiServer;
  #control: MqttControl;
  #runner: RolloutRunner;

  private constructor(url: string, server: ApiServer, control: MqttControl, runner: RolloutRunner) {
    this.#runner = runner;
    this.url = url;
    this.#server = server;
    this.#control = control;
  }

  /** `folder`: for the key of the tokens, which outlive a restart. */
  static async open(store: Store, operator: Operator, folder: string): Promise<HomeApi> {
    mkdirSync(folder, { recursive: true });
    const key = await readTokenKey(join(folder, "token.key.pem"));
    const control = new MqttControl({ url: operator.url, ...operator.connection });
    const targets = boardTargets();
    const publicUrl = `http://${LOCAL}`;
    const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
    const server = makeApi({
      store,
      clients: new Clients({ find: (id) => store.clients.find(id) }),
      tokens: await Tokens.open({ key, issuer: publicUrl, audience: publicUrl }),
      sessions: new Sessions({ secret: key, isSecure: false }),
      control,
      targets,
      localAccount: store.homeAccount,
      page: buildCloudPage,
      publicUrl,
      version,
      log: () => {},
    });
    const port = await server.listen(USUAL_PORT, LOCAL).catch(() => server.listen(0, LOCAL));
    const runner = new RolloutRunner(deskOf({ store, control, targets, log: () => {} }));
    return new HomeApi(`${publicUrl}:${port}`, server, control, runner);
  }

  async close(): Promise<void> {
    await this.#server.close();
    await this.#runner.close();
    await this.#control.close();
  }
}
