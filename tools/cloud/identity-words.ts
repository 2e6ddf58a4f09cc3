// What the reasons of identity/state mean to whoever runs the cloud (docs/protocol.md).
import type { IdentityReason, IdentityWait } from "../../modules/credentials/identity-report";

const WORDS = {
  "unknown-device": "The service knows no device of this name.",
  busy: "The service, or the authority behind it, has no time now.",
  rate: "It has had as many certificates as it gets in a day.",
  name: "The service found another name in the request.",
  key: "The service does not sign this key.",
  refused: "The service refuses: the device is revoked, or its authority does not sign.",
  unreadable: "A certificate of the answer is none that this device can read.",
  "wrong-key": "The answer is for another key than the one that was asked for.",
  "wrong-name": "The answer is in another name.",
  "wrong-usage": "The certificate of the answer is not for a device.",
  "unknown-authority": "The answer is signed by nobody whom this device knows.",
  expired: "The certificate of the answer has expired.",
  "not-yet-valid": "The certificate of the answer is not valid yet.",
  "weak-certificate": "A key or signature of the answer is too weak.",
  "no-memory": "The device was short of memory.",
  "no-request": "The device could make no key, or no request.",
  "no-answer": "The service did not answer.",
  "bad-answer": "The answer cannot be read.",
  interrupted: "Something else was on trial when the answer came.",
  storage: "The device's flash refuses to keep it.",
  "trial-failed": "The broker did not take the device with it within five minutes.",
  "too-long": "What came is longer than a device reads.",
  "not-signed": "The list of authorities is no signed text.",
  "wrong-alg": "The list is signed in another way than ES256.",
  "wrong-type": "It is signed, but not as a list of authorities.",
  "unknown-header": "Its signature demands what this firmware does not know.",
  "no-keys": "This firmware was built without keys, and takes no list.",
  "bad-signature": "No key that this firmware trusts has signed the list.",
  "list-version": "The list is made for a later firmware.",
  "bad-list": "What is signed cannot be read as a list of authorities.",
  "not-newer": "The list is below the one in force.",
  offline: "The broker is not reached.",
  setup: "The device is in setup mode.",
  "broker-trial": "A new broker is being tried.",
  update: "New firmware comes, or is on trial.",
} as const satisfies Record<IdentityReason | IdentityWait, string>;

/** What a reason means; `undefined`: of a firmware that knows more of them. */
export function identityWords(reason: string): string | undefined {
  const words: { readonly [reason: string]: string } = WORDS;
  return Object.hasOwn(words, reason) ? words[reason] : undefined;
}
