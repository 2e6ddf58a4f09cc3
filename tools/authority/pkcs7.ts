import "reflect-metadata"; // first: @peculiar/x509 decorates with it as it loads
import { X509Certificate } from "node:crypto";
import * as x509 from "@peculiar/x509";

/** Certificates alone in a CMS SignedData (RFC 5272, "certs-only"), as EST has them. */
export function formatCertificates(certificates: readonly Uint8Array[]): Uint8Array {
  const list = new x509.X509Certificates(
    certificates.map((der) => new x509.X509Certificate(Buffer.from(der))),
  );
  return new Uint8Array(list.export("raw"));
}

/** The certificates of such a file, in the order in which they lie there. @throws Error when it is none */
export function parseCertificates(der: Uint8Array): Uint8Array[] {
  return new x509.X509Certificates(Buffer.from(der)).map((each) => new Uint8Array(each.rawData));
}

/**
 * The chain of the one certificate that is for `publicKey` (SPKI DER), leaf first, as far as it is there: CMS has a set,
 * which says nothing of order. Empty: none is.
 */
export function chainOf(certificates: readonly Uint8Array[], publicKey: Uint8Array): Uint8Array[] {
  const parsed = certificates.map((der) => new X509Certificate(der));
  let next = parsed.find(({ publicKey: key }) =>
    key.export({ format: "der", type: "spki" }).equals(publicKey),
  );
  const chain: X509Certificate[] = [];
  while (next && !chain.includes(next)) {
    const last: X509Certificate = next;
    chain.push(last);
    next = parsed.find((each) => each !== last && last.checkIssued(each));
  }
  return chain.map(({ raw }) => new Uint8Array(raw));
}
