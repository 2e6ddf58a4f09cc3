import { useState } from "preact/hooks";
import type { Api } from "./api";
import { Outcome } from "./cards/card";
import { Manifest, releaseOf } from "./cards/firmware";
import { useDoing } from "./hooks";
import type { Selection } from "./rollout";

/** A release for many devices: first a few, then more, then all. */
export function NewRollout({ api, onMade }: { api: Api; onMade(): void }) {
  const [manifest, setManifest] = useState("");
  const [tag, setTag] = useState("");
  const [stages, setStages] = useState("1, 10, 100");
  const [hours, setHours] = useState("24");
  const doing = useDoing();
  const release = releaseOf(manifest);
  const make = async (): Promise<string> => {
    const devices: Selection = tag.trim() === "" ? { all: true } : { tag: tag.trim() };
    await api.send("POST", "rollouts", {
      manifest: manifest.trim(),
      devices,
      stages: stages
        .split(/[,\s]+/)
        .filter(Boolean)
        .map(Number),
      soak_hours: Number(hours),
    });
    onMade();
    return "It has begun.";
  };
  return (
    <form
      class="card-like"
      onSubmit={(event) => {
        event.preventDefault();
        void doing.run(make);
      }}
    >
      <Manifest value={manifest} onChange={setManifest} />
      <div class="settings">
        <label>
          <span>
            Devices with the tag <small>empty: all</small>
          </span>
          <input
            pattern="[a-z0-9\-]+"
            value={tag}
            onInput={({ currentTarget }) => setTag(currentTarget.value)}
          />
        </label>
        <label>
          <span>
            Stages <small>percent, the last is 100</small>
          </span>
          <input
            required
            pattern="\d+([, ]+\d+)*"
            value={stages}
            onInput={({ currentTarget }) => setStages(currentTarget.value)}
          />
        </label>
        <label>
          <span>
            Hours to see <small>between stages</small>
          </span>
          <input
            type="number"
            required
            min={0}
            value={hours}
            onInput={({ currentTarget }) => setHours(currentTarget.value)}
          />
        </label>
      </div>
      <button type="submit" class="primary" disabled={doing.isBusy || release === undefined}>
        {release === undefined ? "Begin" : `Begin with ${release.version} (release ${release.release})`}
      </button>
      <Outcome doing={doing} />
    </form>
  );
}
