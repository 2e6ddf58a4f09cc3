import { Cloud, type CloudOptions } from "../cloud/cloud";
import { RenewalDesk } from "./desk";
import type { Issuer } from "./issuer";

/** The issuer at a broker, as an operator: `identity/request` of every device is answered on its `identity/renew`. */
export class RenewalService {
  #cloud: Cloud;

  private constructor(cloud: Cloud) {
    this.#cloud = cloud;
  }

  /** @throws CloudTimeout */
  static async start(
    options: CloudOptions,
    issuer: Issuer,
    onFault: (line: string) => void = () => {},
  ): Promise<RenewalService> {
    const cloud = await Cloud.connect(options);
    const desk = new RenewalDesk({
      issuer,
      send: (device, text) =>
        void cloud.renew(device, text).catch((error: Error) => onFault(`${device}: ${error.message}`)),
      onFault: (device) => onFault(`${device}: what it asked is no request`),
    });
    cloud.listen({ onRequest: (device, payload) => void desk.take(device, payload) });
    await cloud.serveRenewals();
    return new RenewalService(cloud);
  }

  close(): Promise<void> {
    return this.#cloud.close();
  }
}
