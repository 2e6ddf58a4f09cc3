import type { RoomName } from "../air/rooms";
import type { PoweredBoard } from "../device/worker-board";
import type { TwinFault } from "../sensors/faults";
import type { BoardState } from "./board-state";
import { ExternalWatchdog } from "./external-watchdog";
import { Gateway, type Services } from "./gateway";
import { Phone } from "./phone";
import { Room } from "./room";
import type { Router } from "./router";
import type { Scheduler } from "./scheduler";
import type { Failure, FromDevice } from "./wire";

export interface WorldOptions {
  readonly board: PoweredBoard;
  readonly mac: string;
  readonly routers: Router[];
  readonly services: Services;
  readonly scheduler: Scheduler;
  /** A line that the firmware wrote to its console. */
  onTrace?(line: string): void;
  /** What the firmware knows of its way to the cloud; of a board that tells. */
  onState?(state: BoardState): void;
  /** A watchdog stands beside the chip and listens to this GPIO. */
  readonly watchdogPin?: number;
  /** The light changed. */
  onLed?(colour: { r: number; g: number; b: number }): void;
}

export interface SensorFault {
  readonly sensor: string;
  readonly fault: TwinFault;
}

/** A reset that follows by itself: how it is called on an ESP32, and when it comes. */
interface Reset {
  readonly resetReason: string;
  readonly afterMs: number;
}

/** A hung board waits for its watchdog; `undefined`: for somebody else's. */
const FAILURES: Record<Failure, Reset | undefined> = {
  abort: { resetReason: "restart", afterMs: 0 },
  panic: { resetReason: "panic", afterMs: 0 },
  hang: { resetReason: "task watchdog", afterMs: 10_000 },
  stuck: undefined,
};

/** It pulls the chip's enable pin, which an ESP32 cannot tell from power that comes. */
const WATCHDOG_RESET = "power-on";

/** How long a board needs from a restart that the firmware asked for to its next first instruction. */
const RESTART_MS = 300;

/** One board, the room it stands in, and the way to the servers. Change anything through `change`. */
export class World {
  readonly room: Room;
  readonly gateway: Gateway;
  readonly phone: Phone;
  readonly board: PoweredBoard;
  /** Beside the chip; `undefined`: this board has none. */
  readonly watchdog: ExternalWatchdog | undefined;
  #options: WorldOptions;
  #console = "";
  #sensorFaults: SensorFault[] = [];
  #standsIn: RoomName | undefined;
  /** Power-offs so far. */
  #lives = 0;

  constructor(options: WorldOptions) {
    this.#options = options;
    this.board = options.board;
    this.room = new Room({
      routers: options.routers,
      scheduler: options.scheduler,
      send: (message) => this.board.post(message),
    });
    this.room.mac = options.mac;
    this.phone = new Phone({ scheduler: options.scheduler, send: (message) => this.board.post(message) });
    this.room.onJoining = (channel) => this.phone.stationOn(channel);
    this.gateway = new Gateway({
      services: options.services,
      router: () => this.room.wayOut,
      send: (message) => this.board.post(message),
    });
    this.room.onPathChanged = () => this.gateway.abandon();
    if (options.watchdogPin !== undefined)
      this.watchdog = new ExternalWatchdog({
        scheduler: options.scheduler,
        onBite: () => this.restart(WATCHDOG_RESET),
      });
    this.board.onMessage = (message) => this.#take(message);
  }

  get routers(): Router[] {
    return this.room.routers;
  }

  powerOn(resetReason?: string): void {
    this.watchdog?.power(true);
    this.board.powerOn(resetReason);
    if (this.#standsIn) this.board.post({ t: "room", room: this.#standsIn });
    for (const { sensor, fault } of this.#sensorFaults)
      this.board.post({ t: "sensor", sensor, fault, on: true });
  }

  /** Pulls the plug. */
  async powerOff(): Promise<void> {
    this.watchdog?.power(false);
    await this.#chipOff();
  }

  async #chipOff(): Promise<void> {
    this.#lives++;
    const off = this.board.powerOff();
    this.room.boardOff();
    this.gateway.boardOff();
    this.phone.boardOff();
    this.#options.onLed?.({ r: 0, g: 0, b: 0 });
    await off;
  }

  /** Changes routers or the internet; takes effect at once. */
  change(action: (world: World) => void): void {
    action(this);
    this.room.reconsider();
    this.gateway.reconsider();
  }

  /** Unplugs a sensor of the board, stops its fan, …; it stays so, whatever the board does. */
  setSensorFault(sensor: string, fault: TwinFault, on: boolean): void {
    this.#sensorFaults = this.#sensorFaults.filter((each) => each.sensor !== sensor || each.fault !== fault);
    if (on) this.#sensorFaults.push({ sensor, fault });
    this.board.post({ t: "sensor", sensor, fault, on });
  }

  get sensorFaults(): readonly SensorFault[] {
    return this.#sensorFaults;
  }

  /** Carries the board into another room. */
  carryTo(room: RoomName): void {
    this.#standsIn = room;
    this.board.post({ t: "room", room });
  }

  get standsIn(): RoomName | undefined {
    return this.#standsIn;
  }

  pressButton(pressed: boolean): void {
    this.board.post({ t: "button", pressed });
  }

  #take(message: FromDevice): void {
    if (this.room.take(message) || this.phone.take(message) || this.gateway.take(message)) return;
    if (message.t === "led") this.#options.onLed?.({ r: message.r, g: message.g, b: message.b });
    else if (message.t === "trace") this.#trace(message.text);
    else if (message.t === "state") this.#options.onState?.(message.state);
    else if (message.t === "restart") this.restart("restart");
    else if (message.t === "pin") this.#pin(message.pin, message.level);
    else if (message.t === "fail") this.#failed(FAILURES[message.how]);
  }

  #pin(pin: number, level: 0 | 1): void {
    if (pin === this.#options.watchdogPin) this.watchdog?.pin(level);
  }

  #failed(reset: Reset | undefined): void {
    if (!reset) return;
    const { resetReason, afterMs } = reset;
    const life = this.#lives;
    this.#options.scheduler.set(() => {
      // The plug may have been pulled meanwhile.
      if (this.#lives === life && this.board.on) this.restart(resetReason);
    }, afterMs);
  }

  /** Off and on again. */
  restart(resetReason: string): void {
    const { scheduler } = this.#options;
    const start = (): void => {
      // A worker thread takes its time to end.
      if (this.board.on) scheduler.set(start, RESTART_MS);
      else this.powerOn(resetReason);
    };
    void this.#chipOff();
    scheduler.set(start, RESTART_MS);
  }

  #trace(text: string): void {
    const lines = (this.#console + text).split("\n");
    this.#console = lines.pop()!;
    for (const line of lines) this.#options.onTrace?.(line);
  }
}
