/** Why a call came to nothing. */
export type FailureReason =
  /** Nobody answered. */
  | "away"
  /** Somebody must sign in first. */
  | "signed-out"
  /** It was understood, and refused. */
  | "refused"
  /** There is no such thing, or no such call. */
  | "not-found";

export class ApiFailure extends Error {
  override name = "ApiFailure";
  readonly reason: FailureReason;

  constructor(reason: FailureReason, says: string) {
    super(says);
    this.reason = reason;
  }
}

export interface Page<T> {
  readonly data: T;
  /** Path of the page after this one. */
  readonly next: string | undefined;
}

export interface ApiOptions {
  /** Whether the cloud answers. */
  onAway(isAway: boolean): void;
  onSignedOut(): void;
}

const BASE = "/api/v3/external";
/** As long as the cloud itself waits for a device, and some more. */
const PATIENCE_MS = 30_000;

/** The public API, as this page asks it: by the cookie of whoever has signed in. */
export class Api {
  #options: ApiOptions;

  constructor(options: ApiOptions) {
    this.#options = options;
  }

  /** @throws ApiFailure */
  async get<T>(path: string): Promise<T> {
    return (await this.page<T>(path)).data;
  }

  /** @throws ApiFailure */
  async page<T>(path: string): Promise<Page<T>> {
    const response = await this.#ask("GET", path);
    const next = /<([^>]+)>; rel="next"/.exec(response.headers.get("link") ?? "")?.[1];
    return { data: (await response.json()) as T, next };
  }

  /** @throws ApiFailure */
  async send<T>(method: "POST" | "PUT" | "PATCH" | "DELETE", path: string, body?: unknown): Promise<T> {
    const response = await this.#ask(method, path, body);
    const text = await response.text();
    return (text === "" ? undefined : JSON.parse(text)) as T;
  }

  async #ask(method: string, path: string, body?: unknown): Promise<Response> {
    let response: Response;
    try {
      response = await fetch(path.startsWith("/") ? path : `${BASE}/${path}`, {
        method,
        signal: AbortSignal.timeout(PATIENCE_MS),
        ...(body !== undefined && {
          headers: { "content-type": "application/json" },
          body: JSON.stringify(body),
        }),
      });
    } catch {
      this.#options.onAway(true);
      throw new ApiFailure("away", "The cloud does not answer.");
    }
    this.#options.onAway(response.status === 502);
    if (response.ok) return response;
    if (response.status === 401) {
      this.#options.onSignedOut();
      throw new ApiFailure("signed-out", "You are signed out.");
    }
    throw new ApiFailure(response.status === 404 ? "not-found" : "refused", await wordsOf(response));
  }
}

export const devicePath = (id: string, rest: string): string => `devices/${encodeURIComponent(id)}/${rest}`;

/** A problem's own words (RFC 9457). */
async function wordsOf(response: Response): Promise<string> {
  try {
    const { title, detail, errors } = (await response.json()) as {
      title?: string;
      detail?: string;
      errors?: readonly { at: string; says: string }[];
    };
    const more = errors?.map(({ at, says }) => `${at} ${says}`).join("; ");
    return [title, detail, more].filter((each) => each !== undefined && each !== "").join(" ");
  } catch {
    return `The cloud answered ${response.status}.`;
  }
}
