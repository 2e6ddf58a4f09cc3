import { isIpv4 } from "../../modules/names/ipv4";
import { DerReader, lowerText, TAG, Unreadable, type Value } from "./der";

/** GeneralName (RFC 5280, 4.2.1.6). */
const DNS_NAME = 0x82;
const IP_ADDRESS = 0x87;
const PERMITTED = 0xa0;
const EXCLUDED = 0xa1;

/** RFC 9525: a dNSName with at most one whole left-most wildcard label, or an iPAddress; never the common name. */
export function namesHost(names: readonly Value[], host: string): boolean {
  const self = nameOf(host);
  return names.some(({ tag, content }) => {
    if (tag !== self.tag) return false;
    return tag === IP_ADDRESS
      ? content.equals(self.content)
      : matches(lowerText(content), lowerText(self.content));
  });
}

/**
 * May an authority with these NameConstraints (RFC 5280, 4.2.1.10) vouch for all `names` of a server, and for `host`?
 * Names that we never go by (of a directory, for mail, of resources) are not looked at.
 */
export function permits(constraints: Buffer, names: readonly Value[], host: string): boolean {
  try {
    const all = new DerReader(constraints);
    const fields = all.enter(TAG.sequence);
    all.end();
    const permitted = readSubtrees(fields, PERMITTED);
    const excluded = readSubtrees(fields, EXCLUDED);
    fields.end();
    return [...names, nameOf(host)].every((name) => {
      if (name.tag !== DNS_NAME && name.tag !== IP_ADDRESS) return true;
      const ofForm = permitted.filter(({ tag }) => tag === name.tag);
      return (
        (ofForm.length === 0 || ofForm.some((base) => isWithin(name, base))) &&
        !excluded.some((base) => isWithin(name, base))
      );
    });
  } catch (error) {
    if (error instanceof Unreadable) return false;
    throw error;
  }
}

/** GeneralSubtree ::= SEQUENCE { base GeneralName }: RFC 5280 allows no minimum and no maximum. */
function readSubtrees(fields: DerReader, tag: number): Value[] {
  const bases: Value[] = [];
  const field = fields.takeIf(tag);
  const list = field && new DerReader(field.content);
  while (list && !list.isAtEnd) {
    const subtree = list.enter(TAG.sequence);
    bases.push(subtree.take());
    subtree.end();
  }
  return bases;
}

function isWithin(name: Value, base: Value): boolean {
  if (name.tag !== base.tag) return false;
  if (name.tag === DNS_NAME) return isInDomain(lowerText(name.content), lowerText(base.content));
  const { length } = name.content;
  return (
    base.content.length === 2 * length &&
    name.content.every((byte, i) => ((byte ^ base.content[i]!) & base.content[length + i]!) === 0)
  );
}

function isInDomain(name: string, base: string): boolean {
  if (base === "" || name === base) return true;
  return name.length > base.length && name.endsWith(base.startsWith(".") ? base : `.${base}`);
}

function matches(pattern: string, host: string): boolean {
  if (!pattern.startsWith("*.") || pattern.length === 2) return pattern === host;
  const dot = host.indexOf(".");
  return dot > 0 && pattern.indexOf(".", 2) >= 0 && pattern.slice(1) === host.slice(dot);
}

function nameOf(host: string): Value {
  const address = isIpv4(host);
  const content = address ? Buffer.from(host.split(".").map(Number)) : Buffer.from(host, "latin1");
  return { tag: address ? IP_ADDRESS : DNS_NAME, content, whole: content };
}
