// What can be done with a device, as far as docs/protocol.md goes. Each leaves an audit row, whatever comes of it.
import { readOffer } from "../../rollout/offer";
import { ControlError, type Settings } from "../control";
import type { Operation } from "../http/operation";
import { Problem } from "../http/problem";
import type { ApiParts } from "../parts";
import { deviceV3 } from "../telemetry/forms";
import { oneDevice } from "../telemetry/selection";
import { controlOf, deviceCall } from "./device-call";
import { MANIFEST, TAG } from "./fleet-schemas";
import { DEVICE, OBJECT } from "./schemas";

export const fleetCalls = (parts: ApiParts): Operation[] => [
  statusCall(parts),
  changeCall(parts),
  forgetCall(parts),
  ...controlCalls(parts),
];

const statusCall = (parts: ApiParts): Operation =>
  deviceCall<undefined>(parts, {
    id: "status",
    method: "GET",
    path: "/status",
    says: "What the device said last of itself",
    needs: "api:read:device",
    answer: { says: "As in docs/protocol.md, under `status`; null: it has said nothing yet", schema: OBJECT },
    run: async (device, _body, scope) => {
      const found = (await parts.store.notes.statuses(scope)).get(device.id);
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
  readonly tags?: readonly string[];
}

const changeCall = (parts: ApiParts): Operation =>
  deviceCall<DeviceBody>(parts, {
    id: "changeDevice",
    method: "PATCH",
    path: "",
    says: "Set name, place, visibility and tags of a device",
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
          tags: {
            type: "array",
            maxItems: 16,
            items: TAG,
            description: "To choose devices by, in place of those that it has",
          },
        },
      },
    },
    told: (body) => body,
    answer: { says: "The device as it is now", schema: DEVICE },
    run: async (device, { is_indoor, is_public, tags, ...changes }, scope) => {
      const all = {
        ...changes,
        ...(is_indoor !== undefined && { isIndoor: is_indoor }),
        ...(is_public !== undefined && { isPublic: is_public }),
      };
      await parts.store.devices.change(scope, device.id, all, parts.store.seconds);
      if (tags) await parts.store.tags.set(scope, device.id, tags);
      const changed = await oneDevice(parts.store, scope, device.id);
      return deviceV3(changed, (await parts.store.tags.visible(scope)).get(changed.key));
    },
  });

const forgetCall = (parts: ApiParts): Operation =>
  deviceCall<undefined>(parts, {
    id: "forgetDevice",
    method: "DELETE",
    path: "/telemetry",
    says: "Delete all that a device has said",
    details: "Its readings, its hourly rows, its status and what was put aside of it. There is no way back.",
    needs: "api:delete:device",
    action: "forget-device",
    answer: { status: 204, says: "It is deleted" },
    run: async (device, _body, scope) => void (await parts.store.devices.forget(scope, device.id)),
  });

const controlCalls = (parts: ApiParts): Operation[] => [
  deviceCall<undefined>(parts, {
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
  deviceCall<{ readonly settings: Settings }>(parts, {
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
    heard: (reported) => ({ state: (reported as { state?: string }).state }),
    answer: { says: "What the device reports, as in docs/protocol.md", schema: OBJECT },
    run: (device, { settings }) => controlOf(parts).desire(device.id, settings),
  }),
  deviceCall<{ readonly name: string; readonly args?: Settings }>(parts, {
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
          name: { type: "string", pattern: "^[a-z][a-z0-9-]{1,31}$" },
          args: { type: "object", maxProperties: 8 },
        },
      },
    },
    told: ({ name }) => ({ name }),
    // What the device made of it, and not what it told: a result may be long.
    heard: (result) => {
      const { ok, error } = result as { ok?: boolean; error?: string };
      return { ok, ...(error !== undefined && { error }) };
    },
    answer: {
      says: "The result, as in docs/protocol.md; `ok` is false where the device refused",
      schema: OBJECT,
    },
    run: (device, { name, args }) => controlOf(parts).command(device.id, name, args),
  }),
  deviceCall<{ readonly manifest: string }>(parts, {
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
          manifest: MANIFEST,
        },
      },
    },
    told: ({ manifest }) => {
      const { release, version } = readOffer(manifest) ?? {};
      return { release, version };
    },
    answer: { status: 204, says: "It is offered" },
    run: async (device, { manifest }) => {
      if (!readOffer(manifest)) throw new Problem("refused", { detail: "This is no signed manifest." });
      await controlOf(parts).offer([device.id], manifest);
    },
  }),
  deviceCall<undefined>(parts, {
    id: "takeOfferBack",
    method: "DELETE",
    path: "/update-offer",
    says: "Take the offer of an update back",
    needs: "api:write:update",
    action: "take-offer-back",
    answer: { status: 204, says: "Nothing is offered any more" },
    run: (device) => controlOf(parts).offer([device.id], ""),
  }),
];
