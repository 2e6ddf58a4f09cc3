import { useState } from "preact/hooks";
import { COMMANDS, type CommandName } from "../../modules/commands/command-table";
import type { Message } from "../live/protocol";
import type { Act } from "./act";
import { outcomeOf } from "./message-outcome";
import { parseObject } from "./parse-object";

/** Sends commands and settings as the cloud does, and says what the device made of the last one. */
export function Commands({
  messages,
  unixMs,
  act,
}: {
  messages: readonly Message[];
  unixMs: number;
  act: Act;
}) {
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
        <Answer to="command" messages={messages} unixMs={unixMs} />
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
        <Answer to="config/desired" messages={messages} unixMs={unixMs} />
      </form>
    </>
  );
}

/** Of what was sent last. */
function Answer({
  to,
  messages,
  unixMs,
}: {
  to: "command" | "config/desired";
  messages: readonly Message[];
  unixMs: number;
}) {
  const last = messages.findLast(({ topic }) => topic === to);
  const { look, says } = last ? outcomeOf(last, messages, unixMs) : { look: "plain", says: "" };
  return (
    <p class={`outcome across ${look}`} role="status" data-answer={to} data-look={look}>
      {last && says}
    </p>
  );
}

function exampleOf(name: CommandName): Record<string, unknown> {
  const specs = Object.entries(COMMANDS[name].args as Record<string, { type: string; default?: number }>);
  return Object.fromEntries(
    specs.map(([key, spec]) => [key, spec.default ?? (key === "ssid" ? "Home" : "")]),
  );
}
