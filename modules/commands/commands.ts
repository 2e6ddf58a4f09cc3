import Timer from "timer";
import type { Logger } from "../base/logger";
import type { CalibrationFault } from "../sensor/sensor";
import { CommandMemory, type CommandStore, type RememberedCommand } from "./command-memory";
import { type ActingCommand, COMMANDS, type CommandName } from "./command-table";
import { type Command, type CommandFault, parseCommand } from "./parse-command";

/** Why a command has no effect. */
export type CommandError =
  | CommandFault
  /** Its time was over when it arrived. */
  | "expired"
  /** It was kept by the broker for whoever subscribes: commands are for now. */
  | "retained"
  /** Too many at once: not run and not remembered, so that it may be sent again under the same id. */
  | "busy"
  /** The power went between its beginning and its end: it may have had its effect. It is not run again. */
  | "interrupted"
  /** The sensor had nothing. */
  | "no-reading"
  /** No saved network has this name. */
  | "not-found"
  /** The device is on this network, or has no other: only a person on site could bring it back. */
  | "in-use"
  /** The flash refused what had to be kept. */
  | "storage"
  /** No such release is offered, or it is not for this device: `update/state` says why. */
  | "not-offered"
  /** The setting `updates` forbids it. */
  | "off"
  /** The image that runs is on trial, or a certificate or authorities are. */
  | "on-trial"
  /** There is no image before this one that could start. */
  | "no-previous"
  /** The image before this one is too old to run again. */
  | "below-floor"
  /** The identity names no service that renews it. */
  | "no-renewal"
  | CalibrationFault;

/** What a command came to: a JSON text, or why it came to nothing. */
export type CommandOutcome = { readonly result: string } | { readonly error: CommandError };

/** What the device does for a command, called once. `args` are in range. */
export interface CommandActions {
  identify(seconds: number): void;
  readNow(): { readonly epoch: string; readonly seq: number } | undefined;
  restart(): void;
  setupMode(): void;
  /** Why not, if so. */
  update(release: number): "not-offered" | "off" | "on-trial" | undefined;
  /** The release of the image before this one, which starts soon; or why not. */
  bootPrevious(): number | "on-trial" | "no-previous" | "below-floor" | "storage";
  /** Begins a forced recalibration: the air around the device has so much CO₂. Why not, if so. */
  calibrateCo2(ppm: number): CalibrationFault | undefined;
  /** Asks for a new certificate soon. Why not, if so. */
  renewCertificate(): "no-renewal" | "on-trial" | undefined;
  /** Forgets it at once, as far as the settings go. The number of networks that are left. */
  forgetNetwork(ssid: string): number | "not-found" | "in-use" | "storage";
}

export interface CommandsOptions {
  readonly actions: CommandActions;
  /** Counters and measurements as JSON (docs/protocol.md). */
  diagnostics(): string;
  readonly store: CommandStore;
  /** Number of this boot. */
  readonly boot: number;
  uptimeMs(): number;
  unixMs(): number | undefined;
  /**
   * Publishes a result. False: not now ({@link Commands.drain}). At QoS 1 `onSettled` follows once, on this
   * connection or a later one, and never from inside the call.
   */
  publish(payload: string, qos: 0 | 1, onSettled?: () => void): boolean;
  readonly log: Logger;
}

/** Leaves the rest of the session's window to telemetry. */
const RESULTS_IN_FLIGHT = 2;
/** Commands that act: this many at once, then one each {@link ACT_EVERY_MS}; flash wears. */
const ACTS_AT_ONCE = 8;
const ACT_EVERY_MS = 10_000;
/** How long what takes the device off the cloud waits for the results that are owed. */
const ANSWER_LIMIT_MS = 2_000;
/** How often that is looked at, and time for the acknowledgement of a command to leave. */
const SETTLE_MS = 200;

/**
 * Runs commands from the cloud: each id once, with one result.
 *
 * - The last 32 ids are remembered; those of commands that act also over a power cut. A repeated id is answered from
 *   memory, a redelivery (DUP) of an answered one not at all.
 * - A command that acts is in flash before it is run; if the power goes before its outcome is in flash too, its
 *   result is `interrupted`, but for `restart`, whose result tells the new boot.
 * - A result is given to the session before the command is acknowledged, so the broker has either the one or both.
 * - Memory is bounded: while 32 results wait, further commands are `busy`.
 */
export class Commands {
  #options: CommandsOptions;
  #log: Logger;
  #memory: CommandMemory;
  #inFlight: RememberedCommand[] = [];
  #acts = ACTS_AT_ONCE;
  #actsAtMs = 0;
  /** What waits for the results that are owed. */
  #leaving: { readonly actions: (() => void)[]; timer: Timer } | undefined;
  #run = 0;
  #refused = 0;
  #dropped = 0;

  constructor(options: CommandsOptions) {
    this.#options = options;
    this.#log = options.log;
    this.#memory = new CommandMemory(options.store);
    for (;;) {
      const begun = this.#memory.oldest(({ progress }) => progress === "begun");
      if (!begun) break;
      const { boot } = options;
      const outcome: CommandOutcome =
        begun.name === "restart" ? { result: `{"boot":${boot}}` } : { error: "interrupted" };
      this.#memory.advance(begun, "owed", bodyOf(outcome));
    }
  }

  /** Since the boot. `dropped`: busy, and not even that could be said. */
  get counts(): { readonly run: number; readonly refused: number; readonly dropped: number } {
    return { run: this.#run, refused: this.#refused, dropped: this.#dropped };
  }

  /** A message of the topic `command`. */
  take(payload: Uint8Array, flags: { readonly retain: boolean; readonly dup: boolean }): void {
    const command = parseCommand(payload);
    if (command.id === undefined) {
      this.refuse(undefined, (command as { fault: CommandFault }).fault);
      return;
    }
    const known = this.#memory.find(command.id);
    if (known) this.repeat(known, flags);
    else if ("fault" in command) this.refuse(command.id, command.fault);
    else if (flags.retain) this.refuse(command.id, "retained");
    else if (this.isStale(command)) this.refuse(command.id, "expired");
    else this.begin(command);
    this.pump();
  }

  /** A message that was too large to be kept. */
  takeOversized(): void {
    this.refuse(undefined, "too-long");
  }

  /** The session takes messages again. */
  drain(): void {
    this.pump();
  }

  /** Does what takes the device off the cloud, once the broker has the results that are owed, or soon. */
  whenAnswered(action: () => void): void {
    if (this.#leaving) this.#leaving.actions.push(action);
    else this.#leaving = { actions: [action], timer: this.leaveSoon(ANSWER_LIMIT_MS) };
  }

  close(): void {
    Timer.clear(this.#leaving?.timer);
    this.#leaving = undefined;
  }

  private leaveSoon(waitMs: number): Timer {
    return Timer.set(() => {
      const leaving = this.#leaving;
      if (!leaving) return;
      if (waitMs > 0 && this.isOwing()) {
        leaving.timer = this.leaveSoon(waitMs - SETTLE_MS);
        return;
      }
      this.#leaving = undefined;
      for (const action of leaving.actions) action();
    }, SETTLE_MS);
  }

  private isOwing(): boolean {
    return this.#memory.oldest(({ progress }) => progress === "owed") !== undefined;
  }

  private isStale({ expiresUnixSeconds }: Command): boolean {
    const unixMs = this.#options.unixMs();
    return expiresUnixSeconds !== undefined && unixMs !== undefined && unixMs >= expiresUnixSeconds * 1000;
  }

  private repeat(known: RememberedCommand, { dup, retain }: { dup: boolean; retain: boolean }): void {
    if (known.progress === "answered" && !dup && !retain) this.#memory.advance(known, "owed");
  }

  /** Remembered, unless it may be sent again. */
  private refuse(id: string | undefined, error: CommandError): void {
    this.#refused++;
    const body = bodyOf({ error });
    if (id === undefined) this.say("null", body);
    else if (error === "busy") this.say(JSON.stringify(id), body);
    else {
      const entry = this.#memory.add({ id, name: undefined, durable: false, progress: "owed", body });
      if (typeof entry === "string") this.say(JSON.stringify(id), bodyOf({ error: "busy" }));
    }
  }

  /** Now or not at all: nothing is kept of it. */
  private say(id: string, body: string): void {
    if (!this.#options.publish(`{"id":${id},${body}}`, 0)) this.#dropped++;
  }

  private begin(command: Command): void {
    const { id, name } = command;
    const durable = COMMANDS[name].acts;
    if (durable && !this.mayAct()) return this.refuse(id, "busy");
    const entry = this.#memory.add({ id, name, durable, progress: durable ? "begun" : "owed", body: "" });
    if (typeof entry === "string") return this.refuse(id, entry === "full" ? "busy" : entry);
    this.#run++;
    this.#log.info(`${name} (${id})`);
    if (!durable) return;
    const outcome = this.act(command);
    if (outcome !== "next-boot") this.#memory.advance(entry, "owed", bodyOf(outcome));
  }

  /** A command of the table that is missing here, or in `ask`, does not compile. */
  private act({ name, args }: Command): CommandOutcome | "next-boot" {
    const { actions } = this.#options;
    switch (name as ActingCommand) {
      case "identify":
        actions.identify(args.seconds as number);
        return { result: "{}" };
      case "read-now": {
        const reading = actions.readNow();
        return reading ? { result: JSON.stringify(reading) } : { error: "no-reading" };
      }
      case "restart":
        this.whenAnswered(() => actions.restart());
        return "next-boot";
      case "setup-mode":
        this.whenAnswered(() => actions.setupMode());
        return { result: "{}" };
      case "update": {
        const error = actions.update(args.release as number);
        return error ? { error } : { result: "{}" };
      }
      case "boot-previous": {
        const release = actions.bootPrevious();
        return typeof release === "string" ? { error: release } : { result: `{"release":${release}}` };
      }
      case "calibrate-co2": {
        const error = actions.calibrateCo2(args.ppm as number);
        return error ? { error } : { result: "{}" };
      }
      case "renew-certificate": {
        const error = actions.renewCertificate();
        return error ? { error } : { result: "{}" };
      }
      case "forget-network": {
        const left = actions.forgetNetwork(args.ssid as string);
        return typeof left === "string" ? { error: left } : { result: `{"networks":${left}}` };
      }
    }
  }

  private mayAct(): boolean {
    const now = this.#options.uptimeMs();
    const earned = Math.floor((now - this.#actsAtMs) / ACT_EVERY_MS);
    this.#acts = Math.min(ACTS_AT_ONCE, this.#acts + earned);
    this.#actsAtMs = this.#acts === ACTS_AT_ONCE ? now : this.#actsAtMs + earned * ACT_EVERY_MS;
    if (this.#acts === 0) return false;
    this.#acts--;
    return true;
  }

  private pump(): void {
    while (this.#inFlight.length < RESULTS_IN_FLIGHT) {
      const entry = this.#memory.oldest((each) => each.progress === "owed" && !this.#inFlight.includes(each));
      if (!entry) return;
      const body = entry.body || bodyOf({ result: this.ask(entry) });
      const message = `{"id":${JSON.stringify(entry.id)},${body}}`;
      if (!this.#options.publish(message, 1, () => this.settled(entry))) return;
      this.#inFlight.push(entry);
    }
  }

  private ask({ name }: RememberedCommand): string {
    switch (name as Exclude<CommandName, ActingCommand>) {
      case "get-diagnostics":
        return this.#options.diagnostics();
      case "ping":
        return `{"boot":${this.#options.boot},"uptime":${Math.floor(this.#options.uptimeMs() / 1000)}}`;
    }
  }

  private settled(entry: RememberedCommand): void {
    this.#inFlight.splice(this.#inFlight.indexOf(entry), 1);
    this.#memory.advance(entry, "answered");
    this.pump();
  }
}

function bodyOf(outcome: CommandOutcome): string {
  return "error" in outcome
    ? `"ok":false,"error":${JSON.stringify(outcome.error)}`
    : `"ok":true,"result":${outcome.result}`;
}
