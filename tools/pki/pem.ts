// PEM (RFC 7468) to DER and back.

const BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----([\s\S]*?)-----END \1-----/g;

/** One PEM block, 64 characters a line, ending in a newline. */
export function formatPem(label: string, der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString("base64")
      .match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ""].join("\n");
}

/** The blocks of `text` in order; text around them is ignored, as RFC 7468 asks. */
export function parsePem(text: string): { label: string; der: Uint8Array }[] {
  return [...text.matchAll(BLOCK)].map(([, label, body]) => ({
    label: label!,
    der: new Uint8Array(Buffer.from(body!, "base64")),
  }));
}

/** The certificates of a file's bytes: PEM with one or more, or one in DER. Empty when it has none. */
export function readCertificates(file: Uint8Array): Uint8Array[] {
  if (file[0] === 0x30) return [new Uint8Array(file)];
  const text = Buffer.from(file).toString("latin1");
  return parsePem(text).flatMap(({ label, der }) => (label === "CERTIFICATE" ? [der] : []));
}
