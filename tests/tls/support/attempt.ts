import type { OpenTlsSocket, Socket, TlsIdentity, TlsSocketOptions } from "../../../modules/network/socket";
import type { TlsCase } from "../cases";
import { HOST, type Pki } from "./pki";
import { PALINDROME } from "./servers";

/** Short, since "a silent server" waits for it. */
export const HANDSHAKE_LIMIT_MS = 1_500;

export function identityOf(tlsCase: TlsCase, pki: Pki): TlsIdentity {
  const anchors = tlsCase.anchors?.(pki) ?? [pki.ca, pki.rsaCa];
  const chain = tlsCase.client?.(pki) ?? [pki.client];
  return {
    certificateAuthorities: anchors.map(({ der }) => der),
    certificateChain: chain.map(({ der }) => der),
    ...(chain[0] && { privateKey: chain[0].key }),
  };
}

/**
 * One connection through the socket's contract: "accepted" when a line went there and back; the reason otherwise.
 * (In TLS 1.3 a server refuses our certificate after the handshake is done on our side.)
 */
export function attempt(
  open: OpenTlsSocket,
  tlsCase: TlsCase,
  identity: TlsIdentity,
  port: number,
  onVerified: (validFromMs: number) => void = () => {},
): Promise<TlsCase["outcome"]> {
  return new Promise((resolve, reject) => {
    let echoed = "";
    let sent = false;
    const options: TlsSocketOptions = {
      address: "127.0.0.1",
      port,
      host: tlsCase.host ?? HOST,
      ...(tlsCase.alpn !== undefined && { alpn: tlsCase.alpn }),
      identity,
      handshakeTimeoutMs: tlsCase.outcome === "handshake-timeout" ? HANDSHAKE_LIMIT_MS : 10_000,
      onVerified,
      onWritable() {
        if (sent) return;
        sent = true;
        socket.write(Buffer.from(PALINDROME));
      },
      onReadable(bytes) {
        echoed += Buffer.from(socket.read(bytes)!).toString();
        if (echoed !== PALINDROME) return;
        socket.close();
        resolve("accepted");
      },
      onError: resolve,
    };
    let socket: Socket;
    try {
      socket = open(options);
    } catch (error) {
      if (String(error).startsWith("TypeError: identity: ")) resolve("unusable");
      else reject(error);
    }
  });
}
