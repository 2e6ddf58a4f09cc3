// A call about one device: found in the caller's account, carried out, and written down, whatever comes of it.
import type { ApiScope } from "../../access/scopes";
import type { KeyedDevice } from "../../store/devices";
import type { Scope } from "../../store/scope";
import type { Control } from "../control";
import { type ApiRequest, type Operation, operation, type Schema } from "../http/operation";
import { Problem } from "../http/problem";
import { json, type Reply } from "../http/reply";
import { type ApiParts, scopeOf } from "../parts";
import { oneDevice } from "../telemetry/selection";
import { CONTROL_ANSWERS, DEVICE_ANSWERS, DEVICE_PATH, ok } from "./answers";
import { audited } from "./audited";

const BASE = "/api/v3/external/devices/{device_id}";

export interface DeviceCall<Body, Result> {
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
  /** … and of what came of it. */
  heard?(result: Result): object;
  run(device: KeyedDevice, body: Body, scope: Scope): Promise<Result>;
}

export function deviceCall<Body, Result = unknown>(
  parts: ApiParts,
  spec: DeviceCall<Body, Result>,
): Operation {
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

async function carryOut<Body, Result>(
  parts: ApiParts,
  { action, answer, told, heard, run }: DeviceCall<Body, Result>,
  request: ApiRequest<unknown, Body>,
): Promise<Reply> {
  const { path, body, principal } = request;
  const scope = scopeOf(principal);
  const device = await oneDevice(parts.store, scope, path.device_id!);
  const deed = {
    device: device.id,
    ...(action !== undefined && { action }),
    ...(told && { told: told(body) }),
    ...(heard && { heard: (result: Result) => heard(result) }),
  };
  const result = await audited(parts, request, deed, () => run(device, body, scope));
  return answer.status === 204 ? { status: 204 } : json(result, answer.status);
}

/** @throws Problem */
export function controlOf({ control }: Pick<ApiParts, "control">): Control {
  if (!control) throw new Problem("no-broker");
  return control;
}
