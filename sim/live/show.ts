import type { Status } from "../../modules/device/status";
import { setupSsidOf } from "../../tools/identity/naming";
import type { Network } from "../../wifi/network";
import type { RoomName } from "../air/rooms";
import type { SeedSettings } from "../device/seed-settings";
import type { ModelName } from "../models/names";
import type { ForeignBroker, Hardware, Simulator } from "../simulator/simulator";
import type { BoardState } from "../world/board-state";
import type { Sight } from "../world/led-observer";
import type { Router } from "../world/router";
import { Certificates } from "./certificates";
import { CloudDesk } from "./cloud-desk";
import { Feed } from "./feed";
import { FirmwareWatch } from "./firmware";
import { Guide } from "./guide";
import { hopsOf } from "./hops";
import { IdentityWatch } from "./identity";
import { NO_HOPS } from "./no-hops";
import { Outages } from "./outages";
import { putRight, turnRouters, turnSupply } from "./plugs";
import { Portal } from "./portal";
import type { Action, Hops, Mode, OutageKind, PageEvent, Rgb, State } from "./protocol";
import { openRealStage } from "./real-stage";
import { ReleaseDesk } from "./release-desk";
import { Releases } from "./releases";
import { actInRoom, boardState } from "./room-actions";
import type { Stage } from "./stage";
import { Storm } from "./storm";
import { Throttle } from "./throttle";
import { findScene, type Scene } from "./tour";
import { openVirtualStage, type VirtualStage } from "./virtual-stage";

export interface ShowOptions {
  readonly folder: string;
  /** Begin with a board that was never on. */
  readonly fresh?: boolean;
  readonly routers: (mac: string) => Router[];
  readonly networks: readonly Network[];
  readonly broker?: ForeignBroker;
  readonly brokerPort?: number;
  readonly settings?: SeedSettings;
  readonly hardware?: Hardware;
  /** Whose file and drivers the board has; absent: one of no make. */
  readonly model?: ModelName;
  readonly room?: RoomName;
  /** Scene of the tour that plays from the start. */
  readonly scene?: string;
  onCrash?(error: Error): void;
}

const LOOK_MS = 100;
/** How long the plug stays out in the tour. */
const CUT_MS = 1_500;
/** How long the router stays off in the tour: longer than a radio takes to miss it. */
const CYCLE_MS = 8_000;
/** The tour can be followed up to this speed. */
const TOUR_SPEED = 10;
const VIRTUAL_SAMPLING_SECONDS = 60;

/**
 * What the page shows and does: one stage at a time, real or virtual, with its feed, the way to the broker, and
 * the scene that plays. `subscribe` first gives everything so far, then every change.
 */
export class Show {
  /** Address of the cloud's own page, once it is served. */
  cloudPage: string | undefined;
  #options: ShowOptions;
  #real!: { stage: Stage; simulator: Simulator };
  #virtual: VirtualStage | undefined;
  #stage!: Stage;
  #listeners = new Set<(event: PageEvent) => void>();
  #feed = new Feed((event) => this.#publish(event));
  #hops: Hops = NO_HOPS;
  /** Of the board on this stage. */
  #boot: number | undefined;
  #status: Status | undefined;
  #sight: Sight | undefined;
  #led: Rgb = { r: 0, g: 0, b: 0 };
  #buttonHeld = false;
  #networks: readonly Network[];
  #guide = new Guide({
    cutPower: () => this.#cutAndBack(),
    cycleRouters: (stillPlays) => this.#cycleRouters(stillPlays),
    ping: () => void this.#cloud.command("ping", {}),
    sendRelease: (kind, plugAt) => {
      if (this.#desk.canSend) this.#firmware.plugAt = plugAt;
      return this.#desk.send(kind, this.#firmware);
    },
    beginCertificates: ({ goal }) => {
      const { identity: cloud, mode } = this.#stage;
      if (cloud && goal.identity) this.#certificates.begin(goal.identity, cloud, mode);
    },
    onDone: ({ title }) => {
      this.#say(`✓ ${title}`);
      this.#throttle.mark();
    },
  });
  /** The plug is out, and will be put back. */
  #isCut = false;
  /** What was asked for last. */
  #asked: Promise<unknown> = Promise.resolve();
  #outages = new Outages();
  #storm = new Storm({
    turn: (kind, on) => this.#turn(kind, on),
    say: (text) => this.#say(text),
  });
  #throttle = new Throttle(() => this.#publish({ t: "state", state: this.state }));
  #looking: NodeJS.Timeout | undefined;
  #seeds = 1;
  #cloud = new CloudDesk(() => ({
    topicBase: this.#canSend ? this.#topicBase : undefined,
    publish: (topic, payload, how) => this.#stage.publish(topic, payload, how),
  }));
  #portal = new Portal();
  #firmware = new FirmwareWatch();
  #identity = new IdentityWatch();
  #certificates = new Certificates({
    renew: () => void this.#cloud.command("renew-certificate", {}),
    say: (text) => this.#say(text),
  });
  #releases: Releases | undefined;
  #desk!: ReleaseDesk;
  #closed = false;

  private constructor(options: ShowOptions) {
    this.#options = options;
    this.#networks = options.networks;
  }

  static async open(options: ShowOptions): Promise<Show> {
    const show = new Show(options);
    show.#real = await openRealStage({
      ...show.#eventsOf("real"),
      folder: options.folder,
      fresh: options.fresh ?? false,
      routers: options.routers,
      networks: options.networks,
      ...(options.broker && { broker: options.broker }),
      ...(options.brokerPort !== undefined && { brokerPort: options.brokerPort }),
      ...(options.settings && { settings: options.settings }),
      ...(options.hardware && { hardware: options.hardware }),
      ...(options.model && { model: options.model }),
    });
    show.#stage = show.#real.stage;
    const { updateKey } = show.simulator;
    if (updateKey) show.#releases = new Releases(updateKey);
    show.#desk = show.#openDesk();
    show.#looking = setInterval(() => show.#look(true), LOOK_MS);
    const scene = options.scene === undefined ? undefined : findScene(options.scene);
    if (scene) show.#guide.play(scene);
    show.#stage.world.carryTo(options.room ?? "kitchen");
    show.#stage.world.powerOn();
    return show;
  }

  get simulator(): Simulator {
    return this.#real.simulator;
  }

  get state(): State {
    const { world, mode, unixMs, tls, broker } = this.#stage;
    const { identity } = this.simulator;
    const joined = world.room.router ? world.routers.indexOf(world.room.router) : -1;
    return {
      mode,
      speed: this.#virtual && mode === "virtual" ? this.#virtual.speed : 1,
      unixMs,
      device: {
        id: identity.deviceId,
        mac: world.room.mac,
        setupSsid: setupSsidOf(world.room.mac),
        setupPassword: identity.setupPassword,
        on: world.board.on,
        buttonHeld: this.#buttonHeld,
        status: world.board.on ? this.#status : undefined,
        sight: this.#sight,
      },
      routers: world.routers,
      joined: joined < 0 ? undefined : joined,
      board: this.#options.model && boardState(this.#options.model, world),
      internet: world.gateway.internet,
      broker,
      // A broker holds the connection of a device that has gone for a while yet.
      tls: this.#status === "online" ? tls : undefined,
      hops: this.#hops,
      scene: this.#guide.scene?.id,
      done: this.#guide.done,
      outages: this.#outages.list,
      weather: this.#storm.on,
      firmware: this.#firmware.state(this.#desk.canSend),
      identity: this.#identity.view(this.#stage.identity !== undefined),
      phone: { sees: world.phone.accessPoint?.ssid, url: this.#portal.url },
      ...(this.cloudPage !== undefined && { cloudPage: this.cloudPage }),
      counts: this.#feed.counts,
    };
  }

  /** @returns a function that ends it */
  subscribe(listener: (event: PageEvent) => void): () => void {
    const { logs, messages, readings } = this.#feed;
    listener({ t: "hello", state: this.state, led: this.#led, logs, messages, readings });
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Does what a person asked for, after what was asked for before: of two scenes the later one plays.
   * @returns why not, where it cannot be done
   */
  act(action: Action): Promise<string | undefined> {
    const done = this.#asked.then(() => this.#act(action));
    this.#asked = done.catch(() => {});
    return done;
  }

  async #act(action: Action): Promise<string | undefined> {
    const { world } = this.#stage;
    switch (action.do) {
      case "power":
        if (action.on) world.powerOn();
        else await this.#cut();
        break;
      case "button":
        this.#buttonHeld = action.pressed;
        world.pressButton(action.pressed);
        break;
      case "router":
      case "add-router":
      case "remove-router":
      case "internet":
      case "sensor":
      case "carry": {
        const refusal = actInRoom(world, action, this.#options.model);
        if (refusal !== undefined) return refusal;
        break;
      }
      case "new-board":
        this.#guide.stop();
        await this.#restage([...world.routers], [], "a new board", true);
        break;
      case "broker":
        await this.#stage.setBroker(action.on);
        break;
      case "mend":
        await this.#mend();
        break;
      case "scene": {
        const scene = findScene(action.id);
        if (!scene) return "there is no such scene";
        await this.#play(scene);
        break;
      }
      case "mode":
        await this.#enterMode(action.mode);
        break;
      case "speed":
        if (!this.#virtual || this.#stage.mode !== "virtual")
          return "only the virtual world's clock has a speed";
        this.#virtual.speed = action.speed;
        break;
      case "weather":
        if (this.#stage.mode !== "virtual") return "outages come by themselves in the virtual world only";
        this.#setWeather(action.on);
        break;
      case "command": {
        const refusal = this.#cloud.command(action.name, action.args);
        if (refusal !== undefined) return refusal;
        break;
      }
      case "phone":
        if (!action.joined) this.#portal.leave(world.phone);
        else if (!(await this.#portal.join(world.phone)))
          return "the device's access point is not on the air";
        break;
      case "plug":
        this.#firmware.plugAt = action.at ?? undefined;
        break;
      case "release":
        if (!this.#desk.canSend) return "this board takes no release of the simulator's";
        if (this.#desk.isSending) return "one release after the other";
        void this.#desk.send(action.kind, this.#firmware);
        break;
      case "configure": {
        const refusal = this.#cloud.configure(action.desired);
        if (refusal !== undefined) return refusal;
      }
    }
    this.#throttle.mark();
    this.#throttle.tell();
    return undefined;
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    clearInterval(this.#looking);
    this.#listeners.clear();
    await this.#real.stage.world.phone.close();
    await this.#virtual?.world.phone.close();
    await this.#virtual?.close();
    await this.#real.stage.close();
  }

  #eventsOf(mode: Mode) {
    const onStage = () => !this.#closed && this.#stage?.mode === mode;
    return {
      onTrace: (line: string) => {
        if (onStage()) this.#trace(line);
      },
      onState: (state: BoardState) => {
        if (onStage()) this.#heard(state);
      },
      onLed: (led: Rgb) => {
        if (!onStage()) return;
        this.#led = led;
        this.#publish({ t: "led", led });
      },
      onMessage: (topic: string, payload: Uint8Array) => {
        if (!onStage() || payload.length === 0) return;
        const message = this.#feed.message(this.#stage.unixMs, topic, payload);
        this.#guide.message(message);
        this.#identity.message(message);
        const now = this.#firmware.message(message);
        if (now !== undefined) this.#cloud.command("update", { release: now });
        if (message.topic === "update/state") {
          this.#guide.updated(this.#firmware.state(true).said);
        }
        this.#throttle.mark();
      },
      onServed: (fraction: number) => {
        if (!onStage()) return;
        if (this.#firmware.served(fraction)) void this.#cutAndBack();
        this.#throttle.mark();
      },
      onCrash: (error: Error) => {
        this.#feed.log(this.#stage.unixMs, "error", "simulator", `the firmware ended: ${error.message}`);
        this.#options.onCrash?.(error);
      },
    };
  }

  #trace(line: string): void {
    const match = /^(error|warn|info|debug) ([\w-]+): (.*)$/.exec(line);
    const [level, room, text] = match
      ? [match[1] as "error" | "warn" | "info" | "debug", match[2]!, match[3]!]
      : (["info", "", line] as const);
    this.#feed.log(this.#stage.unixMs, level, room, text);
    this.#throttle.mark();
  }

  /** What the firmware knows: its log is for people, and can be turned down. */
  #heard(state: BoardState): void {
    this.#hops = hopsOf(state);
    this.#status = state.status;
    if (state.boot !== this.#boot) this.#firmware.booted();
    this.#boot = state.boot;
    this.#guide.state(state);
    this.#throttle.mark();
  }

  #say(text: string): void {
    this.#feed.log(this.#stage.unixMs, "sim", "room", text);
  }

  /** Looks at the light, and at how far the scene has come. `steady`: also without a change, the clock goes on. */
  #look(steady: boolean): void {
    const { world, led, unixMs, broker } = this.#stage;
    const { sight } = led;
    if (sight !== this.#sight) {
      this.#sight = sight;
      this.#throttle.mark();
    }
    if (this.#portal.look(world.phone)) this.#throttle.mark();
    this.#storm.look(unixMs);
    const supply = {
      power: world.board.on,
      router: world.routers.some(({ on, internet }) => on && internet),
      internet: world.gateway.internet,
      broker: broker !== false,
    };
    if (this.#outages.look(supply, unixMs)) this.#throttle.mark();
    if (!this.#isCut) {
      const certificatesDone = this.#certificates.look({ said: this.#identity.said, sight, unixMs });
      this.#guide.look({ sight, missing: this.#feed.counts.missing, certificatesDone });
    }
    if (steady) this.#throttle.tell();
  }

  #publish(event: PageEvent): void {
    for (const listener of this.#listeners) listener(event);
  }

  get #canSend(): boolean {
    return this.#stage.mode === "virtual" || this.simulator.hasCloud;
  }

  /** The virtual world's board has the profile of the build. */
  get #topicBase(): string {
    const { deviceId, topicBase } = this.simulator;
    return this.#stage.mode === "real" ? topicBase : `aerolink/v1/${deviceId}`;
  }

  async #cut(): Promise<void> {
    this.#buttonHeld = false;
    await this.#stage.world.powerOff();
    this.#status = undefined;
    this.#boot = undefined;
    this.#hops = NO_HOPS;
    this.#say("power cut");
  }

  /** Pulls the plug, and puts it back unless something else plays by then. */
  async #cutAndBack(): Promise<void> {
    const { scene } = this.#guide;
    this.#isCut = true;
    await this.#cut();
    const { world } = this.#stage;
    await new Promise((resolve) => setTimeout(resolve, CUT_MS));
    this.#isCut = false;
    if (this.#guide.scene === scene && !this.#closed) world.powerOn();
  }

  #openDesk(): ReleaseDesk {
    return new ReleaseDesk({
      releases: this.#releases,
      unixMs: () => this.#stage.unixMs,
      putImage: (image) => this.#stage.putImage(image),
      offer: (jws) => this.#cloud.offer(jws),
      say: (text) => this.#say(text),
      onChange: () => this.#throttle.mark(),
    });
  }

  async #cycleRouters(stillPlays: () => boolean): Promise<void> {
    const { world } = this.#stage;
    const turn = (on: boolean): void => {
      turnRouters(world, on);
      this.#say(`router ${on ? "on" : "off"}`);
      this.#throttle.mark();
    };
    turn(false);
    await new Promise((resolve) => setTimeout(resolve, CYCLE_MS / this.state.speed));
    if (stillPlays() && !this.#closed) turn(true);
  }

  async #mend(): Promise<void> {
    await putRight(this.#stage, this.#networks);
    this.#say("everything put right");
  }

  async #play(scene: Scene): Promise<void> {
    this.#setWeather(false);
    if (this.#virtual && this.#stage.mode === "virtual" && this.#virtual.speed > TOUR_SPEED)
      this.#virtual.speed = TOUR_SPEED;
    this.#guide.stop(scene);
    await this.#certificates.end();
    this.#desk.withdraw(this.#firmware);
    this.#throttle.mark();
    this.#throttle.tell();
    if (this.#stage.broker === false) await this.#stage.setBroker(true);
    await this.#restage(scene.routers(this.#stage.world.room.mac), scene.networks, `scene: ${scene.title}`);
    this.#guide.play(scene);
  }

  /** A scene states the whole of board, room and cloud: whatever was done to them before is over. */
  async #restage(
    routers: Router[],
    networks: readonly Network[],
    why: string,
    isNewBoard = false,
  ): Promise<void> {
    const { world } = this.#stage;
    this.#portal.leave(world.phone);
    await this.#cut();
    this.#networks = networks;
    if (isNewBoard) this.#stage.renew();
    this.#stage.tell(networks);
    this.#cloud.forgetConfiguration();
    world.change(({ gateway }) => {
      gateway.internet = true;
      world.routers.splice(0, world.routers.length, ...routers);
    });
    this.#say(why);
    world.powerOn();
  }

  async #enterMode(mode: Mode): Promise<void> {
    if (mode === this.#stage.mode) return;
    this.#guide.stop();
    await this.#certificates.end();
    this.#portal.leave(this.#stage.world.phone);
    await this.#stage.world.powerOff();
    this.#stage.pause();
    if (mode === "virtual") {
      await this.#virtual?.close();
      const { devices, updateKey } = this.simulator;
      this.#virtual = await openVirtualStage({
        ...this.#eventsOf("virtual"),
        identity: this.simulator.identity,
        ...(devices && updateKey && { cloud: { devices, trustKey: updateKey } }),
        updateKeys: this.#releases?.updateKeys ?? [],
        seed: this.#seeds++,
        samplingSeconds: VIRTUAL_SAMPLING_SECONDS,
        onSlice: () => this.#look(false),
        ...(this.#options.model && { model: this.#options.model }),
      });
      const { world } = this.#real.stage;
      this.#virtual.world.carryTo(world.standsIn ?? "kitchen");
      this.#stage = this.#virtual;
    } else this.#stage = this.#real.stage;
    this.#feed = new Feed((event) => this.#publish(event));
    this.#firmware = new FirmwareWatch();
    this.#identity = new IdentityWatch();
    this.#outages = new Outages();
    this.#storm.forget();
    this.#hops = NO_HOPS;
    this.#led = { r: 0, g: 0, b: 0 };
    const { routers, networks } = this.#options;
    await this.#restage(routers(this.#stage.world.room.mac), networks, `the ${mode} world`);
    this.#stage.run();
    const { logs, messages, readings } = this.#feed;
    this.#publish({ t: "hello", state: this.state, led: this.#led, logs, messages, readings });
  }

  #setWeather(on: boolean): void {
    const { mode, world, unixMs } = this.#stage;
    if (mode !== "virtual" || on === this.#storm.on) return;
    if (on) this.#storm.begin(this.#seeds, unixMs);
    else {
      this.#storm.end();
      world.powerOn();
    }
  }

  /** An outage begins (`on` false) or ends. */
  #turn(kind: OutageKind, on: boolean): void {
    if (kind === "power" && !on) void this.#cut();
    else turnSupply(this.#stage, kind, on);
    this.#throttle.mark();
  }
}
