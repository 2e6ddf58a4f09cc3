import { useState } from "preact/hooks";
import type { Act } from "./act";

/** Sends a command as the cloud does; its result comes back among the messages. */
export function Commands({ act }: { act: Act }) {
  const [name, setName] = useState("ping");
  const [args, setArgs] = useState("{}");
  const parsed = parseArgs(args);
  return (
    <form
      class="commands"
      onSubmit={(event) => {
        event.preventDefault();
        if (parsed && name) void act({ do: "command", name, args: parsed });
      }}
    >
      <label>
        Command
        <input type="text" value={name} maxLength={64} onInput={(e) => setName(e.currentTarget.value)} />
      </label>
      <label>
        Arguments
        <input
          type="text"
          value={args}
          aria-invalid={!parsed}
          spellcheck={false}
          onInput={(e) => setArgs(e.currentTarget.value)}
        />
      </label>
      <button type="submit" disabled={!parsed || !name}>
        Send
      </button>
    </form>
  );
}

function parseArgs(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return { ...value };
  } catch {}
  return undefined;
}
