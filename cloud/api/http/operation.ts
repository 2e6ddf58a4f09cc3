import type { Principal } from "../../access/principal";
import type { ApiScope } from "../../access/scopes";
import type { Reply } from "./reply";

export type Schema = Readonly<Record<string, unknown>>;

export interface Parameter {
  readonly schema: Schema;
  readonly says: string;
  readonly isRequired?: boolean;
}

export interface ApiRequest<Query = unknown, Body = unknown> {
  /** `{name}` of the path. */
  readonly path: Readonly<Record<string, string>>;
  readonly query: Query;
  readonly body: Body;
  readonly principal: Principal;
  /** From where it comes, proxies seen through. */
  readonly address: string;
  /** Names in small letters. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The address with its query, as it was asked for. */
  readonly url: URL;
}

export interface Answer {
  readonly says: string;
  /** Schemas by media type; absent: no body. */
  readonly content?: Readonly<Record<string, Schema>>;
  readonly headers?: readonly string[];
}

export type BodyType = "application/json" | "application/x-www-form-urlencoded";

/** One thing that the API does. The description that is served, the check of requests and the routes all come of it. */
export interface Operation<Query = unknown, Body = unknown> {
  readonly id: string;
  readonly tag: string;
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly path: string;
  readonly says: string;
  /** More than the one line. */
  readonly details?: string;
  /** Who may: a scope, anybody who is known, or anybody at all (`open`). */
  readonly needs: ApiScope | "known" | "open";
  readonly pathParameters?: Readonly<Record<string, Parameter>>;
  readonly query?: Readonly<Record<string, Parameter>>;
  readonly body?: {
    readonly type: BodyType;
    readonly schema: Schema;
    readonly isRequired?: boolean;
    /** Default: 16 KB. */
    readonly mostBytes?: number;
  };
  readonly answers: Readonly<Record<number, Answer>>;
  run(request: ApiRequest<Query, Body>): Reply | Promise<Reply>;
}

/** Types a `run` by what its schemas promise. */
export const operation = <Query, Body = undefined>(spec: Operation<Query, Body>): Operation =>
  spec as unknown as Operation;
