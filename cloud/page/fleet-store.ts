import type { FleetRow } from "./answers";
import { type Api, ApiFailure } from "./api";

/** Devices a call: the first are there at once, and ten thousand are twenty calls. */
const AT_ONCE = 500;
const FIRST = `/api/v3/external/fleet?limit=${AT_ONCE}`;
/** All of a small fleet; of a large one a page each time. */
const REFRESH_MS = 10_000;
const LEAST_MS = 2_000;

/** The fleet as it is known here: every page of it once, then one after the other anew. */
export class FleetStore {
  rows: ReadonlyMap<string, FleetRow> = new Map();
  isComplete = false;
  failure: ApiFailure | undefined;
  onChange: () => void = () => {};
  #api: Api;
  /** What each page had. */
  #pages: { readonly path: string; readonly ids: readonly string[] }[] = [];
  #turn = 0;
  #timer: number | undefined;
  #isOpen = false;
  #isAsking = false;

  constructor(api: Api) {
    this.#api = api;
  }

  open(): void {
    if (this.#isOpen) return;
    this.#isOpen = true;
    document.addEventListener("visibilitychange", this.#wake);
    void this.#go();
  }

  close(): void {
    this.#isOpen = false;
    document.removeEventListener("visibilitychange", this.#wake);
    clearTimeout(this.#timer);
  }

  /** Whoever comes back to the page does not wait for its next turn. */
  #wake = (): void => {
    if (document.hidden || this.#isAsking) return;
    clearTimeout(this.#timer);
    void this.#go();
  };

  async #go(): Promise<void> {
    if (!document.hidden || !this.isComplete) {
      this.#isAsking = true;
      try {
        if (this.isComplete) await this.#refresh();
        else await this.#load();
        this.failure = undefined;
      } catch (error) {
        this.failure = error instanceof ApiFailure ? error : new ApiFailure("away", String(error));
      }
      this.#isAsking = false;
      this.onChange();
    }
    if (!this.#isOpen) return;
    const wait = this.failure ? LEAST_MS : Math.max(REFRESH_MS / Math.max(this.#pages.length, 1), LEAST_MS);
    this.#timer = window.setTimeout(() => void this.#go(), wait);
  }

  async #load(): Promise<void> {
    this.#pages = [];
    for (let path: string | undefined = FIRST; path !== undefined; )
      path = await this.#take(path, this.#pages.length);
    this.isComplete = true;
  }

  async #refresh(): Promise<void> {
    const index = this.#turn++ % this.#pages.length;
    const next = await this.#take(this.#pages[index]!.path, index);
    // Devices that came since are in the last page, or behind it.
    if (next !== undefined && index === this.#pages.length - 1) await this.#take(next, index + 1);
  }

  /** Returns the path of the next page. */
  async #take(path: string, index: number): Promise<string | undefined> {
    const { data, next } = await this.#api.page<FleetRow[]>(path);
    const rows = new Map(this.rows);
    for (const id of this.#pages[index]?.ids ?? []) rows.delete(id);
    for (const row of data) rows.set(row.device.mqtt_id, row);
    this.rows = rows;
    this.#pages[index] = { path, ids: data.map(({ device }) => device.mqtt_id) };
    this.onChange();
    return next;
  }
}
