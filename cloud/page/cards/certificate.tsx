import type { DeviceStatus, Me } from "../answers";
import { type Api, devicePath } from "../api";
import { useDoing, usePolled } from "../hooks";
import { day, spelt } from "../words";
import { Card, type DeviceCardProps, Facts, mayNot, Outcome } from "./card";

/** GET /devices/{id}/certificate */
export interface Certificate {
  readonly device_id: string;
  readonly mqtt_id: string;
  readonly friendlyName: string;
  readonly online: boolean;
  readonly certificate: { readonly expires: string; readonly days_left: number } | null;
  readonly renewal: "available" | "none" | "unknown";
  readonly state: string | null;
  readonly reason: string | null;
  readonly wait: string | null;
  readonly source: string | null;
  readonly failure: string | null;
  /** Why it cannot be asked; null: it can. */
  readonly cannot?: string | null;
  readonly heard_at: string | null;
}

const LIVE_MS = 10_000;
export const WRITE = "api:write:certificate";

export const RENEWAL = {
  available: "by itself, at two thirds of its time",
  none: "not by itself: its identity names no renewal service",
  unknown: "not known: the device has said nothing of it",
} as const satisfies Record<Certificate["renewal"], string>;

export function CertificateCard({ api, me, id, status }: DeviceCardProps) {
  const left = status?.certificate?.daysLeft;
  const fact = typeof left !== "number" ? undefined : left > 0 ? `${left} days left` : "has ended";
  return (
    <Card name="certificate" title="Certificate" {...(fact !== undefined && { fact })}>
      {() => <Inside api={api} me={me} id={id} status={status} />}
    </Card>
  );
}

function Inside({ api, me, id, status }: { api: Api; me: Me; id: string; status: DeviceStatus | null }) {
  const { value, failure, again } = usePolled(`certificate ${id}`, LIVE_MS, () =>
    api.get<Certificate>(devicePath(id, "certificate")),
  );
  const doing = useDoing();
  const renew = async (): Promise<string> => {
    await api.send("POST", devicePath(id, "certificate/renewal"));
    again();
    return "The device has been asked. It makes a new key, asks for a certificate, and tries it for a minute.";
  };
  const ends = status?.certificate ? status.certificate.expires * 1000 : undefined;
  if (!value)
    return (
      <>
        <Facts of={[["Ends", ends === undefined ? "not known" : day(ends)]]} />
        {failure && failure.reason !== "not-found" && <p class="outcome bad">{failure.message}</p>}
      </>
    );
  const { certificate, renewal, state, reason, wait, source, failure: last } = value;
  return (
    <>
      <Facts
        of={[
          [
            "Ends",
            certificate
              ? `${day(Date.parse(certificate.expires))}, in ${certificate.days_left} days`
              : "not known",
          ],
          ["From", source],
          ["Is renewed", RENEWAL[renewal]],
          ["State", state && `${spelt(state)}${wait ? `, for ${wait}` : ""}`],
          ["Last try", reason && [spelt(reason), last].filter(Boolean).join(": ")],
        ]}
      />
      {mayNot(me, WRITE) ?? (
        <>
          <button
            type="button"
            disabled={doing.isBusy || renewal === "none" || !value.online || typeof value.cannot === "string"}
            onClick={() => void doing.run(renew)}
          >
            Renew now
          </button>
          {(value.cannot || !value.online) && (
            <p class="hint">{value.cannot ?? "It can be asked once it is connected."}</p>
          )}
          <Outcome doing={doing} />
        </>
      )}
    </>
  );
}
