/** esp_ota_img_states_t of ESP-IDF, as otadata has it of one slot. */
export type SlotState =
  /** No entry of otadata names the slot. */
  | "none"
  /** Activated, not booted yet. */
  | "new"
  /** Running for the first time: any reset before it is confirmed brings the other slot back. */
  | "pending"
  | "valid"
  /** Given up, by itself or by us. */
  | "invalid"
  /** Reset while it was pending. */
  | "aborted"
  /** As flashed by cable: nobody has said. */
  | "undefined";

/** The flash of a slot. Every method throws where the chip fails. Addresses and lengths of writes are multiples of 16. */
export interface SlotFlash {
  readonly byteLength: number;
  readonly sectorLength: number;
  read(at: number, into: Uint8Array): void;
  write(at: number, bytes: Uint8Array): void;
  erase(sector: number): void;
  close(): void;
}

/** The two places for an image, and which of them starts. */
export interface Slots {
  runningState(): SlotState;
  otherState(): SlotState;
  /** The slot that does not run. */
  open(): SlotFlash;
  /** Makes otadata of the slot that does not run invalid: before its first erase. False: the flash refused. */
  forget(): boolean;
  /** The other slot starts next; image and chip are checked. */
  activate(): "ok" | "bad-image" | "flash";
  /** The running image stays. False: the flash refused. */
  confirm(): boolean;
  /** The running image is given up and the other one starts: it restarts, and does not return when it works. */
  reject(): boolean;
}
