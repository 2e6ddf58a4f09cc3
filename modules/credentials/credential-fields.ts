import {
  allFields,
  areCertificates,
  areWhole,
  FIELD,
  isP256Key,
  onlyField,
  uint32,
} from "../identity/fields";
import type { Identity } from "../identity/identity";
import type { Credential } from "./credential-tools";

/** What a trust list leaves on the device. */
export interface Authorities {
  /** Its number. */
  readonly list: number;
  /** DER. */
  readonly certificateAuthorities: readonly Uint8Array[];
}

const TAG_AND_LENGTH = 3;

export function formatCredential({ privateKey, certificateChain }: Credential): Uint8Array {
  return joinFields([
    [FIELD.privateKey, privateKey],
    ...certificateChain.map((der) => [FIELD.certificate, der] as const),
  ]);
}

export function formatAuthorities({ list, certificateAuthorities }: Authorities): Uint8Array {
  const number = new Uint8Array(4);
  new DataView(number.buffer).setUint32(0, list, true);
  return joinFields([
    [FIELD.list, number],
    ...certificateAuthorities.map((der) => [FIELD.authority, der] as const),
  ]);
}

/** `undefined`: it is none. The parts of the result are views. */
export function parseCredential(fields: Uint8Array): Credential | undefined {
  if (!areWhole(fields)) return undefined;
  const privateKey = onlyField(fields, FIELD.privateKey);
  const certificateChain = allFields(fields, FIELD.certificate);
  if (!privateKey || !isP256Key(privateKey) || !areCertificates(certificateChain)) return undefined;
  return { privateKey, certificateChain };
}

export function parseAuthorities(fields: Uint8Array): Authorities | undefined {
  if (!areWhole(fields)) return undefined;
  const number = onlyField(fields, FIELD.list);
  const certificateAuthorities = allFields(fields, FIELD.authority);
  if (number?.length !== 4 || !areCertificates(certificateAuthorities)) return undefined;
  return { list: uint32(number, 0), certificateAuthorities };
}

/** Whom the factory made, with what was renewed since: name, password and the domain of brokers stay. */
export function renewedIdentity(
  factory: Identity,
  credential: Credential | undefined,
  authorities: Authorities | undefined,
): Identity {
  const { certificateAuthorities } = authorities ?? factory;
  return { ...factory, ...credential, certificateAuthorities };
}

function joinFields(fields: readonly (readonly [tag: number, value: Uint8Array])[]): Uint8Array {
  const bytes = new Uint8Array(fields.reduce((sum, [, { length }]) => sum + TAG_AND_LENGTH + length, 0));
  let at = 0;
  for (const [tag, value] of fields) {
    bytes[at] = tag;
    bytes[at + 1] = value.length & 0xff;
    bytes[at + 2] = value.length >> 8;
    bytes.set(value, at + TAG_AND_LENGTH);
    at += TAG_AND_LENGTH + value.length;
  }
  return bytes;
}
