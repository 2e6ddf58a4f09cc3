import { useState } from "preact/hooks";
import type { DeviceInfo, Me } from "../answers";
import type { Api } from "../api";
import { useDoing } from "../hooks";
import { Card, Facts, mayNot, Outcome } from "./card";

interface Props {
  readonly api: Api;
  readonly me: Me;
  readonly device: DeviceInfo;
  onChange(): void;
}

export const PlaceCard = (props: Props) => (
  <Card name="place" title="Name and place">
    {() => <Inside {...props} />}
  </Card>
);

function Inside({ api, me, device, onChange }: Props) {
  const { friendlyName, is_indoor, latitude, longitude } = device.metadata;
  const [name, setName] = useState(friendlyName);
  const [isIndoor, setIndoor] = useState(is_indoor);
  const [north, setNorth] = useState(latitude === null ? "" : String(latitude));
  const [east, setEast] = useState(longitude === null ? "" : String(longitude));
  const doing = useDoing();
  const refused = mayNot(me, "api:write:device");
  const numberOf = (text: string): number | null => (text.trim() === "" ? null : Number(text));
  const save = async (): Promise<string> => {
    await api.send("PATCH", `devices/${encodeURIComponent(device.mqtt_id)}`, {
      friendlyName: name,
      is_indoor: isIndoor,
      latitude: numberOf(north),
      longitude: numberOf(east),
    });
    onChange();
    return "Kept.";
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void doing.run(save);
      }}
    >
      <div class="settings">
        <label>
          <span>Name</span>
          <input
            required
            maxLength={128}
            value={name}
            disabled={!!refused}
            onInput={({ currentTarget }) => setName(currentTarget.value)}
          />
        </label>
        <label>
          <span>Where</span>
          <select
            value={isIndoor ? "in" : "out"}
            disabled={!!refused}
            onChange={({ currentTarget }) => setIndoor(currentTarget.value === "in")}
          >
            <option value="in">Indoors</option>
            <option value="out">Outdoors</option>
          </select>
        </label>
        <label>
          <span>Latitude</span>
          <input
            type="number"
            step="any"
            min={-90}
            max={90}
            value={north}
            disabled={!!refused}
            onInput={({ currentTarget }) => setNorth(currentTarget.value)}
          />
        </label>
        <label>
          <span>Longitude</span>
          <input
            type="number"
            step="any"
            min={-180}
            max={180}
            value={east}
            disabled={!!refused}
            onInput={({ currentTarget }) => setEast(currentTarget.value)}
          />
        </label>
      </div>
      {refused ?? (
        <button type="submit" class="primary" disabled={doing.isBusy}>
          Keep
        </button>
      )}
      <Outcome doing={doing} />
      <Facts
        of={[
          ["On MQTT", device.mqtt_id],
          ["In the API", device.device_id],
          ["Model", device.model],
          ["Serial number", device.serial],
        ]}
      />
    </form>
  );
}
