import { Digest } from "crypt";
import { DeviceTls } from "../../carried/device-tls";
import { Asker } from "./ask";
import type { BoardCrypto } from "./crypto";
import type { Link } from "./link";

/**
 * By the helper of `npm run simulator`, where the simulator has no mbedTLS: TLS crosses the link, what the firmware
 * wants from a call is asked. SHA-256 is the SDK's own.
 */
export function openCrypto(link: Link, life: number): BoardCrypto {
  const asker = new Asker(life);
  const tls = new DeviceTls({
    post: (message) => link.post(message),
    isSound: (identity) => asker.ask({ ask: "is-sound", identity }),
  });
  return {
    openTlsSocket: tls.open,
    canUse: (identity) => asker.ask({ ask: "is-sound", identity }),
    trustedUntil: (identity) => asker.ask({ ask: "trusted-until", identity }),
    signatures: {
      sha256: () => {
        const digest = new Digest("SHA256");
        return {
          // It takes views, too: the SDK's typings do not know.
          update: (bytes) => digest.write(bytes as unknown as ArrayBuffer),
          digest: () => new Uint8Array(digest.close()),
        };
      },
      verifyEs256: (key, message, signature) => asker.ask({ ask: "verify-es256", key, message, signature }),
    },
    credentials: {
      newKey: () => asker.ask({ ask: "new-key" }),
      requestFor: (key, certificate) => asker.ask({ ask: "request", key, certificate }),
      judge: (candidate, present, dated) => asker.ask({ ask: "judge", candidate, present, dated }),
      validity: (certificate) => asker.ask({ ask: "validity", certificate }),
    },
    take: (message) => tls.take(message),
  };
}
