import { useEffect, useState } from "preact/hooks";
import type { Me } from "./answers";
import { type Api, devicePath } from "./api";
import { mayNot, Outcome } from "./cards/card";
import { type Certificate, RENEWAL, WRITE } from "./cards/certificate";
import { useDoing, usePolled } from "./hooks";
import { deviceLink } from "./links";
import { Rollout, type RolloutAnswer } from "./rollout";
import { NewRollout } from "./rollout-form";
import { day } from "./words";

const LIVE_MS = 10_000;
const WITHIN_DAYS = 60;
/** That the API renews at once. */
const MOST = 200;

/** What is done to many devices: updates in stages, certificates that end. */
export function Care({ api, me }: { api: Api; me: Me }) {
  useEffect(() => {
    document.title = "Updates and certificates – Aerolink";
  }, []);
  return (
    <>
      <h1>Updates and certificates</h1>
      <Rollouts api={api} me={me} />
      <Certificates api={api} me={me} />
    </>
  );
}

function Rollouts({ api, me }: { api: Api; me: Me }) {
  const { value, failure, again } = usePolled("rollouts", LIVE_MS, () =>
    api.get<RolloutAnswer[]>("rollouts"),
  );
  const [isNew, setNew] = useState(false);
  const refused = mayNot(me, "api:write:update");
  return (
    <section aria-labelledby="rollouts-heading">
      <div class="bar">
        <h2 id="rollouts-heading">Updates in stages</h2>
        {!refused && value && (
          <button type="button" aria-expanded={isNew} onClick={() => setNew(!isNew)}>
            {isNew ? "Not now" : "New rollout"}
          </button>
        )}
      </div>
      {refused}
      {isNew && (
        <NewRollout
          api={api}
          onMade={() => {
            setNew(false);
            again();
          }}
        />
      )}
      {!value && <p class="waiting">{failure ? unable(failure) : "Asking the cloud…"}</p>}
      {value?.length === 0 && !isNew && (
        <p class="waiting">
          No release has been rolled out from here. One goes first to a few devices, and to the next once
          these run it.
        </p>
      )}
      {value?.map((each) => (
        <Rollout key={each.id} api={api} rollout={each} mayChange={!refused} onChange={again} />
      ))}
    </section>
  );
}

const unable = ({ reason, message }: { reason: string; message: string }): string =>
  reason === "not-found" ? "This cloud does not do that." : message;

function Certificates({ api, me }: { api: Api; me: Me }) {
  const { value, failure, again } = usePolled("certificates", LIVE_MS * 6, () =>
    api.get<Certificate[]>(`certificates?within_days=${WITHIN_DAYS}`),
  );
  const doing = useDoing();
  const refused = mayNot(me, WRITE);
  const due = value?.filter(({ renewal }) => renewal !== "none").slice(0, MOST) ?? [];
  const renew = async (): Promise<string> => {
    const { asked, results } = await api.send<{ asked: number; results: { outcome: string }[] }>(
      "POST",
      "certificates/renewals",
      { devices: { device_ids: due.map(({ device_id }) => device_id) } },
    );
    again();
    return `${asked} of ${results.length} devices have been asked; those that are away ask by themselves when they are due.`;
  };
  return (
    <section aria-labelledby="certificates-heading">
      <div class="bar">
        <h2 id="certificates-heading">Certificates that end within {WITHIN_DAYS} days</h2>
        {!refused && due.length > 0 && (
          <button type="button" disabled={doing.isBusy} onClick={() => void doing.run(renew)}>
            Renew {due.length === 1 ? "it" : `these ${due.length}`}
          </button>
        )}
      </div>
      <Outcome doing={doing} />
      {!value && <p class="waiting">{failure ? unable(failure) : "Asking the cloud…"}</p>}
      {value?.length === 0 && <p class="waiting">None. A device renews its own at two thirds of its time.</p>}
      {value && value.length > 0 && (
        <div class="table">
          <table>
            <thead>
              <tr>
                <th scope="col">Device</th>
                <th scope="col">Ends</th>
                <th scope="col">Renewed</th>
                <th scope="col">State</th>
                {!refused && <th scope="col">Now</th>}
              </tr>
            </thead>
            <tbody>
              {value.map((each) => (
                <DueRow key={each.mqtt_id} api={api} of={each} mayRenew={!refused} onChange={again} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

function DueRow({
  api,
  of,
  mayRenew,
  onChange,
}: {
  api: Api;
  of: Certificate;
  mayRenew: boolean;
  onChange(): void;
}) {
  const { mqtt_id, friendlyName, certificate, renewal, state, reason, online } = of;
  const doing = useDoing();
  const renew = async (): Promise<string> => {
    await api.send("POST", devicePath(mqtt_id, "certificate/renewal"));
    onChange();
    return "asked";
  };
  return (
    <tr>
      <th scope="row">
        <a href={deviceLink(mqtt_id)}>{friendlyName}</a>
      </th>
      <td>
        {certificate
          ? `${day(Date.parse(certificate.expires))} (${certificate.days_left} days)`
          : "not known"}
      </td>
      <td>{RENEWAL[renewal]}</td>
      <td>{[state, reason].filter(Boolean).join(": ") || "–"}</td>
      {mayRenew && (
        <td>
          <button
            type="button"
            aria-label={`Renew the certificate of ${friendlyName}`}
            disabled={doing.isBusy || !online || renewal === "none"}
            onClick={() => void doing.run(renew)}
          >
            {doing.says === "asked" ? "Asked" : "Renew"}
          </button>
          {doing.isBad && <small class="bad">{doing.says}</small>}
        </td>
      )}
    </tr>
  );
}
