import { useState } from "preact/hooks";
import type { Me } from "../answers";
import { type Api, devicePath } from "../api";
import { useDoing, usePolled } from "../hooks";
import { spelt } from "../words";
import { Card, mayNot, Outcome } from "./card";

type Settings = Readonly<Record<string, unknown>>;

interface Desired {
  readonly desired: { readonly version: number; readonly settings: Settings } | null;
  readonly reported: {
    readonly state?: string;
    readonly version?: number;
    readonly settings?: Settings;
  } | null;
}

interface Report {
  readonly state?: string;
  readonly errors?: Readonly<Record<string, string>>;
  readonly fault?: string;
  readonly reason?: string;
}

export const SettingsCard = ({ api, me, id }: { api: Api; me: Me; id: string }) => (
  <Card name="settings" title="Settings">
    {() => <Inside api={api} me={me} id={id} />}
  </Card>
);

/** What the device reports, and what is desired of it and not so yet. Settings are those that the device names. */
function Inside({ api, me, id }: { api: Api; me: Me; id: string }) {
  const { value, failure, again } = usePolled(`desired ${id}`, 0, () =>
    api.get<Desired>(devicePath(id, "desired")),
  );
  const [edits, setEdits] = useState<Readonly<Record<string, string>>>({});
  const doing = useDoing();
  if (!value) return <p class="waiting">{failure?.message ?? "Asking the device…"}</p>;
  const reported = value.reported?.settings ?? {};
  const desired = value.desired?.settings ?? {};
  const names = [...new Set([...Object.keys(reported), ...Object.keys(desired)])];
  if (names.length === 0) return <p>The device has not reported its settings yet.</p>;
  const refused = mayNot(me, "api:write:desired");
  const changes = Object.entries(edits).filter(
    ([name, text]) => text !== textOf(desired[name] ?? reported[name]),
  );
  const save = async (): Promise<string> => {
    const settings = Object.fromEntries(
      changes.map(([name, text]) => [name, parsed(text, reported[name] ?? desired[name])]),
    );
    const said = wordsOf(await api.send<Report>("PATCH", devicePath(id, "desired"), { settings }));
    setEdits({});
    again();
    return said;
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void doing.run(save);
      }}
    >
      <div class="settings">
        {names.map((name) => {
          const now = reported[name];
          const wanted = Object.hasOwn(desired, name) ? desired[name] : now;
          const isPending = textOf(wanted) !== textOf(now);
          return (
            <div class="setting" key={name}>
              <label htmlFor={`set-${name}`}>
                {spelt(name)}
                {isPending && now !== undefined && (
                  <small>
                    {" "}
                    is {textOf(now) || "empty"}, desired is {textOf(wanted)}
                  </small>
                )}
              </label>
              <Field
                name={name}
                like={now ?? wanted}
                value={edits[name] ?? textOf(wanted)}
                isDisabled={refused !== undefined}
                onChange={(text) => setEdits((before) => ({ ...before, [name]: text }))}
              />
            </div>
          );
        })}
      </div>
      {refused ?? (
        <div class="act">
          <button type="submit" class="primary" disabled={doing.isBusy || changes.length === 0}>
            {changes.length === 0
              ? "Nothing changed"
              : `Set ${changes.length === 1 ? "one setting" : `${changes.length} settings`}`}
          </button>
          <button
            type="button"
            disabled={doing.isBusy}
            onClick={() => {
              setEdits({});
              again();
            }}
          >
            Read again
          </button>
        </div>
      )}
      <Outcome doing={doing} />
      <p class="hint">
        A device that is away takes them when it comes. A wrong value refuses all of a change.
      </p>
    </form>
  );
}

function Field(props: {
  name: string;
  like: unknown;
  value: string;
  isDisabled: boolean;
  onChange(text: string): void;
}) {
  const { name, like, value, isDisabled, onChange } = props;
  if (typeof like === "boolean" && !/password/i.test(name))
    return (
      <select
        id={`set-${name}`}
        name={name}
        value={value}
        disabled={isDisabled}
        onChange={({ currentTarget }) => onChange(currentTarget.value)}
      >
        <option value="true">yes</option>
        <option value="false">no</option>
      </select>
    );
  const common = {
    id: `set-${name}`,
    name,
    disabled: isDisabled,
    autocomplete: "off",
    onInput: ({ currentTarget }: { currentTarget: HTMLInputElement }) => onChange(currentTarget.value),
  } as const;
  if (typeof like === "number") return <input {...common} type="number" step="any" value={value} />;
  if (!/password/i.test(name)) return <input {...common} type="text" value={value} />;
  // What it is is never told, only whether there is one.
  const typed = value === "true" || value === "false" ? "" : value;
  const placeholder = like === true ? "there is one" : "none";
  return <input {...common} type="password" placeholder={placeholder} value={typed} />;
}

const textOf = (value: unknown): string =>
  value === undefined || value === null ? "" : Array.isArray(value) ? value.join(", ") : String(value);

/** Of the type that the device reports. What is none of it goes out as text: the device says what is wrong with it. */
function parsed(text: string, like: unknown): unknown {
  if (typeof like === "number")
    return text.trim() !== "" && Number.isFinite(Number(text)) ? Number(text) : null;
  if (typeof like === "boolean" && (text === "true" || text === "false")) return text === "true";
  if (Array.isArray(like))
    return text
      .split(",")
      .map((each) => each.trim())
      .filter((each) => each !== "");
  return text;
}

function wordsOf({ state, errors = {}, fault, reason }: Report): string {
  const wrong = Object.entries(errors).map(
    ([name, error]) => `${spelt(name)}: ${spelt(error).toLowerCase()}`,
  );
  if (state === "applied") return "The device has taken them.";
  if (state === "trying-broker")
    return "The device tries the new broker, and comes back within five minutes if it does not hold.";
  throw new Error(
    [`The device says “${spelt(state ?? fault ?? "nothing").toLowerCase()}”.`, ...wrong, reason]
      .filter(Boolean)
      .join(" "),
  );
}
