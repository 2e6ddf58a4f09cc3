import QRCode from "qrcode";

/** What a person needs to know of a device before it is online. */
export interface LabelText {
  readonly product: string;
  readonly deviceId: string;
  readonly mac: string;
  readonly ssid: string;
  readonly password: string;
}

/** Millimetres of a label that the usual 62 mm rolls take. */
const WIDTH = 62;
const HEIGHT = 29;
const QR_SIZE = 25;
/** Where the text begins, and the room it has. */
const TEXT_X = 28.5;
const TEXT_WIDTH = 32;
/** Modules left white around the code (ISO/IEC 18004, 9.1). */
const QUIET_ZONE = 4;

/** A printable label: SVG in millimetres, black on white, without outside fonts. */
export function formatLabel(label: LabelText): string {
  const rows: [name: string, value: string, y: number][] = [
    ["Setup Wi-Fi", label.ssid, 10.5],
    ["Password", label.password, 16],
    ["MAC", label.mac.toUpperCase(), 21.5],
    ["Device", label.deviceId, 26.5],
  ];
  const lines = rows.map(
    ([name, value, y]) => `  <text x="${TEXT_X}" y="${y - 2.4}" font-size="1.7">${name}</text>
  <text x="${TEXT_X}" y="${y}" font-size="${fontSize(value, 2.5)}" font-family="monospace" font-weight="bold">${escapeXml(value)}</text>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}mm" height="${HEIGHT}mm" viewBox="0 0 ${WIDTH} ${HEIGHT}">
  <title>${escapeXml(`${label.product} ${label.deviceId}`)}</title>
  <rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>
  <g font-family="Helvetica, Arial, sans-serif">
  <text x="${TEXT_X}" y="4.6" font-size="${fontSize(label.product, 3)}" font-weight="bold">${escapeXml(label.product)}</text>
${lines.join("\n")}
  </g>
${qrPath(formatWifiCode(label.ssid, label.password), 1.5, 2, QR_SIZE)}
</svg>
`;
}

/** Text of a QR code that joins a phone to a WPA network, as phones' cameras read it. */
export function formatWifiCode(ssid: string, password: string): string {
  const verbatim = (text: string) => text.replace(/[\\;,:"]/g, "\\$&");
  return `WIFI:T:WPA;S:${verbatim(ssid)};P:${verbatim(password)};;`;
}

function qrPath(text: string, x: number, y: number, size: number): string {
  const { modules } = QRCode.create(text, { errorCorrectionLevel: "M" });
  const scale = size / (modules.size + 2 * QUIET_ZONE);
  let path = "";
  for (let row = 0; row < modules.size; row++) {
    for (let column = 0; column < modules.size; column++) {
      if (modules.get(row, column)) path += `M${column} ${row}h1v1h-1z`;
    }
  }
  const offset = QUIET_ZONE * scale;
  return `  <path transform="translate(${x + offset} ${y + offset}) scale(${scale})" shape-rendering="crispEdges" d="${path}"/>`;
}

/** The size, at most `most`, in which `text` fits: a bold letter takes at most 0.6 of it on average. */
function fontSize(text: string, most: number): number {
  return Math.min(most, Math.floor((TEXT_WIDTH * 100) / (0.6 * text.length)) / 100);
}

function escapeXml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
