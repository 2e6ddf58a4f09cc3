import "reflect-metadata"; // first: @peculiar/x509 decorates with it as it loads
import * as x509 from "@peculiar/x509";
import type { Authority } from "../pki/certificates";
import { replace } from "../pki/files";
import { importKeys } from "../pki/keys";
import { formatPem } from "../pki/pem";
import type { Register } from "./register";

/**
 * A broker that has a list refuses everybody once that list is out of date: `serve` writes it anew each day, so that a
 * month may pass before anybody is locked out.
 */
export const CRL_DAYS = 30;
const DAY_MS = 86_400_000;
/** Brokers' clocks differ. */
const SKEW_MS = 300_000;
const CRL_NUMBER = "2.5.29.20";

/** The revocation list (RFC 5280, 5) of an authority, DER. A serial number that is another authority's does no harm in it. */
export async function createCrl(
  authority: Authority,
  revoked: readonly { readonly serial: string; readonly at: number }[],
  now: number,
  days = CRL_DAYS,
): Promise<Uint8Array> {
  const certificate = new x509.X509Certificate(authority.certificate);
  const signer = await importKeys(authority.privateKey);
  const crl = await x509.X509CrlGenerator.create({
    issuer: certificate.subjectName,
    thisUpdate: new Date(now - SKEW_MS),
    nextUpdate: new Date(now + days * DAY_MS),
    signingKey: signer.privateKey,
    signingAlgorithm: signer.algorithm,
    entries: revoked.map(({ serial, at }) => ({
      serialNumber: serial,
      revocationDate: new Date(at * 1000),
    })),
    extensions: [
      await x509.AuthorityKeyIdentifierExtension.create(certificate),
      // It counts up; what the clock says will do, and needs no place of its own to be kept in.
      new x509.Extension(CRL_NUMBER, false, derInteger(Math.floor(now / 1000))),
    ],
  });
  return new Uint8Array(crl.rawData);
}

export interface RevocationFiles {
  /** PEM, one list for each authority: mosquitto's `crlfile`, `ssl_crl` of nginx. */
  readonly crl: string;
  /** Names of devices, one a line, for what looks at names. */
  readonly denied: string;
}

/** Writes both files anew. */
export async function writeRevocations(
  files: RevocationFiles,
  register: Register,
  authorities: readonly Authority[],
  now: number,
  days = CRL_DAYS,
): Promise<void> {
  const revoked = register.revoked(Math.floor(now / 1000));
  const lists = await Promise.all(authorities.map((each) => createCrl(each, revoked, now, days)));
  await replace(files.crl, lists.map((der) => formatPem("X509 CRL", der)).join(""));
  await replace(
    files.denied,
    register
      .denied()
      .map((id) => `${id}\n`)
      .join(""),
  );
}

/** A number that is not negative, as an INTEGER of DER. */
function derInteger(value: number): Uint8Array {
  const hex = value.toString(16);
  const digits = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, "hex");
  const content = digits[0]! >= 0x80 ? Buffer.concat([Buffer.of(0), digits]) : digits;
  return Buffer.concat([Buffer.of(0x02, content.length), content]);
}
