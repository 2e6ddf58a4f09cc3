import { AddressList } from "../access/addresses";
import { Admission } from "./admission";
import { aboutCalls } from "./calls/about";
import { auditCalls } from "./calls/audit";
import { certificateCalls } from "./calls/certificates";
import { fleetCalls } from "./calls/fleet";
import { historyCalls } from "./calls/history";
import { metricsCalls } from "./calls/metrics";
import { overviewCalls } from "./calls/overview";
import { type PageFolder, pageCalls } from "./calls/page";
import { rolloutCalls } from "./calls/rollouts";
import { signInCalls } from "./calls/sign-in";
import { tokenCalls } from "./calls/token";
import { v1Calls } from "./calls/v1";
import { v3Calls } from "./calls/v3";
import type { Operation } from "./http/operation";
import { RateLimit, type RateLimitOptions } from "./http/rate-limit";
import type { ApiParts } from "./parts";
import { ApiServer, type ApiServerOptions } from "./server";

export interface ApiOptions extends ApiParts {
  /** Where the built page is; absent: there is none. */
  readonly page?: PageFolder;
  /** Networks of proxies whose X-Forwarded-For counts. */
  readonly proxies?: readonly string[];
  /** From where people may come. */
  readonly peopleFrom?: readonly string[];
  readonly rateLimit?: Partial<RateLimitOptions>;
  readonly limits?: ApiServerOptions["limits"];
  readonly tls?: { readonly cert: string; readonly key: string };
  /** The account that a browser on this very machine sees without signing in: inside `npm start` alone. */
  readonly localAccount?: string;
}

export const RATE_LIMIT: RateLimitOptions = { requests: 600, windowSeconds: 60, atOnce: 16 };

/** All that the API can do. */
export function operationsOf(parts: ApiParts, admission: Admission): Operation[] {
  const calls = [
    ...tokenCalls(parts),
    ...v3Calls(parts),
    ...v1Calls(parts),
    ...overviewCalls(parts),
    ...historyCalls(parts),
    ...fleetCalls(parts),
    ...certificateCalls(parts),
    ...rolloutCalls(parts),
    ...metricsCalls(parts),
    ...auditCalls(parts),
    ...signInCalls(parts, admission),
  ];
  return [...calls, ...aboutCalls(parts, calls)];
}

/** The API with all its calls, not listening yet. */
export function makeApi(options: ApiOptions): ApiServer {
  const { proxies = [], peopleFrom = [], rateLimit, tls, localAccount, page, publicUrl, limits } = options;
  const admission = new Admission({
    parts: options,
    peopleFrom: new AddressList(peopleFrom),
    ...(localAccount !== undefined && { localAccount }),
  });
  return new ApiServer({
    operations: [...operationsOf(options, admission), ...(page ? pageCalls(page) : [])],
    admission,
    rateLimit: new RateLimit({ ...RATE_LIMIT, ...rateLimit }),
    proxies: new AddressList(proxies),
    publicUrl,
    ...(tls && { tls }),
    ...(limits && { limits }),
    log: (line) => options.log(line),
  });
}
