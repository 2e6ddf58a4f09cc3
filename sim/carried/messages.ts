import type { SocketFailure, TlsIdentity } from "../../modules/network/socket";

/**
 * What passes, beside the wire, between a board whose simulator has no TLS of its own and the helper that carries it:
 * a TLS connection is opened, written and read there, and its plaintext crosses loopback. `id` is the board's.
 */
export type FromCarried =
  | {
      readonly t: "tls-open";
      readonly id: number;
      readonly address: string;
      readonly port: number;
      readonly host: string;
      readonly alpn?: string;
      readonly identity: TlsIdentity;
      readonly connectTimeoutMs?: number;
      readonly handshakeTimeoutMs?: number;
    }
  | { readonly t: "tls-data"; readonly id: number; readonly bytes: Uint8Array }
  /** The firmware has read so many bytes. */
  | { readonly t: "tls-took"; readonly id: number; readonly bytes: number }
  | { readonly t: "tls-close"; readonly id: number };

export type ToCarried =
  | { readonly t: "tls-verified"; readonly id: number; readonly fromMs: number }
  /** `bytes` more may be written. */
  | { readonly t: "tls-window"; readonly id: number; readonly bytes: number }
  | { readonly t: "tls-data"; readonly id: number; readonly bytes: Uint8Array }
  | { readonly t: "tls-end"; readonly id: number; readonly reason: SocketFailure };

/** Bytes that may be on their way to the board before it has read them. */
export const CARRIED_WINDOW = 16_384;
