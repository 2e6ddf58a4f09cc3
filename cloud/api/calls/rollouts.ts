// Rollouts: a release that goes to a fleet in stages, and stops when devices fail (docs/updates.md).
import { RolloutDesk } from "../../rollout/desk";
import type { KeptRollout, RolloutNow, Selection } from "../../rollout/kept";
import { USUAL_PLAN } from "../../rollout/plan";
import { type ApiRequest, type Operation, operation } from "../http/operation";
import { Problem } from "../http/problem";
import { json } from "../http/reply";
import { type ApiParts, scopeOf } from "../parts";
import { CONTROL_ANSWERS, DEVICE_ANSWERS, KNOWN_ANSWERS, ok } from "./answers";
import { audited } from "./audited";
import { controlOf, deviceCall } from "./device-call";
import { MANIFEST, ROLLOUT, ROLLOUT_DEVICE, SELECTION } from "./fleet-schemas";
import { planOf, rolloutDevicesForm, rolloutForm, updateForm } from "./rollout-forms";
import { arrayOf, OBJECT } from "./schemas";
import { devicesChosen, toldOf } from "./selected";

const BASE = "/api/v3/external/rollouts";
const { mostFailures, quorum, stages } = USUAL_PLAN;

const ROLLOUT_PATH = {
  rollout_id: {
    schema: { type: "string", minLength: 1, maxLength: 64 },
    says: "The rollout, by its `id`",
    isRequired: true,
  },
} as const;

export interface BeginBody {
  readonly manifest: string;
  readonly devices: Selection;
  readonly stages?: readonly number[];
  readonly soak_hours?: number;
  readonly limit_percent?: number;
  readonly quorum_percent?: number;
}

interface ChangeBody {
  readonly state: "paused" | "running" | "ended";
  readonly why?: string;
  readonly manifest?: string;
}

export const rolloutCalls = (parts: ApiParts): Operation[] => [
  beginCall(parts),
  operation({
    id: "rollouts",
    tag: "more",
    method: "GET",
    path: BASE,
    says: "Rollouts of the account, newest first",
    details: "The last hundred.",
    needs: "api:read:device",
    answers: { ...KNOWN_ANSWERS, 200: ok("Rollouts", arrayOf(ROLLOUT)) },
    run: async ({ principal }) => {
      const { store } = parts;
      const scope = scopeOf(principal);
      const states = await store.states.visible(scope);
      return json((await store.rollouts.visible<KeptRollout>(scope)).map((row) => rolloutForm(row, states)));
    },
  }),
  operation({
    id: "rollout",
    tag: "more",
    method: "GET",
    path: `${BASE}/{rollout_id}`,
    says: "A rollout, and how far it is",
    needs: "api:read:device",
    pathParameters: ROLLOUT_PATH,
    answers: { ...DEVICE_ANSWERS, 200: ok("The rollout", ROLLOUT) },
    run: async (request) => {
      const row = await oneRollout(parts, request);
      return json(rolloutForm(row, await parts.store.states.visible(scopeOf(request.principal))));
    },
  }),
  operation({
    id: "rolloutDevices",
    tag: "more",
    method: "GET",
    path: `${BASE}/{rollout_id}/devices`,
    says: "What each device has made of a rollout, in the order in which they get it",
    needs: "api:read:device",
    pathParameters: ROLLOUT_PATH,
    answers: { ...DEVICE_ANSWERS, 200: ok("Devices", arrayOf(ROLLOUT_DEVICE)) },
    run: async (request) => {
      const row = await oneRollout(parts, request);
      const scope = scopeOf(request.principal);
      const devices = await parts.store.devices.visible(scope);
      return json(rolloutDevicesForm(row, devices, await parts.store.states.visible(scope)));
    },
  }),
  changeCall(parts),
  deviceCall<undefined>(parts, {
    id: "updateState",
    method: "GET",
    path: "/update",
    says: "What a device said last of updates",
    needs: "api:read:device",
    answer: { says: "`update` as in docs/protocol.md; null: it has said nothing of them", schema: OBJECT },
    run: async ({ id }, _body, scope) =>
      updateForm((await parts.store.states.visible(scope, id)).get(id)?.update),
  }),
];

const beginCall = (parts: ApiParts): Operation =>
  operation<unknown, BeginBody>({
    id: "beginRollout",
    tag: "more",
    method: "POST",
    path: BASE,
    says: "Begin a rollout of an update",
    details:
      "The image is at the update server already. Devices that cannot take the release are left out, and named. A device is in one rollout at a time.",
    needs: "api:write:update",
    body: {
      type: "application/json",
      // A thousand names, and a manifest.
      mostBytes: 160_000,
      schema: {
        type: "object",
        required: ["manifest", "devices"],
        additionalProperties: false,
        properties: {
          manifest: { ...MANIFEST, description: "As `npm run release -- sign` makes it" },
          devices: SELECTION,
          stages: {
            type: "array",
            minItems: 1,
            maxItems: 20,
            items: { type: "number", exclusiveMinimum: 0, maximum: 100 },
            description: `Rising percents of the devices, the last one 100. Default: ${stages.map(({ share }) => share * 100).join(", ")}`,
          },
          soak_hours: {
            type: "number",
            minimum: 0,
            maximum: 8_760,
            description: "How long a stage is watched. Default: 24",
          },
          limit_percent: {
            type: "number",
            exclusiveMinimum: 0,
            maximum: 100,
            description: `It halts when so many of a stage, or of all that have the offer, have failed. Default: ${mostFailures * 100}`,
          },
          quorum_percent: {
            type: "number",
            minimum: 0,
            maximum: 100,
            description: `The next stage waits until so many of this one have confirmed. Default: ${quorum * 100}`,
          },
        },
      },
    },
    answers: { ...CONTROL_ANSWERS, 201: { ...ok("It has begun", ROLLOUT), headers: ["Location"] } },
    run: async (request) => {
      const { body, principal } = request;
      const scope = scopeOf(principal);
      const deed = {
        action: "begin-rollout",
        told: { devices: toldOf(body.devices) },
        heard: (row: RolloutNow) => ({
          rollout: row.id,
          release: row.body.rollout.release,
          of: row.body.rollout.devices.length,
        }),
      };
      const row = await audited(parts, request, deed, async () => {
        const desk = deskOf(parts);
        const plan = planOf(body);
        const devices = await devicesChosen(parts.store, scope, body.devices);
        const { manifest, devices: chosen } = body;
        return desk.begin({ ...scope, actor: principal.id, manifest, chosen, devices, plan });
      });
      const form = rolloutForm(row, await parts.store.states.visible(scope));
      return json(form, 201, { Location: `${BASE}/${row.id}` });
    },
  });

const changeCall = (parts: ApiParts): Operation =>
  operation<unknown, ChangeBody>({
    id: "changeRollout",
    tag: "more",
    method: "PATCH",
    path: `${BASE}/{rollout_id}`,
    says: "Pause a rollout, go on with it, or end it for good",
    details:
      "Paused or ended, the offer is taken back from devices that have not finished; a trial that has begun ends by itself. Going on, what has failed until now is excused, and the stage's watch begins anew.",
    needs: "api:write:update",
    pathParameters: ROLLOUT_PATH,
    body: {
      type: "application/json",
      schema: {
        type: "object",
        required: ["state"],
        additionalProperties: false,
        properties: {
          state: { enum: ["paused", "running", "ended"] },
          why: { type: "string", minLength: 1, maxLength: 256 },
          manifest: { ...MANIFEST, description: "The same image, signed again" },
        },
      },
    },
    answers: { ...CONTROL_ANSWERS, 200: ok("The rollout as it is now", ROLLOUT) },
    run: async (request) => {
      const { path, body, principal } = request;
      const { account } = scopeOf(principal);
      const { state: to, why, manifest } = body;
      await oneRollout(parts, request);
      const deed = { action: "change-rollout", told: { rollout: path.rollout_id!, to, ...(why && { why }) } };
      const row = await audited(parts, request, deed, () =>
        deskOf(parts).change(account, path.rollout_id!, {
          to,
          ...(why !== undefined && { why }),
          ...(manifest !== undefined && { manifest }),
        }),
      );
      return json(rolloutForm(row!, await parts.store.states.visible({ account })));
    },
  });

/** @throws Problem */
async function oneRollout(
  { store }: ApiParts,
  { path, principal }: Pick<ApiRequest, "path" | "principal">,
): Promise<RolloutNow> {
  const row = await store.rollouts.find<KeptRollout>(scopeOf(principal), path.rollout_id!);
  if (!row) throw new Problem("no-such-rollout");
  return row;
}

/** @throws Problem: there is no way to devices */
export function deskOf(parts: Pick<ApiParts, "store" | "control" | "targets" | "log">): RolloutDesk {
  const control = controlOf(parts);
  return new RolloutDesk({
    store: parts.store,
    ...(parts.targets && { targets: parts.targets }),
    offer: (devices, manifest) => control.offer(devices, manifest),
    onTrouble: (error) => parts.log(`a rollout: ${error.message}`),
  });
}
