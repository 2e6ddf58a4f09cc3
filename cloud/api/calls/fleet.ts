// What can be done with a device, as far as docs/protocol.md goes. Each leaves an audit row, whatever comes of it.
import type { Principal } from "../../access/principal";
import type { ApiScope } from "../../access/scopes";
import type { KeyedDevice } from "../../store/devices";
import { type Control, ControlError, type ControlFault, type Settings } from "../control";
import { type ApiRequest, type Operation, operation, type Schema } from "../http/operation";
import { Problem, type ProblemName } from "../http/problem";
import { json, type Reply } from "../http/reply";
import { type ApiParts, scopeOf } from "../parts";
import { deviceV3 } from "../telemetry/forms";
import { oneDevice } from "../telemetry/selection";
import { CONTROL_ANSWERS, DEVICE_ANSWERS, DEVICE_PATH, ok } from "./answers";
import { DEVICE, OBJECT } from "./schemas";

const BASE = "/api/v3/external/devices/{device_id}";

const PROBLEM_OF = {
  "no-answer": "no-answer",
  conflict: "conflict",
  refused: "refused",
} as const satisfies Record<ControlFault, ProblemName>;

interface Call<Body> {
  readonly id: string;
  readonly method: Operation["method"];
  readonly path: string;
  readonly says: string;
  readonly details?: string;
  readonly needs: ApiScope;
  readonly body?: { readonly schema: Schema };
  readonly answer: { readonly status?: number; readonly says: string; readonly schema?: Schema };
  /** As the audit row calls it; absent: it changes nothing. */
  readonly action?: string;
  /** What the audit row tells of the request. */
  told?(body: Body): object;
  run(device: KeyedDevice, body: Body, principal: Principal): Promise<unknown>;
}

export const fleetCalls = (parts: ApiParts): Operation[] => [
  statusCall(parts),
  changeCall(parts),
  forgetCall(parts),
  ...controlCalls(parts),
];

const statusCall = (parts: ApiParts): Operation =>
  call<undefined>(parts, {
    id: "status",
    method: "GET",
    path: "/status",
    says: "What the device said last of itself",
    needs: "api:read:device",
    answer: { says: "As in docs/protocol.md, under `status`; null: it has said nothing yet", schema: OBJECT },
    run: async (device, _body, principal) => {
      const found = (await parts.store.notes.statuses(scopeOf(principal))).get(device.id);
      return {
        online: found?.isOnline ?? false,
        received_at: found ? new Date(found.receivedAt * 1000).toISOString() : null,
        status: found?.status ?? null,
      };
    },
  });

interface DeviceBody {
  readonly friendlyName?: string;
  readonly model?: string;
  readonly serial?: string;
  readonly is_indoor?: boolean;
  readonly is_public?: boolean;
  readonly latitude?: number | null;
  readonly longitude?: number | null;
}

const changeCall = (parts: ApiParts): Operation =>
  call<DeviceBody>(parts, {
    id: "changeDevice",
    method: "PATCH",
    path: "",
    says: "Set name, place and visibility of a device",
    needs: "api:write:device",
    action: "change-device",
    body: {
      schema: {
        type: "object",
        additionalProperties: false,
        minProperties: 1,
        properties: {
          friendlyName: { type: "string", minLength: 1, maxLength: 128 },
          model: { type: "string", minLength: 1, maxLength: 64 },
          serial: { type: "string", minLength: 1, maxLength: 64 },
          is_indoor: { type: "boolean" },
          is_public: { type: "boolean" },
          latitude: { type: ["number", "null"], minimum: -90, maximum: 90 },
          longitude: { type: ["number", "null"], minimum: -180, maximum: 180 },
        },
      },
    },
    told: (body) => body,
    answer: { says: "The device as it is now", schema: DEVICE },
    run: async (device, { is_indoor, is_public, ...changes }, principal) => {
      const all = {
        ...changes,
        ...(is_indoor !== undefined && { isIndoor: is_indoor }),
        ...(is_public !== undefined && { isPublic: is_public }),
      };
      await parts.store.devices.change(scopeOf(principal), device.id, all, parts.store.seconds);
      return deviceV3(await oneDevice(parts.store, scopeOf(principal), device.id));
    },
  });

const forgetCall = (parts: ApiParts): Operation =>
  call<undefined>(parts, {
    id: "forgetDevice",
    method: "DELETE",
    path: "/telemetry",
    says: "Delete all that a device has said",
    details: "Its readings, its hourly rows, its status and what was put aside of it. There is no way back.",
    needs: "api:delete:device",
    action: "forget-device",
    answer: { status: 204, says: "It is deleted" },
    run: async (device, _body, principal) =>
      void (await parts.store.devices.forget(scopeOf(principal), device.id)),
  });

const controlCalls = (parts: ApiParts): Operation[] => [
  call<undefined>(parts, {
    id: "desired",
    method: "GET",
    path: "/desired",
    says: "What is desired of a device, and what it reports",
    needs: "api:read:device",
    answer: {
      says: "`desired` is null where nothing was ever desired; `reported` as in docs/protocol.md",
      schema: OBJECT,
    },
    run: async (device) => {
      const control = controlOf(parts);
      const [desired, reported] = await Promise.all([
        control.desired(device.id),
        // A device that was never there has reported nothing; that is no reason to hide what is desired of it.
        control.reported(device.id).catch((error: unknown) => {
          if (error instanceof ControlError && error.fault === "no-answer") return null;
          throw error;
        }),
      ]);
      return { desired: desired ?? null, reported };
    },
  }),
  call<{ readonly settings: Settings }>(parts, {
    id: "desire",
    method: "PATCH",
    path: "/desired",
    says: "Change what is desired of a device, and wait for what it reports",
    details:
      "Only what is named changes, on top of what stands; null is back to the firmware's default. What is desired of a device that is away stays, and the answer is 504.",
    needs: "api:write:desired",
    action: "desire",
    body: {
      schema: {
        type: "object",
        required: ["settings"],
        additionalProperties: false,
        properties: { settings: { type: "object", minProperties: 1, maxProperties: 64 } },
      },
    },
    // Names alone: a setting may be a secret of somebody's network.
    told: ({ settings }) => ({ settings: Object.keys(settings) }),
    answer: { says: "What the device reports, as in docs/protocol.md", schema: OBJECT },
    run: (device, { settings }) => controlOf(parts).desire(device.id, settings),
  }),
  call<{ readonly name: string; readonly args?: Settings }>(parts, {
    id: "command",
    method: "POST",
    path: "/commands",
    says: "Send a command to a device, and wait for its result",
    needs: "api:write:command",
    action: "command",
    body: {
      schema: {
        type: "object",
        required: ["name"],
        additionalProperties: false,
        properties: {
          name: { type: "string", pattern: "^[a-z][a-z-]{1,31}$" },
          args: { type: "object", maxProperties: 8 },
        },
      },
    },
    told: ({ name }) => ({ name }),
    answer: {
      says: "The result, as in docs/protocol.md; `ok` is false where the device refused",
      schema: OBJECT,
    },
    run: (device, { name, args }) => controlOf(parts).command(device.id, name, args),
  }),
  call<{ readonly manifest: string }>(parts, {
    id: "offer",
    method: "PUT",
    path: "/update-offer",
    says: "Offer an update to a device",
    details:
      "The signed manifest that `npm run release` makes. The device checks the signature; the cloud cannot sign.",
    needs: "api:write:update",
    action: "offer-update",
    body: {
      schema: {
        type: "object",
        required: ["manifest"],
        additionalProperties: false,
        properties: {
          manifest: { type: "string", maxLength: 2_048, pattern: "^[\\w-]+\\.[\\w-]+\\.[\\w-]+$" },
        },
      },
    },
    told: ({ manifest }) => ({ manifest: manifestOf(manifest) }),
    answer: { status: 204, says: "It is offered" },
    run: async (device, { manifest }) => {
      if (!manifestOf(manifest)) throw new Problem("refused", { detail: "This is no signed manifest." });
      await controlOf(parts).offer(device.id, manifest);
    },
  }),
  call<undefined>(parts, {
    id: "takeOfferBack",
    method: "DELETE",
    path: "/update-offer",
    says: "Take the offer of an update back",
    needs: "api:write:update",
    action: "take-offer-back",
    answer: { status: 204, says: "Nothing is offered any more" },
    run: (device) => controlOf(parts).offer(device.id, ""),
  }),
];

/** Which release a manifest is of (docs/protocol.md, "Updates"); `undefined`: it is none. */
function manifestOf(jws: string): { release: number; version: string } | undefined {
  const [head, payload] = jws.split(".");
  try {
    const header = JSON.parse(Buffer.from(head ?? "", "base64url").toString());
    const { release, version } = JSON.parse(Buffer.from(payload ?? "", "base64url").toString());
    if (header.alg !== "ES256" || header.typ !== "aerolink-manifest+jwt") return undefined;
    return Number.isInteger(release) && typeof version === "string" ? { release, version } : undefined;
  } catch {
    return undefined;
  }
}

function controlOf({ control }: ApiParts): Control {
  if (!control) throw new Problem("no-broker");
  return control;
}

function call<Body>(parts: ApiParts, spec: Call<Body>): Operation {
  const { id, method, path, says, details, needs, body, answer } = spec;
  const { status = 200, schema } = answer;
  return operation<unknown, Body>({
    id,
    tag: "more",
    method,
    path: `${BASE}${path}`,
    says,
    ...(details !== undefined && { details }),
    needs,
    pathParameters: DEVICE_PATH,
    ...(body && { body: { type: "application/json", schema: body.schema } }),
    answers: {
      ...(body || spec.action ? CONTROL_ANSWERS : { ...DEVICE_ANSWERS, 503: CONTROL_ANSWERS[503] }),
      [status]: schema ? ok(answer.says, schema) : { says: answer.says },
    },
    run: (request) => carryOut(parts, spec, request),
  });
}

async function carryOut<Body>(
  parts: ApiParts,
  { action, answer, told, run }: Call<Body>,
  { path, body, principal, address }: ApiRequest<unknown, Body>,
): Promise<Reply> {
  const device = await oneDevice(parts.store, scopeOf(principal), path.device_id!);
  let outcome = "done";
  try {
    const result = await run(device, body, principal);
    return answer.status === 204 ? { status: 204 } : json(result);
  } catch (error) {
    const problem =
      error instanceof ControlError ? new Problem(PROBLEM_OF[error.fault], { detail: error.message }) : error;
    outcome = problem instanceof Problem ? problem.problem : "failed";
    throw problem;
  } finally {
    if (action)
      await parts.store.audit.add({
        at: parts.store.seconds,
        account: principal.account,
        actor: principal.id,
        action,
        device: device.id,
        detail: { ...told?.(body), outcome, address },
      });
  }
}
