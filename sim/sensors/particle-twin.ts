import { SensirionTwin, signedWord, type TwinCommand, textWords, word } from "./sensirion-twin";
import type { TwinOptions } from "./twin";

const FAN = 1 << 4;

/** What SEN5x, SEN6x and SPS30 have in common: idle or measuring, new values once a second, a register of faults. */
abstract class ParticleTwin extends SensirionTwin {
  measuring = false;
  resets = 0;
  /** Bits of the status register beside those of its faults; for tests. */
  status = 0;
  #readyAt = 0;

  protected override powerOn(): void {
    super.powerOn();
    this.measuring = false;
  }

  protected reset(ms: number): TwinCommand {
    return { ms, run: () => this.end(() => this.resets++) };
  }

  protected start(ms: number): TwinCommand {
    return {
      ms,
      run: () => {
        this.measuring = true;
        this.#readyAt = this.now + 1000;
        return undefined;
      },
    };
  }

  protected stop(ms: number): TwinCommand {
    return { ms, run: () => this.end() };
  }

  protected readonly ready: TwinCommand = {
    ms: 0,
    run: () => [this.measuring && this.now >= this.#readyAt ? 1 : 0],
  };

  protected readonly flags: TwinCommand = {
    ms: 0,
    run: () => {
      const flags = this.status | (this.measuring && this.has("fan-stuck") ? FAN : 0);
      return [flags >>> 16, flags & 0xffff];
    },
  };

  protected values(words: () => readonly number[]): TwinCommand {
    return {
      ms: 0,
      run: () => {
        const isReady = this.measuring;
        this.#readyAt = this.now + 1000;
        return isReady ? words() : words().map(() => 0xffff);
      },
    };
  }

  protected text(text: string): TwinCommand {
    return { ms: 0, run: () => textWords(text) };
  }

  protected mass(): number[] {
    const { pm1, pm2_5, pm4, pm10 } = this.air;
    return [pm1, pm2_5, pm4, pm10].map((value) => word(value, 10));
  }

  protected climate(): number[] {
    const { humidity, temperature } = this.air;
    return [signedWord(humidity, 100), signedWord(temperature, 200)];
  }

  protected indices(): number[] {
    const { voc, nox } = this.air;
    return [signedWord(voc, 10), signedWord(nox, 10)];
  }

  private end(also?: () => void): undefined {
    this.measuring = false;
    also?.();
  }
}

export class Sen5xTwin extends ParticleTwin {
  readonly address = 0x69;
  protected readonly commands;

  constructor(options: TwinOptions & { readonly model?: "SEN50" | "SEN54" | "SEN55" }) {
    super(options);
    const { model = "SEN55" } = options;
    const unknown = [0x7fff, 0x7fff];
    this.commands = {
      33: this.start(50),
      514: this.ready,
      964: this.values(() => [
        ...this.mass(),
        ...(model === "SEN50" ? [...unknown, ...unknown] : this.climate()),
        ...(model === "SEN55" ? this.indices() : model === "SEN54" ? [this.indices()[0]!, 0x7fff] : []),
      ]),
      53268: this.text(model),
      53299: this.text("A1B2C3D4E5F60718"),
      53504: { ms: 0, run: () => [0x0200, 0x0004, 0x0001, 0] },
      53776: this.flags,
      54020: this.reset(100),
    };
  }
}

export type Sen6xModel = "SEN63C" | "SEN65" | "SEN66" | "SEN68";

export class Sen6xTwin extends ParticleTwin {
  readonly address = 0x6b;
  altitude = 0;
  selfCalibration = true;
  /** Target of the last forced recalibration, ppm. */
  recalibratedTo: number | undefined;
  protected readonly commands;

  constructor(options: TwinOptions & { readonly model?: Sen6xModel }) {
    super(options);
    const { model = "SEN66" } = options;
    const hasCo2 = model === "SEN63C" || model === "SEN66";
    const rest: Record<Sen6xModel, () => number[]> = {
      SEN63C: () => [word(this.air.co2, 1)],
      SEN65: () => this.indices(),
      SEN66: () => [...this.indices(), word(this.air.co2, 1)],
      SEN68: () => [...this.indices(), word(this.air.hcho, 10)],
    };
    const codes: Record<Sen6xModel, number> = { SEN63C: 0x0471, SEN65: 0x0446, SEN66: 0x0300, SEN68: 0x0467 };
    this.commands = {
      33: this.start(50),
      260: this.stop(1000),
      514: this.ready,
      [codes[model]]: this.values(() => [...this.mass(), ...this.climate(), ...rest[model]()]),
      790: this.values(() => {
        const { nc0_5, nc1, nc2_5, nc4, nc10 } = this.air;
        return [nc0_5, nc1, nc2_5, nc4, nc10].map((value) => word(value, 10));
      }),
      53268: this.text(model),
      53299: this.text("0123456789ABCDEF"),
      53504: { ms: 0, run: () => [0x0102] },
      53776: this.flags,
      54020: this.reset(1200),
      ...(hasCo2 && this.co2Commands()),
    };
  }

  private co2Commands(): { [code: number]: TwinCommand } {
    return {
      26375: {
        ms: 500,
        run: ([target]) => {
          if (this.measuring) throw new Error("not acknowledged");
          this.recalibratedTo = target;
          return [0x8000 + 12];
        },
      },
      26385: {
        ms: 20,
        run: ([isOn]) => {
          this.selfCalibration = isOn === 1;
          return undefined;
        },
      },
      26422: {
        ms: 20,
        run: ([altitude]) => {
          this.altitude = altitude!;
          return undefined;
        },
      },
    };
  }
}

export class Sps30Twin extends ParticleTwin {
  readonly address = 0x69;
  /** 2.1 and before know no status. */
  firmware = 0x0203;
  protected readonly commands;
  #wholeNumbers = false;

  constructor(options: TwinOptions) {
    super(options);
    const start = this.start(20);
    const status = (command: TwinCommand): TwinCommand => ({
      ...command,
      run: (words: readonly number[]) => {
        if (this.firmware < 0x0202) throw new Error("not acknowledged");
        return command.run(words);
      },
    });
    this.commands = {
      16: {
        ms: 20,
        run: (words: readonly number[]) => {
          this.#wholeNumbers = words[0] === 0x0500;
          return start.run(words);
        },
      },
      260: this.stop(20),
      514: this.ready,
      768: this.values(() => this.all()),
      53250: this.text("00080000"),
      53299: this.text("00080000001CA5E3"),
      53504: { ms: 0, run: () => [this.firmware] },
      53766: status(this.flags),
      53776: status({ ms: 5, run: () => undefined }),
      54020: this.reset(100),
    };
  }

  private all(): number[] {
    if (!this.#wholeNumbers) throw new Error("floats are not simulated");
    const { pm1, pm2_5, pm4, pm10, nc0_5, nc1, nc2_5, nc4, nc10, particleSize } = this.air;
    const whole = [pm1, pm2_5, pm4, pm10, nc0_5, nc1, nc2_5, nc4, nc10].map((value) => word(value, 1));
    return [...whole, word(particleSize, 1000)];
  }
}
