import TCP from "embedded:io/socket/tcp";
import { NATIVE_CREDENTIALS } from "../../../modules/credentials/native/native-credentials";
import { NATIVE_SIGNATURES } from "../../../modules/signed/native/native-signatures";
import TlsEngine from "../../../modules/tls/engine";
import { createOpenTlsSocket, isSoundIdentity, trustedUntil } from "../../../modules/tls/tls-socket";
import type { BoardCrypto } from "./crypto";

/** The device's own, over mbedTLS. */
export function openCrypto(): BoardCrypto {
  return {
    openTlsSocket: createOpenTlsSocket({ TCP: TCP as never, Engine: TlsEngine }),
    canUse: (identity) => isSoundIdentity(TlsEngine, identity),
    trustedUntil: (identity) => trustedUntil(TlsEngine, identity),
    signatures: NATIVE_SIGNATURES,
    credentials: NATIVE_CREDENTIALS,
    take: () => false,
  };
}
