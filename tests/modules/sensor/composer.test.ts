import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { silentLogger } from "../../../modules/base/logger";
import { Settings } from "../../../modules/configuration/settings";
import type { SettingKey } from "../../../modules/configuration/settings-table";
import { Composer } from "../../../modules/sensor/composer";
import { EPA_2021 } from "../../../modules/sensor/pms/epa-2021";
import type { PmCorrection, Sensor, SensorChoice } from "../../../modules/sensor/sensor";
import { QUANTITY_NAMES } from "../../../modules/telemetry/quantities";
import type { Measurement } from "../../../modules/telemetry/reading";
import { MemoryStore } from "../../support/memory-store";
import { fuzz } from "../../support/volume";

/** A sensor with what a test gives it. */
class Part implements Sensor {
  readonly model: string;
  readonly serialNumber = "A1";
  readonly pmCorrection?: PmCorrection;
  values: Measurement | undefined;
  fault: string | undefined;
  told = 0;

  constructor(model: string, values: Measurement | undefined, pmCorrection?: PmCorrection) {
    this.model = model;
    this.values = values;
    if (pmCorrection) this.pmCorrection = pmCorrection;
  }

  get ageMs(): number | undefined {
    return this.values && 2_500;
  }

  sample(): Measurement | undefined {
    return this.values;
  }

  configure(): void {
    this.told++;
  }

  close(): void {}
}

class Co2Part extends Part {
  readonly calibrated: number[] = [];

  calibrate(co2: number): "warming-up" | undefined {
    if (!this.values) return "warming-up";
    this.calibrated.push(co2);
    return undefined;
  }
}

function compose(sensors: readonly Sensor[], set: object = {}, wins?: SensorChoice): Composer {
  const settings = new Settings({ log: silentLogger, store: new MemoryStore() });
  for (const [key, value] of Object.entries(set)) settings.set(key as SettingKey, value);
  return new Composer({ sensors, wins, settings });
}

const four = () => ({
  scd41: new Co2Part("SCD41", { co2: 600, temperature: 24, humidity: 35 }),
  sht45: new Part("SHT45", { temperature: 21, humidity: 42 }),
  sgp41: new Part("SGP41", { vocRaw: 30_000, noxRaw: 16_000 }),
  pms5003: new Part("PMS5003", { pm1: 4, pm2_5: 12, pm10: 15 }, EPA_2021),
});
/** Place 1 is the SHT45. */
const WINS = { temperature: 1, humidity: 1 } as const;
const listOf = (parts: ReturnType<typeof four>): Sensor[] => Object.values(parts);

describe("A measurement of four sensors", () => {
  test("has each quantity of the sensor that the board's table names, else of the first that has a value", () => {
    const parts = four();
    expect(compose(listOf(parts), {}, WINS).sample()).toEqual({
      ...{ co2: 600, temperature: 21, humidity: 42, vocRaw: 30_000, noxRaw: 16_000 },
      ...{ pm1: 4, pm2_5: 12, pm10: 15 },
    });
    expect(compose(listOf(parts)).sample()).toMatchObject({ temperature: 24, humidity: 35 });
    parts.scd41.values = { co2: 600 };
    expect(compose(listOf(parts)).sample()).toMatchObject({ co2: 600, temperature: 21, humidity: 42 });
  });

  test.each([
    ["scd41", ["co2"]],
    ["sht45", ["temperature", "humidity"]],
    ["sgp41", ["vocRaw", "noxRaw"]],
    ["pms5003", ["pm1", "pm2_5", "pm10"]],
  ] as const)("without its %s lacks what was that sensor's own, and nothing else", (dead, own) => {
    const parts = four();
    const composer = compose(listOf(parts), {}, WINS);
    const whole = composer.sample()!;
    parts[dead].values = undefined;
    parts[dead].fault = "connection lost";
    const rest: Measurement = { ...whole };
    for (const quantity of own) delete rest[quantity];
    expect(composer.sample()).toEqual(rest);
    expect(composer.fault).toBe(`${parts[dead].model}: connection lost`);
  });

  test("is none where no sensor has anything", () => {
    const parts = four();
    const composer = compose(listOf(parts), {}, WINS);
    for (const part of Object.values(parts)) part.values = part === parts.sgp41 ? {} : undefined;
    expect(composer.sample()).toBeUndefined();
    expect(compose([]).sample()).toBeUndefined();
  });

  test("is of the sensors' values alone, whatever they give and whatever table a board has", () => {
    const values = fc.dictionary(fc.constantFrom(...QUANTITY_NAMES), fc.nat(100), { noNullPrototype: true });
    const list = fc.array(fc.option(values, { nil: undefined }), { maxLength: 4 });
    const wins = fc.dictionary(fc.constantFrom(...QUANTITY_NAMES), fc.nat(4), { noNullPrototype: true });
    fc.assert(
      fc.property(list, wins, (given, table) => {
        const composer = compose(
          given.map((each, i) => new Part(`S${i}`, each)),
          {},
          table,
        );
        const expected: Measurement = {};
        for (const quantity of QUANTITY_NAMES) {
          const winner = table[quantity];
          const source =
            winner === undefined ? given.find((each) => each?.[quantity] !== undefined) : given[winner];
          if (source?.[quantity] !== undefined) expected[quantity] = source[quantity];
        }
        expect(composer.sample() ?? {}).toEqual(expected);
        const told = composer.reports.flatMap(({ quantities }) => quantities);
        expect([...told].sort()).toEqual(Object.keys(expected).sort());
      }),
      fuzz(),
    );
  });
});

describe("What is told of the sensors", () => {
  test("is each one's own, and what the last measurement took from it", () => {
    const parts = four();
    parts.sht45.fault = "wrong CRC";
    const composer = compose(listOf(parts), {}, WINS);
    composer.sample();
    expect(composer.reports.slice(0, 2)).toEqual([
      { model: "SCD41", serial: "A1", fault: null, age: 2, quantities: ["co2"] },
      {
        ...{ model: "SHT45", serial: "A1", fault: "wrong CRC", age: 2 },
        quantities: ["temperature", "humidity"],
      },
    ]);
  });

  test("is summed up for those who know one sensor only", () => {
    const parts = four();
    const composer = compose(listOf(parts));
    expect([composer.model, composer.fault]).toEqual(["SCD41 + SHT45 + SGP41 + PMS5003", undefined]);
    parts.sht45.fault = "wrong CRC";
    parts.pms5003.fault = "starting";
    expect(composer.fault).toBe("SHT45: wrong CRC, PMS5003: starting");
    const alone = new Part("SEN55", undefined);
    alone.fault = "not found";
    expect(compose([alone])).toMatchObject({ model: "SEN55", fault: "not found" });
    expect(compose([])).toMatchObject({ model: "none", fault: "no sensor found" });
  });

  test("reaches every sensor when a setting has changed", () => {
    const parts = four();
    compose(listOf(parts)).configure();
    expect(Object.values(parts).map(({ told }) => told)).toEqual([1, 1, 1, 1]);
  });
});

describe("Offsets", () => {
  const offset = (values: Measurement | undefined, set: object) =>
    compose([new Part("SEN66", values)], set).sample();

  test("are added in their units, and the rest is as it was", () => {
    expect(
      offset(
        { temperature: 21, humidity: 40, co2: 600, pm2_5: 3 },
        { temperatureOffset: -150, humidityOffset: 250, co2Offset: 20 },
      ),
    ).toEqual({ temperature: 19.5, humidity: 42.5, co2: 620, pm2_5: 3 });
  });

  test("leave absent what is absent, and the sensor's own values alone", () => {
    expect(offset({ pm1: 1 }, { temperatureOffset: 100, co2Offset: 9 })).toEqual({ pm1: 1 });
    expect(offset(undefined, { temperatureOffset: 100 })).toBeUndefined();
    const values = { temperature: 20 };
    offset(values, { temperatureOffset: 100 });
    expect(values).toEqual({ temperature: 20 });
  });

  test("leave humidity within 0 and 100 %, carbon dioxide not below 0", () => {
    expect(offset({ humidity: 95, co2: 100 }, { humidityOffset: 1_000, co2Offset: -500 })).toEqual({
      humidity: 100,
      co2: 0,
    });
    expect(offset({ humidity: 5 }, { humidityOffset: -1_000 })).toEqual({ humidity: 0 });
  });

  test("are told, those alone that changed something", () => {
    const composer = compose([new Part("SEN55", { temperature: 20, humidity: 40 })], {
      ...{ temperatureOffset: -150, co2Offset: 9 },
    });
    composer.sample();
    expect(composer.corrected).toEqual({ temperature: -1.5 });
  });
});

describe("PM2.5 without the water on the particles", () => {
  const EPA = { pmCorrection: "epa-2021" };

  test("is not touched unless a person asks for it", () => {
    const composer = compose(listOf(four()));
    expect(composer.sample()).toMatchObject({ pm2_5: 12 });
    expect(composer.corrected).toEqual({});
  });

  test("is what the fit says, with the humidity that is told, and it is said", () => {
    const composer = compose(listOf(four()), { ...EPA, humidityOffset: 1_000 }, WINS);
    expect(composer.sample()!.pm2_5).toBeCloseTo(0.524 * 12 - 0.0862 * 52 + 5.75, 9);
    expect(composer.sample()).toMatchObject({ pm1: 4, pm10: 15 });
    expect(composer.corrected).toEqual({ humidity: 10, pm2_5: "epa-2021" });
  });

  test("leaves sensors alone that it is not for", () => {
    const composer = compose([new Part("SPS30", { pm2_5: 12, humidity: 40 })], EPA);
    expect(composer.sample()).toMatchObject({ pm2_5: 12 });
    expect(composer.corrected).toEqual({});
  });

  test("is absent without a humidity: never corrected today and not tomorrow", () => {
    const parts = four();
    parts.sht45.values = undefined;
    const composer = compose(listOf(parts), EPA, WINS);
    expect(composer.sample()).toEqual({ co2: 600, vocRaw: 30_000, noxRaw: 16_000, pm1: 4, pm10: 15 });
    expect(compose([new Part("PMS5003", { pm2_5: 3 }, EPA_2021)], EPA).sample()).toBeUndefined();
  });
});

describe("Forced recalibration", () => {
  test("goes to the sensor that measures CO₂, and its answer comes back", () => {
    const parts = four();
    const composer = compose(listOf(parts));
    expect(composer.calibrate(430)).toBeUndefined();
    expect(parts.scd41.calibrated).toEqual([430]);
    parts.scd41.values = undefined;
    expect(composer.calibrate(430)).toBe("warming-up");
  });

  test("goes to the one that the board believes, where two could", () => {
    const first = new Co2Part("S8", { co2: 1 });
    const second = new Co2Part("SCD41", { co2: 2 });
    compose([first, second], {}, { co2: 1 }).calibrate(430);
    expect([first.calibrated, second.calibrated]).toEqual([[], [430]]);
  });

  test("is refused where nothing can do it", () => {
    expect(compose([new Part("SEN55", {})]).calibrate(430)).toBe("no-co2-sensor");
    expect(compose([]).calibrate(430)).toBe("no-co2-sensor");
  });
});
