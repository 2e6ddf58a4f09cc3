import { join } from "node:path";
import type { Identity } from "../../modules/identity/identity";
import { replace } from "../pki/files";
import { formatPem } from "../pki/pem";
import { formatIdentity } from "./format";
import { formatLabel } from "./label";
import { setupSsidOf } from "./naming";

/** Files of one device, in a folder of its id. */
export const devicePaths = (
  dir: string,
  deviceId: string,
): { folder: string; key: string; request: string; certificate: string; image: string; label: string } => {
  const folder = join(dir, "devices", deviceId);
  return {
    folder,
    key: join(folder, "key.pem"),
    request: join(folder, "request.pem"),
    certificate: join(folder, "certificate.pem"),
    image: join(folder, "identity.bin"),
    label: join(folder, "label.svg"),
  };
};

/**
 * Writes what a factory needs of `identity` besides its key: certificate, image and, where the MAC is known, label.
 * The image comes last: where it is, all is.
 */
export async function writeDevice(dir: string, identity: Identity, product: string): Promise<Uint8Array> {
  const paths = devicePaths(dir, identity.deviceId);
  const { mac, deviceId, setupPassword: password } = identity;
  const image = formatIdentity(identity);
  const chain = identity.certificateChain.map((der) => formatPem("CERTIFICATE", der));
  await replace(paths.certificate, chain.join(""));
  if (mac)
    await replace(paths.label, formatLabel({ product, deviceId, mac, ssid: setupSsidOf(mac), password }));
  await replace(paths.image, image);
  return image;
}
