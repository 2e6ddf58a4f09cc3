import type { Identity } from "../../modules/identity/identity";

/** A DER SEQUENCE around `content`: enough of a certificate for what only passes it on. */
export function sequence(content: Uint8Array): Uint8Array {
  const { length } = content;
  const header =
    length < 0x80
      ? [0x30, length]
      : length < 0x100
        ? [0x30, 0x81, length]
        : [0x30, 0x82, length >> 8, length & 0xff];
  return Uint8Array.from([...header, ...content]);
}

/** PKCS#8 of a P-256 key whose inner part is `key`. */
export function p256Pkcs8(key: Uint8Array): Uint8Array {
  const prefix = "020100301306072a8648ce3d020106082a8648ce3d030107";
  return sequence(Uint8Array.from([...Buffer.from(prefix, "hex"), 0x04, key.length, ...key]));
}

/** An identity in form, not in substance: its certificates are empty shells. */
export function sampleIdentity(over: Partial<Identity> = {}): Identity {
  return {
    deviceId: "aerolink-a4cf12aabbcc",
    mac: "a4:cf:12:aa:bb:cc",
    setupPassword: "K7MW-4QXN-2RHD",
    privateKey: p256Pkcs8(new Uint8Array(109).fill(7)),
    certificateChain: [sequence(new Uint8Array(400).fill(1))],
    certificateAuthorities: [sequence(new Uint8Array(390).fill(2))],
    ...over,
  };
}
