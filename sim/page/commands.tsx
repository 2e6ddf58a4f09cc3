import { useState } from "preact/hooks";
import { COMMANDS, type CommandName } from "../../modules/commands/command-table";
import type { Act } from "./act";
import { parseObject } from "./parse-object";

/** Sends commands and settings as the cloud does; what the device answers comes back among the messages. */
export function Commands({ act }: { act: Act }) {
  const [name, setName] = useState<CommandName>("ping");
  const [args, setArgs] = useState("{}");
  const [desired, setDesired] = useState('{"ledBrightness":40}');
  const parsedArgs = parseObject(args);
  const parsedDesired = parseObject(desired);
  return (
    <>
      <form
        class="commands"
        onSubmit={(event) => {
          event.preventDefault();
          if (parsedArgs) void act({ do: "command", name, args: parsedArgs });
        }}
      >
        <label>
          Command
          <select
            value={name}
            onChange={({ currentTarget }) => {
              const next = currentTarget.value as CommandName;
              setName(next);
              setArgs(JSON.stringify(exampleOf(next)));
            }}
          >
            {Object.keys(COMMANDS).map((each) => (
              <option key={each}>{each}</option>
            ))}
          </select>
        </label>
        <label>
          Arguments
          <input
            type="text"
            value={args}
            aria-invalid={!parsedArgs}
            spellcheck={false}
            onInput={({ currentTarget }) => setArgs(currentTarget.value)}
          />
        </label>
        <button type="submit" disabled={!parsedArgs}>
          Send
        </button>
      </form>
      <form
        class="commands wide"
        onSubmit={(event) => {
          event.preventDefault();
          if (parsedDesired) void act({ do: "configure", desired: parsedDesired });
        }}
      >
        <label>
          Desired settings
          <input
            type="text"
            value={desired}
            aria-invalid={!parsedDesired}
            spellcheck={false}
            onInput={({ currentTarget }) => setDesired(currentTarget.value)}
          />
        </label>
        <button type="submit" disabled={!parsedDesired}>
          Set
        </button>
      </form>
    </>
  );
}

function exampleOf(name: CommandName): Record<string, unknown> {
  const specs = Object.entries(COMMANDS[name].args as Record<string, { type: string; default?: number }>);
  return Object.fromEntries(
    specs.map(([key, spec]) => [key, spec.default ?? (key === "ssid" ? "Home" : "")]),
  );
}
