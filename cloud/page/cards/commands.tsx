import { useState } from "preact/hooks";
import type { Me } from "../answers";
import { type Api, devicePath } from "../api";
import { useDoing } from "../hooks";
import { spelt } from "../words";
import { Card, mayNot, Outcome } from "./card";
import { COMMANDS, type CommandEntry } from "./command-table";

interface Result {
  readonly ok: boolean;
  readonly error?: string;
  readonly result?: Readonly<Record<string, unknown>>;
}

export const CommandsCard = ({ api, me, id }: { api: Api; me: Me; id: string }) => (
  <Card name="commands" title="Commands">
    {() =>
      mayNot(me, "api:write:command") ?? (
        <ul class="commands">
          {Object.entries(COMMANDS).map(([name, entry]) => (
            <Command key={name} api={api} id={id} name={name} entry={entry} />
          ))}
        </ul>
      )
    }
  </Card>
);

function Command({ api, id, name, entry }: { api: Api; id: string; name: string; entry: CommandEntry }) {
  const { label, says, args = [], ask } = entry;
  const [values, setValues] = useState(() =>
    Object.fromEntries(args.map(({ name: each, usual }) => [each, usual])),
  );
  const [isAsking, setAsking] = useState(false);
  const doing = useDoing();
  const send = async (): Promise<string> => {
    const given = args.map((each) => [
      each.name,
      each.isText ? values[each.name]! : Number(values[each.name]),
    ]);
    const answer = await api.send<Result>("POST", devicePath(id, "commands"), {
      name,
      ...(given.length > 0 && { args: Object.fromEntries(given) }),
    });
    if (!answer.ok)
      throw new Error(`The device refused: ${spelt(answer.error ?? "no reason given").toLowerCase()}.`);
    const told = Object.entries(answer.result ?? {}).map(([what, value]) => `${what} ${String(value)}`);
    return told.length === 0 ? "Done." : `Done: ${told.join(", ")}.`;
  };
  const go = (): void => {
    setAsking(false);
    void doing.run(send);
  };
  return (
    <li>
      <form
        data-command={name}
        onSubmit={(event) => {
          event.preventDefault();
          if (ask === undefined || isAsking) go();
          else setAsking(true);
        }}
      >
        <p class="what">
          <b>{label}</b> <small>{says}</small>
        </p>
        <div class="act">
          {args.map(({ name: each, label: title, least, most, isText }) => (
            <input
              key={each}
              required
              aria-label={`${label}: ${title}`}
              placeholder={title}
              {...(isText ? { type: "text", maxLength: 32 } : { type: "number", min: least, max: most })}
              value={values[each]}
              onInput={({ currentTarget: { value } }) =>
                setValues((before) => ({ ...before, [each]: value }))
              }
            />
          ))}
          {isAsking ? (
            <>
              <span class="ask">{ask}</span>
              <button type="submit" class="danger">
                Yes
              </button>
              <button type="button" onClick={() => setAsking(false)}>
                No
              </button>
            </>
          ) : (
            <button type="submit" disabled={doing.isBusy} aria-label={`Send: ${label}`}>
              Send
            </button>
          )}
        </div>
      </form>
      <Outcome doing={doing} />
    </li>
  );
}
