import type { Status } from "../../modules/device/status";
import { setupSsidOf } from "../../tools/identity/naming";
import type { Network } from "../../wifi/network";
import type { RoomName } from "../air/rooms";
import type { Sight } from "../led-observer";
import { factsOf, type ModelName } from "../models/names";
import type { SeedSettings } from "../seed-settings";
import type { ForeignBroker, Hardware, Simulator } from "../simulator";
import { SeededRandom } from "../virtual/virtual-time";
import type { BoardState } from "../world/board-state";
import type { Router } from "../world/router";
import type { World } from "../world/world";
import { Feed } from "./feed";
import { FirmwareWatch } from "./firmware";
import { hopsOf } from "./hops";
import { IdentityWatch } from "./identity";
import { IdentityPlay } from "./identity-play";
import { NO_HOPS } from "./no-hops";
import { Progress } from "./progress";
import type { Action, Hops, Mode, Outage, OutageKind, PageEvent, Rgb, State } from "./protocol";
import { openRealStage } from "./real-stage";
import { RELEASE_KINDS, type ReleaseKind } from "./release-kinds";
import { Releases } from "./releases";
import { changeRouter, hotspot, MOST_ROUTERS } from "./routers";
import type { Stage } from "./stage";
import { findScene, mend, passwordsOf, type Scene } from "./tour";
import { openVirtualStage, type VirtualStage } from "./virtual-stage";
import { Weather } from "./weather";

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
/** How long the authority that ends lasts there: at the highest speed some seconds. */
const VIRTUAL_ENDING_MS = 3 * 3_600_000;

/**
 * What the page shows and does: one stage at a time, real or virtual, with its feed, the way to the broker, and
 * the scene that plays. `subscribe` first gives everything so far, then every change.
 */
export class Show {
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
  #progress: Progress | undefined;
  #busy = false;
  /** What was asked for last. */
  #asked: Promise<unknown> = Promise.resolve();
  #done = new Set<string>();
  #outages: Outage[] = [];
  #weather: Weather | undefined;
  #looking: NodeJS.Timeout | undefined;
  #seeds = 1;
  #commands = 0;
  /** Of the desired configuration that was sent last. */
  #version = 0;
  /** Where the portal is while the phone is joined. */
  #portal: string | undefined;
  #firmware = new FirmwareWatch();
  #identity = new IdentityWatch();
  #identityPlay: IdentityPlay | undefined;
  #releases: Releases | undefined;
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
    show.#looking = setInterval(() => show.#look(true), LOOK_MS);
    const scene = options.scene === undefined ? undefined : findScene(options.scene);
    if (scene) show.#progress = new Progress(scene);
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
      scene: this.#progress?.scene.id,
      done: [...this.#done],
      outages: this.#outages,
      weather: this.#weather !== undefined,
      firmware: this.#firmware.state(this.#releases !== undefined),
      identity: this.#identity.view(this.#stage.identity !== undefined),
      phone: { sees: world.phone.accessPoint?.ssid, url: this.#portal },
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
      case "router": {
        const router = world.routers[action.index];
        if (!router) return "there is no such router";
        world.change(() => changeRouter(router, action.change, world.room.mac));
        break;
      }
      case "add-router":
        if (world.routers.length >= MOST_ROUTERS) return "the room is full";
        world.change(() => world.routers.push(hotspot(world.routers)));
        break;
      case "remove-router":
        if (!world.routers[action.index]) return "there is no such router";
        world.change(() => world.routers.splice(action.index, 1));
        break;
      case "new-board":
        this.#progress = undefined;
        await this.#restage([...world.routers], [], "a new board", true);
        break;
      case "internet":
        world.change(({ gateway }) => {
          gateway.internet = action.on;
        });
        break;
      case "broker":
        await this.#stage.setBroker(action.on);
        break;
      case "sensor": {
        const { model } = this.#options;
        if (!model || !factsOf(model).sensors.includes(action.sensor)) return "this board has no such sensor";
        world.setSensorFault(action.sensor, action.fault, action.on);
        break;
      }
      case "carry":
        if (!this.#options.model) return "this board's sensor is in no room: npm start -- --board";
        world.carryTo(action.room);
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
      case "command":
        this.#command(action.name, action.args);
        break;
      case "phone":
        if (!action.joined) this.#leavePortal();
        else if (!(await this.#joinPortal())) return "the device's access point is not on the air";
        break;
      case "plug":
        this.#firmware.plugAt = action.at ?? undefined;
        break;
      case "release":
        if (!this.#releases) return "this board takes no release of the simulator's";
        if (this.#sending) return "one release after the other";
        void this.#sendRelease(action.kind);
        break;
      case "configure":
        this.#send(
          "config/desired",
          { version: this.#nextVersion(), settings: action.desired },
          { retain: true },
        );
        break;
    }
    this.#changed();
    this.#tell();
    return undefined;
  }

  #nextVersion(): number {
    this.#version = Math.max(this.#version + 1, Math.floor(Date.now() / 1000));
    return this.#version;
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
        this.#progress?.message(message);
        this.#identity.message(message);
        const now = this.#firmware.message(message);
        if (now !== undefined) this.#command("update", { release: now });
        if (message.topic === "update/state") {
          this.#progress?.updated(this.#firmware.state(true).said);
        }
        this.#changed();
      },
      onServed: (fraction: number) => {
        if (!onStage()) return;
        if (this.#firmware.served(fraction)) void this.#cutAndBack();
        this.#changed();
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
    this.#changed();
  }

  /** What the firmware knows: its log is for people, and can be turned down. */
  #heard(state: BoardState): void {
    this.#hops = hopsOf(state);
    this.#status = state.status;
    if (state.boot !== this.#boot) this.#firmware.booted();
    this.#boot = state.boot;
    this.#progress?.state(state);
    this.#changed();
  }

  #say(text: string): void {
    this.#feed.log(this.#stage.unixMs, "sim", "room", text);
  }

  /** Looks at the light, and at how far the scene has come. `steady`: also without a change, the clock goes on. */
  #look(steady: boolean): void {
    const sight = this.#stage.led.sight;
    const progress = this.#progress;
    if (sight !== this.#sight) {
      this.#sight = sight;
      this.#changed();
    }
    if (this.#portal !== undefined && !this.#stage.world.phone.accessPoint) this.#leavePortal();
    this.#blow();
    if (progress && !this.#busy) {
      progress.saw(sight);
      const wanted = progress.wants;
      if (wanted) progress.asked = true;
      if (wanted === "power-cut") void this.#cutAndBack();
      else if (wanted === "release") void this.#sendSceneRelease(progress);
      else if (wanted === "power-cycle") void this.#cycleRouters(progress);
      else if (wanted === "command") this.#command("ping", {});
      else if (wanted === "identity") this.#beginIdentity(progress);
      this.#lookAtIdentity(progress);
      if (!this.#done.has(progress.scene.id) && progress.isDone(this.#feed.counts.missing)) {
        this.#done.add(progress.scene.id);
        this.#say(`✓ ${progress.scene.title}`);
        this.#changed();
      }
    }
    if (steady) this.#tell();
  }

  #dirty = true;
  #told = 0;
  #changed(): void {
    this.#dirty = true;
  }

  /** At most ten times a second, and once a second for the clock's sake. */
  #tell(): void {
    const now = performance.now();
    if (!this.#dirty && now - this.#told < 1_000) return;
    this.#dirty = false;
    this.#told = now;
    this.#publish({ t: "state", state: this.state });
  }

  #publish(event: PageEvent): void {
    for (const listener of this.#listeners) listener(event);
  }

  #command(name: string, args: Record<string, unknown>): void {
    this.#send("command", { id: `page-${++this.#commands}-${Date.now().toString(36)}`, name, args });
  }

  #send(topic: string, body: object, how?: { retain: boolean }): void {
    if (!this.#canSend) {
      this.#say("not sent: the cloud's side has no certificate for this broker (--cloud-cert, --cloud-key)");
      return;
    }
    const payload = new TextEncoder().encode(JSON.stringify(body));
    this.#stage.publish(`${this.#topicBase}/${topic}`, payload, how);
  }

  get #canSend(): boolean {
    return this.#stage.mode === "virtual" || this.simulator.hasCloud;
  }

  /** The virtual world's board has the profile of the build. */
  get #topicBase(): string {
    const { deviceId, topicBase } = this.simulator;
    return this.#stage.mode === "real" ? topicBase : `aerolink/v1/${deviceId}`;
  }

  async #joinPortal(): Promise<boolean> {
    const { phone } = this.#stage.world;
    if (!phone.join()) return false;
    this.#portal ??= await phone.serve();
    return true;
  }

  #leavePortal(): void {
    this.#portal = undefined;
    const { phone } = this.#stage.world;
    phone.leave();
    void phone.close();
    this.#changed();
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
    const progress = this.#progress;
    this.#busy = true;
    await this.#cut();
    const { world } = this.#stage;
    await new Promise((resolve) => setTimeout(resolve, CUT_MS));
    this.#busy = false;
    if (this.#progress === progress && !this.#closed) world.powerOn();
  }

  #sending = false;
  /** @returns its number; `undefined`: it could not be made, and the log says why */
  async #sendRelease(kind: ReleaseKind): Promise<number | undefined> {
    this.#sending = true;
    try {
      const made = await this.#releases!.make(
        kind,
        this.#firmware.releases,
        Math.floor(this.#stage.unixMs / 1000),
      );
      await this.#stage.putImage(made.image);
      this.#firmware.offered(kind, made.release);
      this.#say(
        `release ${made.release} is offered, ${made.image.length} bytes: ${RELEASE_KINDS[kind].says}`,
      );
      this.#offer(made.jws);
      return made.release;
    } catch (error) {
      this.#say(`no release was made: ${(error as Error).message}`);
      return undefined;
    } finally {
      this.#sending = false;
      this.#changed();
    }
  }

  #offer(jws: string): void {
    this.#stage.publish(`${this.#topicBase}/update/offer`, new TextEncoder().encode(jws), { retain: true });
  }

  async #sendSceneRelease(progress: Progress): Promise<void> {
    const { update } = progress.scene.goal;
    if (!update || !this.#releases) return;
    this.#firmware.plugAt = update.plugAt;
    const release = await this.#sendRelease(update.send);
    if (release !== undefined) progress.sent(release);
  }

  #beginIdentity({ scene }: Progress): void {
    const cloud = this.#stage.identity;
    if (!cloud || !scene.goal.identity) return;
    this.#identityPlay = new IdentityPlay(scene.goal.identity, {
      renew: () => this.#command("renew-certificate", {}),
      announce: async (list, lifeMs) => {
        await cloud.announce(list, lifeMs);
        this.#say(`list ${list} with a second authority is published`);
      },
      show: async (which) => {
        await cloud.show(which);
        this.#say(`the broker shows ${which === "own" ? "its own authority" : "the second authority"}`);
      },
      refuseNew: (on) => cloud.refuseNew(on),
      ...(this.#stage.mode === "virtual" && { endingMs: VIRTUAL_ENDING_MS }),
    });
  }

  #lookAtIdentity(progress: Progress): void {
    const play = this.#identityPlay;
    if (!play) return;
    play.look({ said: this.#identity.said, sight: this.#stage.led.sight, unixMs: this.#stage.unixMs });
    if (play.isDone) progress.identityDone = true;
  }

  /** The cloud's certificates are as they were. */
  async #endIdentity(): Promise<void> {
    if (!this.#identityPlay) return;
    this.#identityPlay = undefined;
    this.#stage.identity?.refuseNew(false);
    await this.#stage.identity?.show("own");
  }

  async #cycleRouters(progress: Progress): Promise<void> {
    const { world } = this.#stage;
    const turn = (on: boolean): void => {
      world.change(({ routers }) => {
        for (const router of routers) {
          router.on = on;
          router.internet = on;
        }
      });
      this.#say(`router ${on ? "on" : "off"}`);
      this.#changed();
    };
    turn(false);
    await new Promise((resolve) => setTimeout(resolve, CYCLE_MS / this.state.speed));
    if (this.#progress === progress && !this.#closed) turn(true);
  }

  async #mend(): Promise<void> {
    if (this.#stage.broker === false) await this.#stage.setBroker(true);
    this.#stage.world.change(({ routers, gateway }) => {
      gateway.internet = true;
      mend(routers, passwordsOf(this.#networks), this.#stage.world.room.mac);
    });
    this.#stage.world.powerOn();
    this.#say("everything put right");
  }

  async #play(scene: Scene): Promise<void> {
    this.#setWeather(false);
    if (this.#virtual && this.#stage.mode === "virtual" && this.#virtual.speed > TOUR_SPEED)
      this.#virtual.speed = TOUR_SPEED;
    this.#progress = undefined;
    await this.#endIdentity();
    if (this.#firmware.withdraw()) this.#offer("");
    this.#done.delete(scene.id);
    this.#changed();
    this.#tell();
    if (this.#stage.broker === false) await this.#stage.setBroker(true);
    await this.#restage(scene.routers(this.#stage.world.room.mac), scene.networks, `scene: ${scene.title}`);
    this.#progress = new Progress(scene);
  }

  /** A scene states the whole of board, room and cloud: whatever was done to them before is over. */
  async #restage(
    routers: Router[],
    networks: readonly Network[],
    why: string,
    isNewBoard = false,
  ): Promise<void> {
    const { world } = this.#stage;
    this.#leavePortal();
    await this.#cut();
    this.#networks = networks;
    if (isNewBoard) this.#stage.renew();
    this.#stage.tell(networks);
    if (this.#canSend)
      this.#stage.publish(`${this.#topicBase}/config/desired`, new Uint8Array(0), { retain: true });
    world.change(({ gateway }) => {
      gateway.internet = true;
      world.routers.splice(0, world.routers.length, ...routers);
    });
    this.#say(why);
    world.powerOn();
  }

  async #enterMode(mode: Mode): Promise<void> {
    if (mode === this.#stage.mode) return;
    this.#progress = undefined;
    await this.#endIdentity();
    this.#leavePortal();
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
    this.#outages = [];
    this.#weather = undefined;
    this.#hops = NO_HOPS;
    this.#led = { r: 0, g: 0, b: 0 };
    const { routers, networks } = this.#options;
    await this.#restage(routers(this.#stage.world.room.mac), networks, `the ${mode} world`);
    this.#stage.run();
    const { logs, messages, readings } = this.#feed;
    this.#publish({ t: "hello", state: this.state, led: this.#led, logs, messages, readings });
  }

  #setWeather(on: boolean): void {
    const { mode, world } = this.#stage;
    if (mode !== "virtual" || on === (this.#weather !== undefined)) return;
    this.#weather = on ? new Weather(new SeededRandom(this.#seeds), this.#stage.unixMs) : undefined;
    const running = this.#outages.at(-1);
    if (!on && running && running.to === undefined) this.#outage(running.kind, true);
    if (!on) world.powerOn();
  }

  #blow(): void {
    const event = this.#weather?.next(this.#stage.unixMs);
    if (event) this.#outage(event.kind, event.on);
  }

  /** An outage begins (`on` false) or ends. */
  #outage(kind: OutageKind, on: boolean): void {
    const { world, unixMs } = this.#stage;
    if (on) {
      const last = this.#outages.at(-1)!;
      this.#outages = [...this.#outages.slice(-199, -1), { ...last, to: unixMs }];
    } else this.#outages = [...this.#outages.slice(-199), { kind, from: unixMs }];
    this.#say(`${kind} ${on ? "back" : "out"}`);
    if (kind === "power") {
      if (on) world.powerOn();
      else void this.#cut();
    } else if (kind === "broker") void this.#stage.setBroker(on);
    else
      world.change(({ gateway, routers }) => {
        if (kind === "internet") gateway.internet = on;
        else for (const router of routers) router.on = on;
      });
    this.#changed();
  }
}

/** What the page shows of a board with sensors of its own. */
function boardState(model: ModelName, world: World): State["board"] {
  const { title, sensors } = factsOf(model);
  return {
    title,
    room: world.standsIn ?? "kitchen",
    sensors: sensors.map((name) => ({
      name,
      faults: world.sensorFaults.flatMap(({ sensor, fault }) => (sensor === name ? [fault] : [])),
    })),
    ...(world.watchdog && { watchdog: { fed: world.watchdog.fed, bites: world.watchdog.bites } }),
  };
}
