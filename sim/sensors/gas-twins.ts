import { SensirionTwin, word } from "./sensirion-twin";
import type { TwinOptions } from "./twin";

/** CO₂ of a sensor that takes part in what it is told: recalibration shifts all later values. */
export class Scd4xTwin extends SensirionTwin {
  readonly address = 0x62;
  altitude = 0;
  selfCalibration = true;
  measuring = false;
  recalibratedTo: number | undefined;
  /** The next forced recalibration fails; for tests. */
  refuses = false;
  protected readonly commands;
  #readyAt = 0;
  #shift = 0;

  constructor(options: TwinOptions & { readonly model?: "SCD40" | "SCD41" | "SCD42" | "SCD43" }) {
    super(options);
    const variant = { SCD40: 0x0440, SCD41: 0x1440, SCD42: 0x2440, SCD43: 0x5440 }[options.model ?? "SCD41"];
    const idle = (ms: number, run: (words: readonly number[]) => readonly number[] | undefined) => ({
      ms,
      run: (words: readonly number[]) => {
        if (this.measuring) throw new Error("not acknowledged");
        return run(words);
      },
    });
    this.commands = {
      8625: idle(0, () => this.start()),
      9238: idle(1, ([isOn]) => {
        this.selfCalibration = isOn === 1;
        return undefined;
      }),
      9255: idle(1, ([altitude]) => {
        this.altitude = altitude!;
        return undefined;
      }),
      8239: idle(1, () => [variant]),
      13871: idle(400, ([target]) => [this.recalibrate(target!)]),
      13954: idle(1, () => [0xf896, 0x9f07, 0x3bbe]),
      16262: {
        ms: 500,
        run: () => {
          this.measuring = false;
          return undefined;
        },
      },
      58552: { ms: 1, run: () => [this.isReady ? 0x8006 : 0x8000] },
      60421: {
        ms: 1,
        run: () => {
          if (!this.isReady) throw new Error("not acknowledged");
          this.#readyAt = this.now + 4_900;
          const { co2, temperature, humidity } = this.air;
          return [
            word(co2 === undefined ? 0 : co2 + this.#shift, 1),
            word(temperature ?? 25, 65_535 / 175, -45),
            word(humidity ?? 50, 655.35),
          ];
        },
      },
    };
  }

  protected override powerOn(): void {
    super.powerOn();
    this.measuring = false;
    this.altitude = 0;
    this.selfCalibration = true;
  }

  private start(): undefined {
    this.measuring = true;
    this.#readyAt = this.now + 4_900;
  }

  private get isReady(): boolean {
    return this.measuring && this.now >= this.#readyAt;
  }

  private recalibrate(target: number): number {
    if (this.refuses || this.air.co2 === undefined) return 0xffff;
    this.recalibratedTo = target;
    const correction = Math.round(target - (this.air.co2 + this.#shift));
    this.#shift += correction;
    return 0x8000 + correction;
  }
}

export class Sht4xTwin extends SensirionTwin {
  readonly address = 0x44;
  protected override readonly commandBytes = 1;
  protected readonly commands = {
    137: { ms: 1, run: () => [0x0f4d, 0x2a17] },
    148: { ms: 1, run: () => undefined },
    253: {
      ms: 8.3,
      run: () => {
        const { temperature, humidity } = this.air;
        return [word(temperature ?? 25, 65_535 / 175, -45), word(humidity ?? 50, 65_535 / 125, -6)];
      },
    },
  };
}

/** Raw signals, falling with more of a gas: plausible, not measured. */
export class Sgp41Twin extends SensirionTwin {
  readonly address = 0x59;
  /** What it was told of the air, as ticks. */
  toldAir: readonly number[] = [];
  /** Times of conditioning since power-on; more than ten harm it. */
  conditionings = 0;
  /** Answer of the self-test. */
  selfTest = 0xd400;
  protected readonly commands = {
    9746: {
      ms: 50,
      run: (words: readonly number[]) => {
        this.toldAir = words;
        this.conditionings++;
        return [this.voc];
      },
    },
    9753: {
      ms: 50,
      run: (words: readonly number[]) => {
        this.toldAir = words;
        return [this.voc, word(17_000 - 8 * (this.air.nox ?? 1), 1)];
      },
    },
    10254: { ms: 320, run: () => [this.selfTest] },
    13954: { ms: 1, run: () => [0x0000, 0x0561, 0x9f2c] },
  };

  protected override powerOn(): void {
    super.powerOn();
    this.conditionings = 0;
  }

  private get voc(): number {
    return word(32_000 - 12 * (this.air.voc ?? 100), 1);
  }
}
