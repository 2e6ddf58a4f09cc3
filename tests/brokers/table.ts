import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { CASES, type Case } from "./cases";
import type { MqttVersion, Product } from "./product";

const FLEET = new URL("../../docs/fleet.md", import.meta.url);
const BEGIN = "<!-- brokers: written by npm run test:brokers -->\n";
const END = "<!-- end of brokers -->";

/** What each broker did, a column for each version of MQTT that it speaks. */
export class Table {
  readonly #columns = new Map<string, Map<Case, string>>();
  readonly #products: readonly Product[];

  constructor(products: readonly Product[]) {
    this.#products = products;
  }

  set(product: Product, version: MqttVersion, name: Case, cell: string): void {
    const key = title(product, version);
    const column = this.#columns.get(key) ?? new Map<Case, string>();
    this.#columns.set(key, column.set(name, cell));
  }

  /** Every cell of every broker is there. */
  get isWhole(): boolean {
    return this.#titles.every((each) => this.#columns.get(each)?.size === Object.keys(CASES).length);
  }

  /** Into docs/fleet.md, between its marks. */
  write(): void {
    const page = readFileSync(FLEET, "utf8");
    const from = page.indexOf(BEGIN);
    const to = page.indexOf(END);
    if (from < 0 || to < from) throw new Error("docs/fleet.md: no place for the brokers");
    writeFileSync(FLEET, `${page.slice(0, from + BEGIN.length)}\n${this.#text}\n${page.slice(to)}`);
  }

  get #titles(): string[] {
    return this.#products.flatMap((product) => product.versions.map((version) => title(product, version)));
  }

  get #text(): string {
    const titles = this.#titles;
    const rows = (Object.keys(CASES) as Case[]).map((name) => {
      const cells = titles.map((each) => this.#columns.get(each)?.get(name) ?? "");
      return `| ${[CASES[name], ...cells].join(" | ")} |`;
    });
    const versions = this.#products.map((product) => `${product.name} ${versionOf(product)}`);
    return [
      `Debian's ${versions.join(", ")}.`,
      "",
      `| | ${titles.join(" | ")} |`,
      `| --- |${" --- |".repeat(titles.length)}`,
      ...rows,
      "",
    ].join("\n");
  }
}

const title = ({ name, versions }: Product, version: MqttVersion): string =>
  versions.length === 1 ? name : `${name}, ${version === 4 ? "3.1.1" : "5"}`;

/** As Debian has it, without Debian's own part. */
function versionOf({ packages }: Product): string {
  const [first] = packages.split(" ");
  const status = execFileSync("dpkg-query", ["-s", first!], { encoding: "utf8" });
  return /^Version: (?:\d+:)?([^-+\n]+)/m.exec(status)?.[1] ?? "";
}
