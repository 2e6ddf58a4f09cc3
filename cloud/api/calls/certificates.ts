// Certificates of devices: how long they hold, and asking devices to renew them (docs/identity.md).
import type { IdentityState } from "../../payload/states";
import type { Selection } from "../../rollout/kept";
import type { KeyedDevice } from "../../store/devices";
import type { DeviceStatusRow } from "../../store/notes";
import type { Scope } from "../../store/scope";
import type { DeviceStates } from "../../store/states";
import { type Operation, operation } from "../http/operation";
import { json } from "../http/reply";
import { formatTime } from "../http/times";
import { type ApiParts, scopeOf } from "../parts";
import { DEVICE_PARAMETERS, devicesOf } from "../telemetry/selection";
import { CONTROL_ANSWERS, DEVICE_ANSWERS, ok } from "./answers";
import { audited } from "./audited";
import { controlOf, deviceCall } from "./device-call";
import { CERTIFICATE, RENEWALS, SELECTION } from "./fleet-schemas";
import { askToRenew, askToRenewEach, type RenewalOutcome, whyNotRenewed } from "./renewal";
import { arrayOf } from "./schemas";
import { devicesChosen, toldOf } from "./selected";

const DAY_SECONDS = 86_400;
const ASKS =
  "The device makes a key, asks the renewal service of its identity, tries what it gets and keeps it only once the broker has taken it; what becomes of it is in its certificate's `state`.";

interface ListQuery {
  readonly device_id?: readonly string[];
  readonly tag?: string;
  readonly within_days?: number;
}

export const certificateCalls = (parts: ApiParts): Operation[] => [
  operation<ListQuery>({
    id: "certificates",
    tag: "more",
    method: "GET",
    path: "/api/v3/external/certificates",
    says: "How long the certificates of devices hold, the next one to end first",
    needs: "api:read:device",
    query: {
      device_id: DEVICE_PARAMETERS.device_id,
      tag: DEVICE_PARAMETERS.tag,
      within_days: {
        schema: { type: "integer", minimum: 0, maximum: 36_500 },
        says: "Those that end within so many days",
      },
    },
    answers: { ...DEVICE_ANSWERS, 200: ok("Certificates", arrayOf(CERTIFICATE)) },
    run: async ({ query: { within_days: within, ...query }, principal }) => {
      const scope = scopeOf(principal);
      const devices = await devicesOf(parts.store, scope, query);
      const [statuses, states] = await heard(parts, scope);
      const all = devices.map((device) =>
        certificateOf(device, statuses.get(device.id), states.get(device.id), parts.store.seconds),
      );
      const days = ({ certificate }: Certificate): number => certificate?.days_left ?? Number.MAX_VALUE;
      return json(
        all
          .filter((each) => within === undefined || days(each) <= within)
          .sort((a, b) => days(a) - days(b) || (a.mqtt_id < b.mqtt_id ? -1 : 1)),
      );
    },
  }),
  deviceCall<undefined>(parts, {
    id: "certificate",
    method: "GET",
    path: "/certificate",
    says: "How long the certificate of a device holds, and whether it renews it",
    needs: "api:read:device",
    answer: { says: "As the device said it last", schema: CERTIFICATE },
    run: (device, _body, scope) => oneCertificate(parts, scope, device),
  }),
  deviceCall<undefined>(parts, {
    id: "renewCertificate",
    method: "POST",
    path: "/certificate/renewal",
    says: "Ask a device to renew its certificate",
    details: ASKS,
    needs: "api:write:certificate",
    action: "renew-certificate",
    answer: { status: 202, says: "It has been asked", schema: CERTIFICATE },
    run: async (device, _body, scope) => {
      const control = controlOf(parts);
      const states = await parts.store.states.visible(scope, device.id);
      await askToRenew(control, device.id, states.get(device.id)?.identity?.value);
      return oneCertificate(parts, scope, device);
    },
  }),
  operation<unknown, { readonly devices: Selection }>({
    id: "renewCertificates",
    tag: "more",
    method: "POST",
    path: "/api/v3/external/certificates/renewals",
    says: "Ask devices to renew their certificates",
    details: `${ASKS} Of each device it is answered whether it was asked, and why not. 200 devices at most.`,
    needs: "api:write:certificate",
    body: {
      type: "application/json",
      schema: {
        type: "object",
        required: ["devices"],
        additionalProperties: false,
        properties: { devices: SELECTION },
      },
    },
    answers: { ...CONTROL_ANSWERS, 200: ok("What came of it", RENEWALS) },
    run: async (request) => {
      const { body, principal } = request;
      const results = await audited(
        parts,
        request,
        {
          action: "renew-certificates",
          told: { devices: toldOf(body.devices) },
          heard: (each) => ({ asked: each.filter(isAsked).length, of: each.length }),
        },
        () => renewEach(parts, scopeOf(principal), body.devices),
      );
      return json({ asked: results.filter(isAsked).length, results });
    },
  }),
];

type Result = { device_id: string; mqtt_id: string; outcome: RenewalOutcome; detail: string | null };

const isAsked = ({ outcome }: Result): boolean => outcome === "asked";

async function renewEach(parts: ApiParts, scope: Scope, chosen: Selection): Promise<Result[]> {
  const control = controlOf(parts);
  const devices = await devicesChosen(parts.store, scope, chosen, 200);
  const [statuses, states] = await heard(parts, scope);
  const answers = await askToRenewEach(
    control,
    devices.map(({ id }) => ({
      id,
      isOnline: statuses.get(id)?.isOnline ?? false,
      identity: states.get(id)?.identity?.value,
    })),
  );
  return devices.map(({ id, cloudId }, i) => ({ device_id: cloudId, mqtt_id: id, ...answers[i]! }));
}

const heard = (parts: ApiParts, scope: Scope) =>
  Promise.all([parts.store.notes.statuses(scope), parts.store.states.visible(scope)]);

async function oneCertificate(parts: ApiParts, scope: Scope, device: KeyedDevice): Promise<Certificate> {
  const [statuses, states] = await heard(parts, scope);
  return certificateOf(device, statuses.get(device.id), states.get(device.id), parts.store.seconds);
}

type Certificate = ReturnType<typeof certificateOf>;

/** The end is the device's word; how long that is from now is ours: it speaks when it connects, perhaps long ago. */
function certificateOf(
  { id, cloudId, friendlyName }: KeyedDevice,
  status: DeviceStatusRow | undefined,
  { identity }: DeviceStates = {},
  now: number,
) {
  const said = identity?.value;
  const expires = said?.expires ?? endOf(status);
  return {
    device_id: cloudId,
    mqtt_id: id,
    friendlyName,
    online: status?.isOnline ?? false,
    certificate:
      expires === undefined
        ? null
        : { expires: formatTime(expires), days_left: Math.floor((expires - now) / DAY_SECONDS) },
    renewal:
      said === undefined ? ("unknown" as const) : said.renewal ? ("available" as const) : ("none" as const),
    cannot: whyNotRenewed(said) ?? null,
    state: said?.state ?? null,
    ...textsOf(said),
    heard_at: identity ? formatTime(identity.since) : null,
  };
}

const textsOf = (said: IdentityState | undefined) => ({
  reason: said?.reason ?? null,
  wait: said?.wait ?? null,
  failure: said?.failure ?? null,
  source: said?.source ?? null,
});

/** Of a status: firmware that knows no `identity/state` says as much. */
function endOf(status: DeviceStatusRow | undefined): number | undefined {
  const { expires } = (status?.status?.certificate ?? {}) as { expires?: unknown };
  return Number.isInteger(expires) && (expires as number) >= 0 && (expires as number) < 2 ** 32
    ? (expires as number)
    : undefined;
}
