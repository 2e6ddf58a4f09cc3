// What the device's answers to commands and settings mean to whoever sent them (docs/protocol.md).
import type { CommandError } from "../../modules/commands/commands";
import type { ConfigurationFault, KeyError } from "../../modules/configuration/configuration";

const OF_MESSAGE = {
  "too-long": "it is longer than a device takes",
  "too-complex": "it has too many parts, or parts in parts",
  "not-json": "it is no JSON",
  "not-an-object": "it is no JSON object",
  "unknown-member": "it has a member that the protocol does not know",
} as const;

export const COMMAND_WORDS = {
  ...OF_MESSAGE,
  "bad-id": "its id is none",
  "unknown-command": "this firmware has no such command",
  "bad-args": "an argument is missing, unknown, or outside its range",
  "bad-expires": "the time when it ends is none",
  expired: "its time was over when it arrived",
  retained: "it was kept by the broker, and commands are for now",
  busy: "too many at once: send it again",
  interrupted: "the power went while it ran: it may have had its effect",
  "no-reading": "the sensor had nothing",
  "not-found": "no saved network has this name",
  "in-use": "the device is on this network, or has no other",
  storage: "the flash refused to keep it",
  "not-offered": "no such release is offered, or it is not for this device",
  off: "the setting updates forbids it",
  "on-trial": "something is on trial: wait for its end",
  "no-previous": "there is no image before this one",
  "below-floor": "the image before this one is too old to run again",
  "no-renewal": "its identity names no service that renews it",
  "not-ready": "the sensor is not there, or starts",
  "warming-up": "the sensor has not run long enough in this air",
  calibrating: "the last calibration has not ended",
  "fresh-air-only": "this sensor takes the air around it for fresh, and no other value",
  "no-co2-sensor": "nothing here measures CO₂ and can be calibrated",
} as const satisfies Record<CommandError, string>;

export const SETTING_WORDS = {
  "wrong-type": "it is of another type",
  "out-of-range": "it is outside what is allowed",
  "too-long": "it is too long",
  malformed: "it is not of the form that is needed",
  "unknown-key": "this firmware has no such setting",
  "not-allowed": "only the device changes it",
  "outside-domain": "a broker outside the domain of its identity is a matter for a person on site",
  storage: "the flash refused to keep it",
  unreachable: "the new broker was not reached: the one before is back",
} as const satisfies Record<KeyError, string>;

export const CONFIGURATION_WORDS = {
  ...OF_MESSAGE,
  "bad-version": "its version is no number",
  "bad-settings": "its settings are no object",
  "older-version": "a newer one was applied before",
} as const satisfies Record<ConfigurationFault, string>;

/** Of a later firmware than this page's there may be a word that it does not know. */
export function wordsFor(table: Readonly<Record<string, string>>, reason: string): string {
  return Object.hasOwn(table, reason) ? `${reason}: ${table[reason]}` : reason;
}
