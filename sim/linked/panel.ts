import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import QRCode from "qrcode";
import { formatWifiCode } from "../../tools/identity/label";
import { parseAction } from "../live/actions";
import type { PageEvent } from "../live/protocol";
import type { Show } from "../live/show";
import { SCENARIOS } from "../scenes/scenarios";
import { replaceFile, type Supply } from "./linked-board";

const LOOK_MS = 100;

/**
 * The panel of the Moddable simulator (sim/moddable/aerolink.js), which has files and no sockets: what it shows is in
 * `panel.json`, what a person asks for there in `asks.json`, both in the board's folder. It is the board's power
 * supply too: it starts and stops the application in the simulator's window.
 */
export class Panel implements Supply {
  #shows: string;
  #asks: string;
  #life = 0;
  #on = false;
  #done = 0;
  #page: string | undefined;
  #show: Show | undefined;
  #lastFault: string | undefined;
  #written = "";
  #looking: NodeJS.Timeout | undefined;

  constructor(folder: string) {
    this.#shows = join(folder, "panel.json");
    this.#asks = join(folder, "asks.json");
    rmSync(this.#asks, { force: true });
  }

  on(life: number): void {
    this.#life = life;
    this.#on = true;
    this.#write();
  }

  async off(): Promise<void> {
    this.#on = false;
    this.#write();
  }

  /** From now on the panel shows `show`, and its switches act on it. */
  open(show: Show, page: string | undefined): void {
    this.#show = show;
    this.#page = page;
    const stop = show.subscribe((event) => this.#take(event));
    const timer = setInterval(() => this.#look(), LOOK_MS);
    this.#looking = timer;
    this.close = () => {
      clearInterval(timer);
      stop();
    };
    this.#write();
  }

  close = (): void => clearInterval(this.#looking);

  #take(event: PageEvent): void {
    if (event.t === "log" && (event.line.level === "warn" || event.line.level === "error"))
      this.#lastFault = `${event.line.room}: ${event.line.text}`;
    else if (event.t === "state") {
      if (event.state.device.status === "online") this.#lastFault = undefined;
      this.#write();
    }
  }

  #write(): void {
    const state = this.#show?.state;
    const text = JSON.stringify({
      life: this.#life,
      on: this.#on,
      scenes: SCENARIOS.map(({ name }) => name),
      page: this.#page,
      ...(state && {
        device: state.device,
        qr: qrRows(formatWifiCode(state.device.setupSsid, state.device.setupPassword)),
        router: state.routers[0],
        broker: state.broker,
        scene: state.scene,
        portal: state.phone,
        readings: state.counts.readings,
        fault: this.#lastFault,
      }),
    });
    if (text === this.#written) return;
    this.#written = text;
    replaceFile(this.#shows, text);
  }

  /** Each thing that was asked for, once and in order. */
  #look(): void {
    if (!existsSync(this.#asks)) return;
    let asks: { n: number; action: unknown }[];
    try {
      asks = JSON.parse(readFileSync(this.#asks, "utf8"));
    } catch {
      return; // half written: the next look finds it whole
    }
    for (const { n, action } of asks) {
      if (n <= this.#done) continue;
      this.#done = n;
      const known = parseAction(JSON.stringify(action));
      if (known) void this.#show?.act(known);
    }
  }
}

/** Dark modules as ones, a string for each row. */
function qrRows(text: string): string[] {
  const { modules } = QRCode.create(text, { errorCorrectionLevel: "M" });
  return Array.from({ length: modules.size }, (_, row) =>
    Array.from({ length: modules.size }, (_, column) => (modules.get(row, column) ? "1" : "0")).join(""),
  );
}
