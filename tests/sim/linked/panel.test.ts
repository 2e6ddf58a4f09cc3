import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Panel } from "../../../sim/linked/panel";
import type { Action, PageEvent } from "../../../sim/live/protocol";
import type { Show } from "../../../sim/live/show";
import { SCENARIOS } from "../../../sim/scenes/scenarios";
import { homeRouter } from "../../../sim/world/router";

let folder: string;
let panel: Panel;
let acted: Action[];
let tell: (event: PageEvent) => void;
let status: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "aerolink-"));
  panel = new Panel(folder);
  acted = [];
  status = "offline";
});
afterEach(() => {
  panel.close();
  rmSync(folder, { recursive: true, force: true });
});

function show(): Show {
  return {
    get state() {
      return {
        device: { id: "d", mac: "m", setupSsid: "Aerolink-1", setupPassword: "secret12", on: true, status },
        routers: [homeRouter()],
        broker: true,
        phone: {},
        counts: { readings: 7 },
      };
    },
    subscribe: (listener: (event: PageEvent) => void) => {
      tell = listener;
      return () => {};
    },
    act: async (action: Action) => void acted.push(action),
  } as unknown as Show;
}

const shown = () => JSON.parse(readFileSync(join(folder, "panel.json"), "utf8"));
const ask = (...asks: [number, unknown][]) =>
  writeFileSync(join(folder, "asks.json"), JSON.stringify(asks.map(([n, action]) => ({ n, action }))));

test("The power and the life of the board are there before anything else is", async () => {
  panel.on(3);
  expect(shown()).toMatchObject({ on: true, life: 3, scenes: SCENARIOS.map(({ name }) => name) });
  await panel.off();
  expect(shown()).toMatchObject({ on: false });
});

test("It shows the label with its code, the router and the last fault, until all is well", () => {
  panel.open(show(), "http://127.0.0.1:8420/");
  expect(shown()).toMatchObject({ page: "http://127.0.0.1:8420/", readings: 7, router: { ssid: "Home" } });
  const { qr } = shown() as { qr: string[] };
  expect(qr.length).toBeGreaterThan(20);
  expect(qr.every((row) => row.length === qr.length && /^[01]+$/.test(row))).toBe(true);
  expect(qr[0]!.slice(0, 7)).toBe("1111111");

  const line = { n: 1, unixMs: 0, level: "warn", room: "wifi", text: '"Home" not-found' } as const;
  tell({ t: "log", line });
  tell({ t: "state", state: show().state });
  expect(shown().fault).toBe('wifi: "Home" not-found');
  status = "online";
  tell({ t: "state", state: show().state });
  expect(shown().fault).toBeUndefined();
});

test("What is asked for is done once and in order; what is no action, and half a file, is not", async () => {
  panel.open(show(), undefined);
  ask([11, { do: "power", on: false }], [12, { do: "mend" }]);
  await vi.waitFor(() => expect(acted).toHaveLength(2));
  writeFileSync(join(folder, "asks.json"), '[{"n":13,"act');
  await new Promise((resolve) => setTimeout(resolve, 250));
  ask(
    [11, { do: "power", on: false }],
    [12, { do: "mend" }],
    [13, { do: "erase", on: 1 }],
    [14, { do: "broker", on: false }],
  );
  await vi.waitFor(() => expect(acted).toHaveLength(3));
  expect(acted).toEqual([{ do: "power", on: false }, { do: "mend" }, { do: "broker", on: false }]);
});

test("What the last window asked for is forgotten", async () => {
  ask([5, { do: "mend" }]);
  const next = new Panel(folder);
  next.open(show(), undefined);
  await new Promise((resolve) => setTimeout(resolve, 250));
  next.close();
  expect(acted).toEqual([]);
});
