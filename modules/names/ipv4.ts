/** The four bytes of a dotted-quad IPv4 literal ("192.168.1.1"; decimal, no leading zeros), else `undefined`. */
export function parseIpv4(text: string): [number, number, number, number] | undefined {
  if (text.length < 7 || text.length > 15) return undefined;
  const parts = text.split(".");
  if (parts.length !== 4) return undefined;
  const bytes = parts.map(parseByte);
  return bytes.includes(-1) ? undefined : (bytes as [number, number, number, number]);
}

export function isIpv4(text: string): boolean {
  return parseIpv4(text) !== undefined;
}

function parseByte(text: string): number {
  if (text.length < 1 || text.length > 3 || (text.length > 1 && text[0] === "0")) return -1;
  let value = 0;
  for (let i = 0; i < text.length; i++) {
    const digit = text.charCodeAt(i) - 48;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value > 255 ? -1 : value;
}
