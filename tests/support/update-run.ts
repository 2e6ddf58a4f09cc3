import { lost } from "../../sim/virtual/fault-run";
import { LightReferee } from "../../sim/virtual/light-referee";
import { type OfferChoices, offer } from "../../sim/virtual/offer";
import { VirtualWorld, type VirtualWorldOptions } from "../../sim/virtual/virtual-world";

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;

/** What the device says at update/state (docs/protocol.md). */
export interface UpdateState {
  readonly state: string;
  readonly release?: number;
  readonly running: number;
  readonly version: string;
  readonly progress?: number;
  readonly reason?: string;
  readonly crash?: string;
  readonly confirmed?: number;
}

/** A virtual world in which updates are watched: what the device said of them, what it ran, and whether its light was right. */
export class UpdateRun {
  readonly world: VirtualWorld;
  readonly referee: LightReferee;
  /** In the order in which they came; the same one twice in a row once. */
  readonly states: UpdateState[] = [];
  /** Releases that were booted, in order: version and reason of the reset. */
  readonly boots: string[] = [];
  /** By the text of an image: asked for once a second. */
  #releases = new Map<string, number>();
  /** The longest that a reading was on its way, ms. */
  latest = 0;

  constructor(options: VirtualWorldOptions) {
    this.world = new VirtualWorld({
      ...options,
      onMessage: (topic, payload) => {
        if (topic.endsWith("/update/state")) this.#said(new TextDecoder().decode(payload));
      },
    });
    this.world.onTrace = (line) => {
      const boot = /firmware (\S+), boot \d+ after (.+)$/.exec(line);
      if (boot) this.boots.push(`${boot[1]} ${boot[2]}`);
    };
    this.world.onReading = ({ unixSeconds }) => {
      if (unixSeconds !== undefined)
        this.latest = Math.max(this.latest, this.world.unixMs - unixSeconds * 1000);
    };
    this.referee = new LightReferee(this.world);
    this.world.world.powerOn();
  }

  get state(): UpdateState | undefined {
    return this.states.at(-1);
  }

  /** What runs: 1 by cable, or the release of the image that was booted. */
  get release(): number | undefined {
    const { booted } = this.world;
    if (!booted) return undefined;
    let release = this.#releases.get(booted.text);
    if (release === undefined) {
      release = Number(/"release":(\d+)/.exec(booted.text)?.[1]);
      this.#releases.set(booted.text, release);
    }
    return release;
  }

  /** Readings that were taken and never arrived, in words. */
  get lost(): readonly string[] {
    return lost(this.world);
  }

  offer(release: number, choices?: OfferChoices): void {
    offer(this.world, release, choices);
  }

  run(ms: number): void {
    for (const end = this.world.time.now() + ms; this.world.time.now() < end; ) {
      this.world.run(Math.min(1_000, end - this.world.time.now()));
      this.referee.look();
    }
  }

  /** Runs until `done`; returns whether it came true within the limit. */
  until(done: () => boolean, limitMs: number): boolean {
    for (const end = this.world.time.now() + limitMs; this.world.time.now() < end && !done(); )
      this.run(1_000);
    return done();
  }

  /** The device says this of an update, and its reason, now or within the limit. */
  untilState(state: string, limitMs = 30 * MINUTE_MS): boolean {
    return this.until(() => this.state?.state === state, limitMs);
  }

  /** For messages of failed expectations. */
  get log(): string {
    const states = this.states.map((state) => JSON.stringify(state)).join("\n");
    return [this.boots.join(", "), states, ...this.world.trace.slice(-60)].join("\n");
  }

  #said(text: string): void {
    const said = JSON.parse(text) as UpdateState;
    if (JSON.stringify(said) !== JSON.stringify(this.states.at(-1))) this.states.push(said);
  }
}
