import { DerReader, oidOf, readBits, readInteger, TAG, Unreadable, type Value } from "./der";
import { ANY_USAGE, CLIENT_AUTH, SERVER_AUTH } from "./oids";

/** What the device reads of a certificate's extensions. */
export interface Extensions {
  readonly isAuthority: boolean;
  /** Authorities that may follow below; `undefined`: any number. */
  readonly pathLength?: number;
  /** The first two bytes of the bits, the first one below; absent: every use. */
  readonly keyUsage?: number;
  readonly mayServe: boolean;
  /** As a TLS client. */
  readonly mayConnect: boolean;
  /** Content of GeneralNames. */
  readonly names: readonly Value[];
  /** Bits of Netscape's certificate type, of the time before the extended key usage. */
  readonly netscapeType?: number;
  readonly nameConstraints?: Buffer;
}

const OID = {
  basicConstraints: "551d13",
  keyUsage: "551d0f",
  extendedKeyUsage: "551d25",
  subjectAltName: "551d11",
  netscapeType: "6086480186f8420101",
  certificatePolicies: "551d20",
  nameConstraints: "551d1e",
  anyPolicy: "551d2000",
  hardwareModuleName: "2b06010505070804",
};
const PARSED = [
  OID.basicConstraints,
  OID.keyUsage,
  OID.extendedKeyUsage,
  OID.subjectAltName,
  OID.netscapeType,
  OID.certificatePolicies,
];

/** @throws Unreadable where mbedTLS reads no certificate with them */
export function readExtensions(list: DerReader, takesCriticalNameConstraints: boolean): Extensions {
  const found = new Map<string, Buffer>();
  while (!list.isAtEnd) {
    const extension = list.enter(TAG.sequence);
    const oid = oidOf(extension.take(TAG.oid));
    const flag = extension.takeIf(TAG.boolean);
    if (flag && flag.content.length !== 1) throw new Unreadable();
    const isCritical = flag !== undefined && flag.content[0] !== 0;
    const value = extension.take(TAG.octetString).content;
    extension.end();
    const known = PARSED.includes(oid);
    if (known && found.has(oid)) throw new Unreadable();
    if (!known && isCritical && !(oid === OID.nameConstraints && takesCriticalNameConstraints))
      throw new Unreadable();
    if (oid === OID.certificatePolicies) checkPolicies(value, isCritical);
    if (!found.has(oid)) found.set(oid, value);
  }
  const get = <T>(oid: string, read: (value: DerReader) => T): T | undefined => {
    const value = found.get(oid);
    return value && read(new DerReader(value));
  };
  const basic = get(OID.basicConstraints, readBasicConstraints);
  const keyUsage = get(OID.keyUsage, readKeyUsage);
  const usages = get(OID.extendedKeyUsage, readUsages);
  const netscapeType = get(OID.netscapeType, readNetscapeType);
  const nameConstraints = found.get(OID.nameConstraints);
  return {
    isAuthority: basic?.isAuthority ?? false,
    ...(basic?.pathLength !== undefined && { pathLength: basic.pathLength }),
    ...(keyUsage !== undefined && { keyUsage }),
    mayServe: usages?.includes(SERVER_AUTH) ?? true,
    mayConnect: usages?.some((usage) => usage === CLIENT_AUTH || usage === ANY_USAGE) ?? true,
    names: get(OID.subjectAltName, readNames) ?? [],
    ...(netscapeType !== undefined && { netscapeType }),
    ...(nameConstraints && { nameConstraints }),
  };
}

function readBasicConstraints(value: DerReader): { isAuthority: boolean; pathLength?: number } {
  value.open(TAG.sequence);
  if (value.isAtEnd) return { isAuthority: false };
  const flag = value.takeIf(TAG.boolean);
  if (flag && flag.content.length !== 1) throw new Unreadable();
  // An INTEGER in its place: old certificates of Netscape's time.
  const isAuthority = flag ? flag.content[0] !== 0 : readInteger(value.take(TAG.integer)) !== 0;
  if (value.isAtEnd) return { isAuthority };
  const pathLength = readInteger(value.take(TAG.integer));
  value.end();
  if (pathLength === 0x7fffffff) throw new Unreadable();
  return { isAuthority, pathLength };
}

function readKeyUsage(value: DerReader): number {
  const bits = readBits(value.take(TAG.bitString));
  value.end();
  if (bits.length === 0) throw new Unreadable();
  return bits[0]! | ((bits[1] ?? 0) << 8);
}

function readNetscapeType(value: DerReader): number {
  const bits = readBits(value.take(TAG.bitString));
  value.end();
  if (bits.length !== 1) throw new Unreadable();
  return bits[0]!;
}

function readUsages(value: DerReader): string[] {
  const list = value.enter(TAG.sequence);
  value.end();
  const usages: string[] = [];
  while (!list.isAtEnd) usages.push(oidOf(list.take(TAG.oid)));
  if (usages.length === 0) throw new Unreadable();
  return usages;
}

function readNames(value: DerReader): Value[] {
  const list = value.enter(TAG.sequence);
  value.end();
  const names: Value[] = [];
  while (!list.isAtEnd) {
    const name = list.take();
    if ((name.tag & 0xc0) !== 0x80) throw new Unreadable();
    if ((name.tag & 0x1f) === 7 && name.content.length !== 4 && name.content.length !== 16)
      throw new Unreadable();
    if ((name.tag & 0x1f) === 0) checkOtherName(new DerReader(name.content));
    names.push(name);
  }
  return names;
}

/** OtherName; of its values mbedTLS reads the name of a hardware module (RFC 4108). */
function checkOtherName(name: DerReader): void {
  if (oidOf(name.take(TAG.oid)) !== OID.hardwareModuleName) return;
  const value = name.enter(0xa0);
  name.end();
  const module = value.enter(TAG.sequence);
  value.end();
  module.take(TAG.oid);
  module.take(TAG.octetString);
  module.end();
}

/** CertificatePolicies; where critical, mbedTLS takes anyPolicy alone. */
function checkPolicies(bytes: Buffer, isCritical: boolean): void {
  const value = new DerReader(bytes);
  const list = value.enter(TAG.sequence);
  value.end();
  if (list.isAtEnd) throw new Unreadable();
  while (!list.isAtEnd) {
    const policy = list.enter(TAG.sequence);
    const oid = oidOf(policy.take(TAG.oid));
    if (isCritical && oid !== OID.anyPolicy) throw new Unreadable();
    if (!policy.isAtEnd) policy.take(TAG.sequence);
    policy.end();
  }
}
