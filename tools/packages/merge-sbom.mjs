import { FIRMWARE_PACKAGES, FIRMWARE_PARTS, PAGE_PACKAGES } from "./firmware-parts.mjs";

/** References that say what a part is; where a copy of it lies is no part of that. */
const REFERENCES = ["vcs", "website", "issue-tracker"];

/**
 * npm's own list (`npm sbom --sbom-format cyclonedx`) with the firmware's parts added, and without what differs from
 * run to run or place to place: time, serial number, the folder's name, download addresses.
 */
export function mergedSbom(npm, { name, version }) {
  const ref = `${name}@${version}`;
  const { serialNumber: _, metadata, components, dependencies, ...head } = npm;
  const { timestamp: __, component, ...rest } = metadata;
  const own = { ...component, type: "firmware", name, "bom-ref": ref };
  const parts = FIRMWARE_PARTS.map(formatPart);
  const refs = parts.map((part) => part["bom-ref"]);
  return {
    ...head,
    metadata: { ...rest, component: withoutDownloads(own) },
    components: [...components.map((each) => withoutDownloads(placed(each))), ...parts].sort(byRef),
    dependencies: [
      ...dependencies.map((each) =>
        each.ref === component["bom-ref"] ? { ref, dependsOn: [...each.dependsOn, ...refs].sort() } : each,
      ),
      ...refs.map((each) => ({ ref: each, dependsOn: [] })),
    ].sort((a, b) => (a.ref < b.ref ? -1 : 1)),
  };
}

function formatPart({ name, version, licence, purl, cpe, what }) {
  return {
    "bom-ref": `${name}@${version}`,
    type: name === "freertos" ? "operating-system" : "library",
    name,
    version,
    scope: "required",
    description: what,
    licenses: [/ (AND|OR) /.test(licence) ? { expression: licence } : { license: { id: licence } }],
    ...(purl && { purl }),
    ...(cpe && { cpe }),
    properties: [{ name: "aerolink:in", value: "firmware" }],
  };
}

function placed(component) {
  const { name, properties = [] } = component;
  const where = FIRMWARE_PACKAGES.includes(name)
    ? "firmware"
    : PAGE_PACKAGES.includes(name)
      ? "simulator page"
      : "tools and tests";
  return { ...component, properties: [...properties, { name: "aerolink:in", value: where }] };
}

function withoutDownloads({ externalReferences = [], ...component }) {
  const kept = externalReferences.filter(
    ({ type, url }) => REFERENCES.includes(type) && !/\.t(ar\.)?gz$/.test(url),
  );
  return kept.length > 0 ? { ...component, externalReferences: kept } : component;
}

const byRef = (a, b) => (a["bom-ref"] < b["bom-ref"] ? -1 : 1);
