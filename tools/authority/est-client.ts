import { X509Certificate } from "node:crypto";
import { request } from "node:https";
import { chainOf, parseCertificates } from "./pkcs7";
import type { RequestSigner, SigningOrder } from "./signer";

export interface EstClientOptions {
  /** https://host[:port], or with a label: https://host/.well-known/est/LABEL */
  readonly url: string;
  /** PEM: who may be the server, and who we are: a registration authority that the server lets ask for others. */
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
  readonly timeoutMs?: number;
}

const TIMEOUT_MS = 30_000;
/** A chain has some kilobytes. */
const LONGEST_ANSWER = 65_536;

/**
 * A customer's own authority behind EST (RFC 7030). The policy is still ours: it sees only what that has let through, asked
 * for by our certificate (`simpleenroll`: `simplereenroll` is for the holder of the certificate that is renewed).
 */
export class EstSigner implements RequestSigner {
  #options: EstClientOptions;
  #base: string;

  constructor(options: EstClientOptions) {
    this.#options = options;
    const base = new URL(options.url);
    if (base.protocol !== "https:") throw new RangeError("EST is over https");
    const path = base.pathname.replace(/\/$/, "");
    this.#base = `${base.origin}${path === "" ? "/.well-known/est" : path}`;
  }

  async sign({ csr, publicKey }: SigningOrder): Promise<readonly Uint8Array[]> {
    const answer = await this.#ask("simpleenroll", Buffer.from(csr).toString("base64"));
    const chain = chainOf(answer, publicKey);
    if (chain.length === 0) throw new Error("the authority's answer has no certificate for this key");
    // Most answer with the leaf alone.
    return isWhole(chain) ? chain : chainOf([...answer, ...(await this.#ask("cacerts"))], publicKey);
  }

  async #ask(operation: string, body?: string): Promise<Uint8Array[]> {
    return parseCertificates(Buffer.from(await this.#fetch(operation, body), "base64"));
  }

  #fetch(operation: string, body: string | undefined): Promise<string> {
    const { ca, cert, key, timeoutMs = TIMEOUT_MS } = this.#options;
    return new Promise((resolve, reject) => {
      const asked = request(
        `${this.#base}/${operation}`,
        {
          ...{
            method: body === undefined ? "GET" : "POST",
            ca,
            cert,
            key,
            minVersion: "TLSv1.2",
            timeout: timeoutMs,
            agent: false,
          },
          headers:
            body === undefined
              ? {}
              : {
                  "content-type": "application/pkcs10",
                  "content-transfer-encoding": "base64",
                  "content-length": body.length,
                },
        },
        (response) => {
          let text = "";
          response.setEncoding("latin1");
          response.on("data", (part: string) => {
            text += part;
            if (text.length > LONGEST_ANSWER) asked.destroy(new Error("the authority's answer has no end"));
          });
          response.on("error", reject);
          response.on("end", () => {
            if (response.statusCode === 200) resolve(text);
            else reject(new Error(`the authority answers ${response.statusCode}`));
          });
        },
      );
      asked.on("timeout", () => asked.destroy(new Error("the authority does not answer")));
      asked.on("error", reject);
      asked.end(body);
    });
  }
}

/** Up to a root. */
function isWhole(chain: readonly Uint8Array[]): boolean {
  const last = new X509Certificate(chain.at(-1)!);
  return last.checkIssued(last);
}
