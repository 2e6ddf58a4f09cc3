/** What a client may be allowed to do. A client has some of them, and a token all or some of its client's. */
export const SCOPES = {
  "api:read:device": "Read devices, their readings and what they say of themselves",
  "api:read:metrics": "Read /metrics",
  "api:read:operation": "See in /metrics what concerns all accounts: what was taken in and put aside",
  "api:read:audit": "Read who did what",
  "api:write:device": "Set name, place and visibility of a device",
  "api:delete:device": "Delete what a device has said",
  "api:write:desired": "Set what is desired of a device",
  "api:write:command": "Send commands to a device",
  "api:write:certificate": "Ask devices to renew their certificates",
  "api:write:update": "Offer updates to devices, and roll them out",
} as const;

export type ApiScope = keyof typeof SCOPES;

export const isScope = (text: string): text is ApiScope => Object.hasOwn(SCOPES, text);

/** RFC 6749, section 3.3: scopes with spaces between. `undefined`: one of them is none of ours. */
export function parseScopes(text: string): ReadonlySet<ApiScope> | undefined {
  const words = text.split(" ").filter((word) => word !== "");
  return words.every(isScope) ? new Set(words as ApiScope[]) : undefined;
}
