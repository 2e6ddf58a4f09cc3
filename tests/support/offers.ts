/** What the cloud reads of a signed manifest; nobody here checks the signature. */
export function manifestOf(changes: Readonly<Record<string, unknown>> = {}): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  const manifest = {
    ...{ v: 1, release: 12, version: "0.3.0", boards: ["simulator"], from: 1 },
    ...{ sha256: "5".repeat(64), expires: 4_000_000_000, ...changes },
  };
  return `${part({ alg: "ES256", typ: "aerolink-manifest+jwt" })}.${part(manifest)}.c2ln`;
}

/** `update/state` of a device that runs release 5, as far as nothing else is said. */
export const updateStateText = (changes: Readonly<Record<string, unknown>> = {}): string =>
  JSON.stringify({
    ...{ v: 1, state: "idle", release: null, running: 5, version: "0.2.0", progress: 0, confirmed: 5 },
    ...{ updates: "automatic", ...changes },
  });

/** `identity/state` of a device whose certificate holds for 100 days after 1 July 2026, noon. */
export const identityStateText = (changes: Readonly<Record<string, unknown>> = {}): string =>
  JSON.stringify({
    ...{ v: 1, state: "current", source: "factory", expires: 1_782_907_200 + 100 * 86_400, daysLeft: 100 },
    ...{ list: 0, renewal: true, release: 5, ...changes },
  });
