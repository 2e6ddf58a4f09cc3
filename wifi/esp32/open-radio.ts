import type { Logger } from "../../modules/base/logger";
import { accessPointName } from "../access-point";
import type { OnDriverEvent } from "./driver";
import { type AccessPointDriver, Esp32AccessPoint } from "./esp32-access-point";
import { Esp32Radio, type StationDriver } from "./esp32-radio";

/** The class of driver.js. */
export interface RadioDriverClass {
  new (hostname: string, onEvent: OnDriverEvent): StationDriver & AccessPointDriver;
  mac(): string;
}

/** Starts the chip's radio: a station, and the access point beside it. DHCP servers see the setup network's name. */
export function openEsp32Radio(
  Driver: RadioDriverClass,
  log: Logger,
): { radio: Esp32Radio; accessPoint: Esp32AccessPoint } {
  const mac = Driver.mac();
  const driver = new Driver(accessPointName(mac), (event, ...details) => {
    if (event === "phones") accessPoint.phonesChanged();
    else radio.take(event, ...details);
  });
  const radio = new Esp32Radio({ driver, mac, log });
  const accessPoint = new Esp32AccessPoint({ driver, log });
  return { radio, accessPoint };
}
