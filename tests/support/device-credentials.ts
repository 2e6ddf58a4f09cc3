import { parseIdentity } from "../../modules/identity/identity";
import { formatPem } from "../../tools/pki/pem";

/** What a device's identity image holds, as a client in Node wants it. */
export function deviceCredentials(image: Uint8Array): { deviceId: string; key: string; cert: string } {
  const identity = parseIdentity(image);
  if (typeof identity === "string") throw new Error(identity);
  return {
    deviceId: identity.deviceId,
    key: formatPem("PRIVATE KEY", identity.privateKey),
    cert: identity.certificateChain.map((der) => formatPem("CERTIFICATE", der)).join(""),
  };
}
