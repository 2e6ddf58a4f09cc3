/** An argument of a command. All are required but those with a default. */
export type ArgumentSpec =
  | {
      readonly type: "integer";
      readonly least: number;
      readonly most: number;
      readonly unit: string;
      readonly default?: number;
    }
  /** Bytes of UTF-8, at least one. */
  | { readonly type: "text"; readonly mostBytes: number };

export interface CommandSpec {
  readonly args: { readonly [name: string]: ArgumentSpec };
  /**
   * It changes something, and must not do so twice: it is written to flash before it is run. What only asks is run
   * again when its id is repeated.
   */
  readonly acts: boolean;
}

/** All commands (docs/protocol.md). */
export const COMMANDS = Object.freeze(
  {
    ping: { args: {}, acts: false },
    identify: {
      args: { seconds: { type: "integer", least: 1, most: 300, unit: "s", default: 10 } },
      acts: true,
    },
    "read-now": { args: {}, acts: true },
    restart: { args: {}, acts: true },
    "get-diagnostics": { args: {}, acts: false },
    "setup-mode": { args: {}, acts: true },
    update: {
      args: { release: { type: "integer", least: 1, most: 0xffff_ffff, unit: "release" } },
      acts: true,
    },
    "boot-previous": { args: {}, acts: true },
    "renew-certificate": { args: {}, acts: true },
    "forget-network": { args: { ssid: { type: "text", mostBytes: 32 } }, acts: true },
  } as const satisfies Record<string, CommandSpec>,
  true,
);

export type CommandName = keyof typeof COMMANDS;

export function isCommandName(name: unknown): name is CommandName {
  return typeof name === "string" && Object.hasOwn(COMMANDS, name);
}
