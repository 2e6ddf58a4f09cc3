import { beforeEach, describe, expect, it, vi } from "vitest";
import { silentLogger } from "../../../modules/base/logger";
import type { Board } from "../../../modules/board/board";
import type { BoardParts } from "../../../modules/board/board-parts";
import { CRC_LENGTH, HEADER_LENGTH, LENGTH_OFFSET, parseIdentity } from "../../../modules/identity/identity";
import { formatIdentity } from "../../../tools/identity/format";
import { FakeRadioDriver } from "../../support/fake-radio-driver";
import { sampleIdentity } from "../../support/identity";

const mocks = vi.hoisted(() => ({
  config: {} as { led?: { pin: number } },
  resetReason: 1,
  partitions: new Map<string, Uint8Array>(),
  reads: [] as number[],
  crash: undefined as string | undefined,
  slots: { two: true, running: 0 },
}));
vi.mock("mc/config", () => ({ default: mocks.config }));
// Native code, and flash with partitions of a test's making.
vi.mock("../../../modules/board/esp32/chip", () => ({
  resetReason: () => mocks.resetReason,
  randomBytes: (count: number) => Uint8Array.from({ length: count }, (_, i) => 255 - i).buffer,
  freeHeap: () => 120_000,
  lowestHeap: () => 80_000,
  lastCrash: () => mocks.crash,
}));
vi.mock("../../../modules/signed/native/verify", () => ({ Sha256: class {}, verifyEs256: () => true }));
vi.mock("../../../modules/update/esp32/slots", () => ({
  areTwo: () => mocks.slots.two,
  running: () => mocks.slots.running,
}));
vi.mock("../../../modules/tls/engine", () => ({
  default: class {
    addAuthority = () => true;
    addCertificate = () => true;
    setKey = ([first]: Uint8Array) => first === 1;
    close() {}
  },
}));
vi.mock("../../../wifi/esp32/driver", () => ({
  default: class extends FakeRadioDriver {
    static mac() {
      return "a4:cf:12:aa:bb:cc";
    }
  },
}));
vi.mock("embedded:storage/flash", () => ({
  default: {
    open({ path }: { path: string }) {
      const bytes = mocks.partitions.get(path);
      if (!bytes) throw new Error("can't find partition");
      return {
        read(length: number, offset: number) {
          mocks.reads.push(length);
          return bytes.slice(offset, offset + length).buffer;
        },
      };
    },
  },
}));

const NO_SETTINGS = { altitude: 0, co2SelfCalibration: true };

/** Each call is a boot with hardware of its own. */
async function boot(file: string, resetReason = 1) {
  vi.resetModules();
  mocks.resetReason = resetReason;
  const { BOARD } = (await import(`../../../modules/board/${file}.ts`)) as { BOARD: BoardParts };
  const { Esp32Board } = await import("../../../modules/board/esp32");
  const board: Board = new Esp32Board(BOARD);
  const Digital = (await import("../../../sim/sdk/digital")).default;
  const NeoPixel = (await import("../../../sim/sdk/neopixel")).default;
  const PWM = (await import("../../../sim/sdk/pwm")).default;
  const I2C = (await import("../../../sim/sdk/i2c")).default;
  const Serial = (await import("../../../sim/sdk/serial")).default;
  return { board, Digital, NeoPixel, PWM, I2C, Serial };
}

beforeEach(() => {
  mocks.crash = undefined;
  mocks.slots = { two: true, running: 0 };
  delete mocks.config.led;
  mocks.partitions.clear();
  mocks.reads.length = 0;
  vi.stubGlobal("trace", vi.fn());
});

describe.each([
  ["esp32-devkitc", "ESP32-DevKitC", 0, 21, 22],
  ["m5atom-lite", "M5Atom Lite", 39, 26, 32],
  ["esp32c3-devkit", "ESP32-C3-DevKit", 9, 4, 5],
  ["esp32s3-devkit", "ESP32-S3-DevKitC", 0, 4, 5],
])("%s", (file, name, button, data, clock) => {
  it("names itself", async () => {
    expect((await boot(file)).board.name).toBe(name);
  });

  it(`reads a button to ground on GPIO ${button}`, async () => {
    const { board, Digital } = await boot(file);
    Digital.setLevel(button, 1);
    expect(board.readButton?.()).toBe(false);
    Digital.setLevel(button, 0);
    expect(board.readButton?.()).toBe(true);
  });

  it("pulls the button's pin up inside unless the board does it", async () => {
    const { board, Digital } = await boot(file);
    Digital.setLevel(button, undefined);
    expect(board.readButton?.()).toBe(file === "m5atom-lite");
  });

  it(`looks for the sensor on GPIO ${data} and ${clock}`, async () => {
    const { board, I2C } = await boot(file);
    const [sensor] = board.openSensors(silentLogger, NO_SETTINGS);
    expect(I2C.opened.map(({ options }) => options)).toMatchObject([{ data, clock, address: 0x69 }]);
    expect(sensor!.sample()).toBeUndefined();
    sensor!.close();
  });
});

describe.each([
  ["airgradient-one", "AirGradient ONE", ["PMS5003", "S8", "SHT4x", "SGP41"]],
  ["airgradient-open-air", "AirGradient Open Air", ["PMS5003T", "S8", "SGP41"]],
])("%s", (file, name, models) => {
  it("has its sensors on I²C of SDA 7 and SCL 6, and on both UARTs", async () => {
    const { board, I2C, Serial } = await boot(file);
    expect(board.name).toBe(name);
    const sensors = board.openSensors(silentLogger, NO_SETTINGS);
    expect(sensors.map(({ model }) => model)).toEqual(models);
    for (const { options } of I2C.opened) expect(options).toMatchObject({ data: 7, clock: 6 });
    expect(Serial.opened.map(({ options }) => options)).toMatchObject([
      { port: 0, transmit: 21, receive: 20, baud: 9600 },
      { port: 1, transmit: 1, receive: 0, baud: 9600 },
    ]);
    for (const sensor of sensors) sensor.close();
  });

  it("pulses the watchdog on GPIO 2, and reads the button on GPIO 9", async () => {
    const { board, Digital } = await boot(file);
    Digital.setLevel(9, 0);
    expect(board.readButton?.()).toBe(true);
    board.watchdog!.feed();
    expect(Digital.levelOf(2)).toBe(1);
  });
});

it("airgradient-one has eleven lamps on GPIO 10, all alike", async () => {
  const { board, NeoPixel } = await boot("airgradient-one");
  board.openLed().write({ r: 0, g: 0, b: 255 });
  expect(NeoPixel.opened.map(({ pin, sent }) => [pin, sent])).toEqual([
    [10, [Array.from({ length: 11 }, () => [0, 0, 254]).flat()]],
  ]);
});

it("airgradient-open-air has a plain LED on GPIO 10", async () => {
  const { board, PWM } = await boot("airgradient-open-air");
  board.openLed().write({ r: 0, g: 0, b: 255 });
  expect([...PWM.opened.keys()]).toEqual([10]);
  expect(PWM.opened.get(10)!.written.at(-1)).toBe(1023);
});

describe("what all boards share", () => {
  it("opens one radio: its MAC is known at once, and the access point is its other half", async () => {
    const { board } = await boot("m5atom-lite");
    expect(() => board.openAccessPoint()).toThrow("openRadio comes first");
    expect(board.openRadio(silentLogger).mac).toBe("a4:cf:12:aa:bb:cc");
    expect(board.openAccessPoint().clients).toBe(0);
  });

  it("takes random bytes from the chip", async () => {
    const { board } = await boot("m5atom-lite");
    expect([...board.randomBytes(3)]).toEqual([255, 254, 253]);
  });

  it("tells free memory", async () => {
    expect((await boot("m5atom-lite")).board.heap?.()).toEqual({ free: 120_000, lowest: 80_000 });
  });

  it("has slots where the partition table has two places for images, and none where it has one", async () => {
    mocks.slots.running = 3;
    expect((await boot("m5atom-lite")).board.openSlots()?.runningState()).toBe("valid");
    mocks.slots.two = false;
    expect((await boot("m5atom-lite")).board.openSlots()).toBeUndefined();
  });

  it("tells of the last crash where there is a core dump", async () => {
    const { board } = await boot("m5atom-lite");
    expect(board.lastCrash?.()).toBeUndefined();
    mocks.crash = "task xs image 1a2b3c4d5 pc 42012345 from";
    expect(board.lastCrash?.()).toBe(mocks.crash);
  });

  it("has its signatures judged by mbedTLS", async () => {
    const { signatures } = (await boot("m5atom-lite")).board;
    expect(signatures.verifyEs256(new Uint8Array(65), new Uint8Array(0), new Uint8Array(64))).toBe(true);
    expect(signatures.sha256()).toBeInstanceOf(Object);
  });

  it("reads the identity, and of its partition no more than the image", async () => {
    const partition = formatIdentity(sampleIdentity());
    mocks.partitions.set("identity", partition);
    const read = (await boot("m5atom-lite")).board.readIdentity();
    expect(parseIdentity(new Uint8Array(read!))).toEqual(sampleIdentity());
    const fields = new DataView(partition.buffer, partition.byteOffset).getUint16(LENGTH_OFFSET, true);
    expect(mocks.reads).toEqual([HEADER_LENGTH, HEADER_LENGTH + fields + CRC_LENGTH]);
  });

  it("reads eight bytes of a partition that was never written", async () => {
    mocks.partitions.set("identity", new Uint8Array(8192).fill(0xff));
    const read = (await boot("m5atom-lite")).board.readIdentity();
    expect(parseIdentity(new Uint8Array(read!))).toBe("missing");
    expect(mocks.reads).toEqual([HEADER_LENGTH]);
  });

  it("can use an identity whose key the TLS engine takes, and no other", async () => {
    const { board } = await boot("m5atom-lite");
    const withKey = (first: number) => ({ ...sampleIdentity(), privateKey: Uint8Array.of(first) });
    expect([board.canUse(withKey(1)), board.canUse(withKey(2))]).toEqual([true, false]);
  });

  it("has no identity where the partition table has none", async () => {
    expect((await boot("m5atom-lite")).board.readIdentity()).toBeUndefined();
  });
});

it.each([
  ["m5atom-lite", 27],
  ["esp32c3-devkit", 8],
  ["esp32s3-devkit", 48],
])("%s lights an addressable LED on GPIO %i", async (file, pin) => {
  const { board, NeoPixel } = await boot(file);
  board.openLed().write({ r: 255, g: 0, b: 0 });
  expect(NeoPixel.opened.map((pixel) => [pixel.pin, pixel.sent])).toEqual([[pin, [[0, 254, 0]]]]);
});

it("esp32s3-devkit takes the LED's pin of board revision 1.1 from the manifest", async () => {
  mocks.config.led = { pin: 38 };
  const { board, NeoPixel } = await boot("esp32s3-devkit");
  board.openLed();
  expect(NeoPixel.opened.map(({ pin }) => pin)).toEqual([38]);
});

it("esp32-devkitc lights an RGB LED on GPIO 25, 26 and 27", async () => {
  const { board, PWM } = await boot("esp32-devkitc");
  board.openLed().write({ r: 255, g: 0, b: 0 });
  expect([25, 26, 27].map((pin) => PWM.opened.get(pin)?.written.at(-1))).toEqual([1023, 0, 0]);
});

it.each([
  [1, "power-on"],
  [3, "restart"],
  [4, "panic"],
  [6, "task watchdog"],
  [9, "brownout"],
  [15, "CPU lock-up"],
  [99, "unknown (99)"],
])("says why the last run ended: %i is %s", async (reason, text) => {
  expect((await boot("m5atom-lite", reason)).board.resetReason).toBe(text);
});

it("restarts through the SDK and says why on the console", async () => {
  const restart = vi.fn();
  const log = vi.fn();
  vi.stubGlobal("System", { restart });
  vi.stubGlobal("trace", log);
  (await boot("m5atom-lite")).board.restart("a person asked");
  expect(log).toHaveBeenCalledWith("restart: a person asked\n");
  expect(restart).toHaveBeenCalledOnce();
  vi.unstubAllGlobals();
});
