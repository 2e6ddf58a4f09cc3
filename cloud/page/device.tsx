import { useEffect } from "preact/hooks";
import type { FleetRow, History, Me, Reading } from "./answers";
import { type Api, devicePath } from "./api";
import { attentionOf } from "./attention";
import { CertificateCard } from "./cards/certificate";
import { CommandsCard } from "./cards/commands";
import { FirmwareCard } from "./cards/firmware";
import { HealthCard } from "./cards/health";
import { PlaceCard } from "./cards/place";
import { SettingsCard } from "./cards/settings";
import { HistorySection } from "./history";
import { useNow, usePolled } from "./hooks";
import { Light, LightTable, LightWords, litOf } from "./light";
import { historyPath } from "./links";
import { measuredIn } from "./quantities";
import { RANGES } from "./ranges";
import { Values } from "./values";
import { ago, moment, places } from "./words";

const LIVE_MS = 5_000;
/** For a line as wide as a thumb. */
const DAY_POINTS = 96;
const DAY_MS = 60_000;
/** The index is of 24 hours, and moves once an hour. */
const AQI_MS = 300_000;

/** One device: what the air is like, how it was, and how the device is. */
export function Device({ api, me, id }: { api: Api; me: Me; id: string }) {
  const query = new URLSearchParams({ device_id: id });
  const { value, failure, again } = usePolled(`row ${id}`, LIVE_MS, () =>
    api.get<FleetRow[]>(`fleet?${query}`),
  );
  const aqi = usePolled(`aqi ${id}`, AQI_MS, () =>
    api.get<Reading[]>(`telemetry/flat-format?${query}&telem[]=mcpm2x5_aqi&telem[]=mcpm10_aqi`),
  );
  const day = usePolled(`day ${id}`, DAY_MS, () => {
    const to = Math.ceil(Date.now() / 1000);
    const path = historyPath({ from: to - RANGES.day, to });
    return api.get<History>(devicePath(id, `${path}&points=${DAY_POINTS}`));
  });
  const now = useNow(5_000);
  const row = value?.[0];
  const name = row?.device.metadata.friendlyName;
  useEffect(() => {
    document.title = `${name ?? id} – Aerolink`;
  }, [name, id]);

  if (!row && failure?.reason === "not-found")
    return (
      <section class="empty">
        <h1>No such device</h1>
        <p>
          This account has no device that is called {id}. <a href="#/">All devices</a>
        </p>
      </section>
    );
  if (!row) return <p class="waiting">{failure?.message ?? "Asking the cloud…"}</p>;
  const lit = litOf(row.online, row.heard_at);
  const { metadata } = row.device;
  const { says } = attentionOf(row, now);
  // A sensor that has nothing to say for a moment still is the device's.
  const measured = row.latest ? measuredIn({ ...day.value?.values, ...row.latest }) : [];
  return (
    <>
      <div class="title">
        <Light lit={lit} isLarge />
        <div>
          <h1>{metadata.friendlyName}</h1>
          <p>
            <LightWords lit={lit} />
            {" · "}
            {metadata.is_indoor ? "Indoors" : "Outdoors"}
            {metadata.latitude !== null &&
              metadata.longitude !== null &&
              ` · ${places(metadata.latitude, metadata.longitude)}`}
            {" · "}
            {row.latest ? (
              <time dateTime={row.latest.timestamp} title={moment(Date.parse(row.latest.timestamp))}>
                measured {ago(Date.parse(row.latest.timestamp), now)}
              </time>
            ) : (
              "no reading yet"
            )}
          </p>
        </div>
      </div>
      {says !== "" && <p class="notice">{says}.</p>}
      {lit === "away" && <LightTable />}
      {row.latest ? (
        <>
          <Values
            measured={measured}
            reading={row.latest}
            aqi={aqi.value?.[0]}
            day={day.value}
            isIndoor={metadata.is_indoor}
          />
          <HistorySection api={api} id={id} isIndoor={metadata.is_indoor} measured={measured} />
        </>
      ) : (
        <p class="waiting">
          Nothing has been measured yet. Readings come with the first batch, minutes after the light is solid
          blue.
        </p>
      )}
      <section class="cards" aria-labelledby="device-heading">
        <h2 id="device-heading">The device</h2>
        <HealthCard api={api} me={me} id={id} />
        <SettingsCard api={api} me={me} id={id} />
        <CommandsCard api={api} me={me} id={id} />
        <FirmwareCard api={api} me={me} id={id} status={row.status} />
        <CertificateCard api={api} me={me} id={id} status={row.status} />
        <PlaceCard api={api} me={me} device={row.device} onChange={again} />
      </section>
    </>
  );
}
