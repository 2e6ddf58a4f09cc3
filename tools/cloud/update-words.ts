// What the reasons of update/state mean to whoever sent the release (docs/protocol.md).
import { TLS_FAILURE_WORDS } from "../../modules/network/link-failure";
import type { TlsFailure } from "../../modules/network/socket";
import type { UpdateReason, UpdateWait } from "../../modules/update/update-report";

/** All of them but the failures of TLS, which have their words already. */
const WORDS = {
  "too-long": "The offer is longer than a device takes.",
  "not-signed": "The offer is no signed text.",
  "wrong-alg": "It is signed in another way than ES256.",
  "wrong-type": "It is signed, but not as an update.",
  "unknown-header": "Its signature demands what this firmware does not know.",
  "no-keys": "This firmware was built without update keys, and takes no update.",
  "bad-signature": "No key that this firmware trusts has signed it.",
  "manifest-version": "It is made for a later firmware.",
  "bad-manifest": "What is signed cannot be read as an update.",
  "bad-blocks": "Its block hashes do not fit its size.",
  "wrong-board": "It is for another board.",
  "not-newer": "It is not above what runs here, or ran here before.",
  "below-floor": "A release that was kept here forbids it.",
  "stepping-stone": "Another release must come first.",
  "too-large": "The slot is smaller than the image.",
  formats: "It would not read what this firmware has in flash, or the other way round.",
  expired: "The offer, or the server's certificate, has run out.",
  "one-slot": "This board was flashed for the debugger, and has one slot.",
  storage: "The device's memory for settings refuses to keep what it must.",
  attempts: "Five downloads have failed.",
  "not-http": "The server does not answer as a web server.",
  "not-partial": "The server sends the whole where a part was asked for.",
  "wrong-range": "The server sends another part than was asked for.",
  "wrong-length": "The server says another length than the part has.",
  chunked: "The server sends in chunks.",
  encoded: "The server compresses.",
  redirect: "The server sends the device elsewhere.",
  forbidden: "The server does not take the device's certificate.",
  "not-found": "The image is not on the server.",
  "range-refused": "The image on the server is shorter.",
  busy: "The server is busy, and has said so.",
  "server-error": "The server has failed.",
  "cut-off": "The connection ended before a part was whole.",
  surplus: "More came than was asked for.",
  "too-slow": "Too little came in half a minute.",
  "dns-failed": "No address is found for the server.",
  "connect-timeout": "The server does not answer on 443: a firewall, or it is away.",
  "connect-refused": "The server refuses connections on 443.",
  "on-trial": "An image is on trial; another one has to wait.",
  flash: "The flash refuses.",
  "bad-block": "What came is not what was signed.",
  "bad-image": "Each part is right, and the whole is not.",
  "wrong-image": "The image says of itself that it is another one.",
  crashed: "It crashed, hung or restarted without a word.",
  "not-online": "It did not reach the cloud where the release before it did.",
  undecided: "Three trials have decided nothing.",
  off: "The setting updates is off.",
  manual: "The setting updates leaves it to a person: the command update.",
  setup: "The device is in setup mode.",
  offline: "The broker is not reached.",
  "broker-trial": "A new broker is being tried.",
  backlog: "Readings go first.",
  pause: "A download has failed; there is a pause before the next one.",
  jitter: "Up to ten minutes, so that not all devices come at once.",
  "trial-pause": "Its next trial comes later, or the last one is being judged.",
} as const satisfies Record<Exclude<UpdateReason | UpdateWait, TlsWord>, string>;

/** `expired` may be the offer's, too. */
type TlsWord = Exclude<TlsFailure, "expired">;

/** What a reason means; `undefined`: of a firmware that knows more of them. */
export function updateWords(reason: string): string | undefined {
  const words: { readonly [reason: string]: string } = WORDS;
  const tls: { readonly [reason: string]: { readonly says: string } } = TLS_FAILURE_WORDS;
  return Object.hasOwn(words, reason)
    ? words[reason]
    : Object.hasOwn(tls, reason)
      ? tls[reason]!.says
      : undefined;
}
