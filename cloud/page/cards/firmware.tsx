import { useState } from "preact/hooks";
import type { Me } from "../answers";
import { type Api, devicePath } from "../api";
import { useDoing, usePolled } from "../hooks";
import { ago, spelt } from "../words";
import { Card, type DeviceCardProps, Facts, mayNot, Outcome } from "./card";

interface Update {
  readonly update: {
    readonly state?: string;
    readonly release?: number | null;
    readonly running?: number;
    readonly version?: string;
    readonly progress?: number;
    readonly reason?: string;
    readonly wait?: string;
  } | null;
  readonly heard_at: string | null;
}

const LIVE_MS = 10_000;

export function FirmwareCard({ api, me, id, status }: DeviceCardProps) {
  const fact =
    status?.firmware === undefined ? undefined : `${status.firmware}, release ${status.release ?? "unknown"}`;
  return (
    <Card name="firmware" title="Firmware" {...(fact !== undefined && { fact })}>
      {() => <Inside api={api} me={me} id={id} />}
    </Card>
  );
}

function Inside({ api, me, id }: { api: Api; me: Me; id: string }) {
  const { value, failure } = usePolled(`update ${id}`, LIVE_MS, () =>
    api.get<Update>(devicePath(id, "update")),
  );
  return (
    <>
      {value?.update && <State {...value.update} heardAt={value.heard_at} />}
      {value && !value.update && <p>The device has said nothing of updates yet.</p>}
      {!value && failure && failure.reason !== "not-found" && <p class="outcome bad">{failure.message}</p>}
      {mayNot(me, "api:write:update") ?? <Offer api={api} id={id} />}
    </>
  );
}

function State(props: NonNullable<Update["update"]> & { heardAt: string | null }) {
  const { state, release, running, version, progress, reason, wait, heardAt } = props;
  return (
    <Facts
      of={[
        ["Runs", running === undefined ? undefined : `${version ?? ""} (release ${running})`],
        ["Update", state && `${spelt(state)}${wait ? `, for ${wait}` : ""}${reason ? `: ${reason}` : ""}`],
        ["Release", release == null || state === "idle" ? undefined : release],
        ["Loaded", progress === undefined || state !== "downloading" ? undefined : `${progress * 25} %`],
        ["Said", heardAt === null ? undefined : ago(Date.parse(heardAt), Date.now())],
      ]}
    />
  );
}

/** A signed manifest, from a file or pasted: the cloud cannot sign, and the device checks. */
function Offer({ api, id }: { api: Api; id: string }) {
  const [manifest, setManifest] = useState("");
  const doing = useDoing();
  const release = releaseOf(manifest);
  const offer = async (): Promise<string> => {
    await api.send("PUT", devicePath(id, "update-offer"), { manifest: manifest.trim() });
    setManifest("");
    return "It is offered. The device takes it within minutes, unless its settings say otherwise.";
  };
  const takeBack = async (): Promise<string> => {
    await api.send("DELETE", devicePath(id, "update-offer"));
    return "Nothing is offered any more.";
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void doing.run(offer);
      }}
    >
      <Manifest value={manifest} onChange={setManifest} />
      <div class="act">
        <button type="submit" class="primary" disabled={doing.isBusy || release === undefined}>
          {release === undefined ? "Offer" : `Offer ${release.version} (release ${release.release})`}
        </button>
        <button type="button" disabled={doing.isBusy} onClick={() => void doing.run(takeBack)}>
          Take the offer back
        </button>
      </div>
      <Outcome doing={doing} />
    </form>
  );
}

export function Manifest({ value, onChange }: { value: string; onChange(text: string): void }) {
  return (
    <>
      <label class="wide">
        <span>Signed manifest</span>
        <textarea
          rows={3}
          spellcheck={false}
          placeholder="eyJhbGciOiJFUzI1NiIs…"
          value={value}
          onInput={({ currentTarget }) => onChange(currentTarget.value)}
        />
      </label>
      <label class="wide">
        <span>… or its file, as npm run release writes it</span>
        <input
          type="file"
          onChange={async ({ currentTarget }) => onChange((await currentTarget.files?.[0]?.text()) ?? "")}
        />
      </label>
    </>
  );
}

/** Which release it names; `undefined`: it is no manifest. */
export function releaseOf(jws: string): { readonly release: number; readonly version: string } | undefined {
  try {
    const part = jws.trim().split(".")[1]!.replaceAll("-", "+").replaceAll("_", "/");
    const { release, version } = JSON.parse(atob(part)) as { release?: unknown; version?: unknown };
    return typeof release === "number" && typeof version === "string" ? { release, version } : undefined;
  } catch {
    return undefined;
  }
}
