import { CREDENTIAL_FAULTS, type CredentialTools } from "../credential-tools";
import { dateOf, judge, newKey, requestFor } from "./credential";

/** The board's own key and certificate by mbedTLS. */
export const NATIVE_CREDENTIALS: CredentialTools = Object.freeze(
  {
    newKey: () => bytesOf(newKey()),
    requestFor: (key, certificate) => bytesOf(requestFor(key, certificate)),
    judge: ({ privateKey, certificateChain }, { certificateAuthorities, certificateChain: present }, dated) =>
      CREDENTIAL_FAULTS[
        judge(privateKey, joined(certificateChain), joined(certificateAuthorities), joined(present), dated)
      ],
    validity: (certificate) => {
      const until = dateOf(certificate, 1) * 1000;
      return until === 0 ? undefined : { fromMs: dateOf(certificate, 0) * 1000, untilMs: until };
    },
  } satisfies CredentialTools,
  true,
);

function bytesOf(buffer: ArrayBuffer | undefined): Uint8Array | undefined {
  return buffer && new Uint8Array(buffer);
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
