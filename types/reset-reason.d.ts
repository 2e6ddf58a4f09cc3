// build/devices/esp32/modules/resetReason: ESP32 only, and in no typings, so the file that imports it refers to this one
// for mcconfig's compiler. `reason` is esp_reset_reason_t; `string` knows the first eleven.
declare module "resetReason" {
  export default function getResetReason(): { reason: number; string: string };
}
