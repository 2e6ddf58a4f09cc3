const MOST_CHARACTERS = 253;
const MOST_LABEL = 63;

/**
 * Whether `text` is a host name (RFC 1123 2.1: labels of letters, digits and inner hyphens) or an IPv4 literal of
 * four decimal octets. No port, no scheme, no final dot.
 */
export function isHostName(text: string): boolean {
  if (text.length > MOST_CHARACTERS) return false;
  const labels = text.split(".");
  if (!labels.every(isLabel)) return false;
  // RFC 1123 2.1: a name whose last label is a number is an address.
  return isDigits(labels[labels.length - 1]!) ? labels.length === 4 && labels.every(isOctet) : true;
}

function isLabel(label: string): boolean {
  if (label.length === 0 || label.length > MOST_LABEL) return false;
  if (label.startsWith("-") || label.endsWith("-")) return false;
  for (let i = 0; i < label.length; i++) {
    const code = label.charCodeAt(i);
    const letter = (code | 0x20) >= 0x61 && (code | 0x20) <= 0x7a;
    if (!letter && !isDigit(code) && code !== 0x2d) return false;
  }
  return true;
}

const isDigit = (code: number): boolean => code >= 0x30 && code <= 0x39;

function isDigits(label: string): boolean {
  for (let i = 0; i < label.length; i++) if (!isDigit(label.charCodeAt(i))) return false;
  return true;
}

const isOctet = (label: string): boolean =>
  isDigits(label) && String(Number(label)) === label && Number(label) <= 255;
