import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { FIRMWARE_PACKAGES, FIRMWARE_PARTS, PAGE_PACKAGES } from "../../../tools/packages/firmware-parts.mjs";
import { judgeAudit } from "../../../tools/packages/judge-audit.mjs";
import { mergedSbom } from "../../../tools/packages/merge-sbom.mjs";
import { limit } from "../../support/limit";
import { fuzz } from "../../support/volume";

const read = (path: string): string => readFileSync(new URL(`../../../${path}`, import.meta.url), "utf8");

interface Component {
  readonly "bom-ref": string;
  readonly name: string;
  readonly version: string;
  readonly licenses: readonly ({ license: { id?: string; name?: string } } | { expression: string })[];
  readonly externalReferences?: readonly { type: string; url: string }[];
  readonly properties: readonly { name: string; value: string }[];
}

interface Sbom {
  readonly bomFormat: string;
  readonly specVersion: string;
  readonly metadata: { readonly component: Record<string, unknown> };
  readonly components: readonly Component[];
  readonly dependencies: readonly { ref: string; dependsOn: readonly string[] }[];
}

const inside = ({ properties }: Component) => properties.find(({ name }) => name === "aerolink:in")?.value;

describe("The bill of materials", () => {
  let npm: unknown;
  let sbom: Sbom;
  beforeAll(() => {
    const root = new URL("../../../", import.meta.url);
    npm = JSON.parse(
      execFileSync("npm", ["sbom", "--sbom-format", "cyclonedx"], { cwd: root, encoding: "utf8" }),
    );
    sbom = mergedSbom(npm, JSON.parse(read("package.json"))) as Sbom;
  }, limit(60_000));

  it("is CycloneDX, and the same wherever and whenever it is made", () => {
    expect(sbom).toMatchObject({
      bomFormat: "CycloneDX",
      specVersion: "1.5",
      metadata: {
        component: { name: "aerolink", type: "firmware", "bom-ref": expect.stringMatching(/^aerolink@\d/) },
      },
    });
    expect(sbom).not.toHaveProperty("serialNumber");
    expect(sbom.metadata).not.toHaveProperty("timestamp");
  });

  it("names every package that is installed, and each part once, with version, licence and place", () => {
    const lock = JSON.parse(read("package-lock.json")) as {
      packages: Record<string, { optional?: boolean; link?: boolean }>;
    };
    const needed = Object.entries(lock.packages).filter(
      ([path, { optional, link }]) => path.includes("node_modules/") && !optional && !link,
    );
    const refs = sbom.components.map((part) => part["bom-ref"]);
    expect(new Set(refs).size).toBe(refs.length);
    const names = new Set(sbom.components.map(({ name }) => name));
    const missing = needed
      .map(([path]) => path.slice(path.lastIndexOf("node_modules/") + 13))
      .filter((name) => !names.has(name));
    expect(missing).toEqual([]);
    const poor = sbom.components.filter(
      (part) => !/^\d/.test(part.version) || !part.licenses?.length || inside(part) === undefined,
    );
    expect(poor).toEqual([]);
  });

  it("says what ends in a device, and that the firmware needs it", () => {
    const shipped = sbom.components.filter((part) => inside(part) === "firmware");
    expect(shipped.map(({ name }) => name).sort()).toEqual(
      [...FIRMWARE_PARTS.map(({ name }) => name), ...FIRMWARE_PACKAGES].sort(),
    );
    const own = sbom.dependencies.find(({ ref }) => ref === sbom.metadata.component["bom-ref"])!;
    for (const part of shipped) expect(own.dependsOn).toContain(part["bom-ref"]);
  });

  it("names no registry and no download", () => {
    const references = sbom.components.flatMap(({ externalReferences = [] }) => externalReferences);
    expect(references.length).toBeGreaterThan(100);
    const others = references.filter(
      ({ type, url }) =>
        !["vcs", "website", "issue-tracker"].includes(type) || /registry|\.tgz$|\.tar\.gz$/.test(url),
    );
    expect(others).toEqual([]);
    const other = { type: "distribution", url: "https://downloads.example/a.tgz" };
    const { components } = npm as { components: object[] };
    const again = mergedSbom(
      {
        ...(npm as object),
        components: components.map((each) => ({ ...each, externalReferences: [other] })),
      },
      { name: "aerolink", version: "1" },
    );
    expect(JSON.stringify(again)).not.toContain("downloads.example");
  });

  it("is of the packages that the firmware and the page really import", () => {
    const bundler = read("tools/packages/bundle-mqtt-packet.mjs");
    for (const name of FIRMWARE_PACKAGES) expect(bundler).toContain(`"${name}`);
    const page = ["app", "plot/plot", "main"].map((name) => read(`sim/page/${name}.tsx`)).join("");
    for (const name of PAGE_PACKAGES) expect(page).toContain(`"${name}`);
  });

  it("has a notice for everything that ends in a device", () => {
    const notices = read("THIRD-PARTY.md");
    for (const { name, licence } of FIRMWARE_PARTS) expect(notices).toContain(`| ${name} | ${licence} |`);
    for (const name of [...FIRMWARE_PACKAGES, ...PAGE_PACKAGES])
      expect(notices).toContain(`| ${name} | MIT |`);
    const licence = read("node_modules/mqtt-packet/LICENSE.md");
    const [, copyright] = /^(Copyright .*)$/m.exec(licence) ?? [];
    expect(notices).toContain(copyright ?? "no copyright line");
  });
});

describe("The audit", () => {
  const answer = (...found: { name: string; severity: string }[]) =>
    judgeAudit(
      JSON.stringify({
        metadata: {},
        vulnerabilities: Object.fromEntries(found.map((each) => [each.name, each])),
      }),
    );

  it.each([
    "",
    "{",
    "null",
    "[]",
    '{"error":{"code":"E405"}}',
    '{"vulnerabilities":{}}',
    '{"vulnerabilities":7}',
  ])("is silence where the registry gives no answer (%j), and that is no failure", (text) => {
    const { failed, lines } = judgeAudit(text);
    expect([failed, lines.length]).toEqual([false, 1]);
    expect(lines[0]).toContain("no answer");
  });

  it("fails for what is grave, or ends in a device", () => {
    expect(answer()).toEqual({ failed: false, lines: ["audit: no known flaw"] });
    expect(answer({ name: "vite", severity: "low" })).toEqual({ failed: false, lines: ["audit: vite, low"] });
    expect(answer({ name: "vite", severity: "high" }).failed).toBe(true);
    expect(answer({ name: "mqtt-packet", severity: "low" })).toEqual({
      failed: true,
      lines: ["audit: mqtt-packet, low, in the firmware"],
    });
  });

  it("takes whatever a registry says", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        expect(judgeAudit(text).lines.length).toBeGreaterThan(0);
      }),
      fuzz(300),
    );
  });
});
