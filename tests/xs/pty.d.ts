/** The far end of a serial line, a pseudo-terminal on Linux: its file descriptor. */
export function openPty(): number;
/** The near end's path. */
export function pathOf(pty: number): string;
export function writeTo(pty: number, bytes: Uint8Array): void;
/** What the near end has written; empty: nothing. */
export function readFrom(pty: number): ArrayBuffer;
export function closePty(pty: number): void;
