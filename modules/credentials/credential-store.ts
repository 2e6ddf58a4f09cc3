import {
  CONFIRMED_MARKS,
  CONFIRMED_OFFSET,
  type CredentialRecord,
  formatMark,
  formatRecord,
  MARK_BYTES,
  MOST_FIELD_BYTES,
  MOST_TRIES,
  parseRecord,
  RECORD_HEADER,
  type RecordKind,
  recordLength,
  TRY_OFFSET,
} from "./record";

/** The partition, as `embedded:storage/flash` has it. */
export interface CredentialFlash {
  read(bytes: Uint8Array, byteOffset: number): unknown;
  write(bytes: Uint8Array, byteOffset: number): void;
  eraseBlock(block: number): void;
}

/** A record that is whole. */
export interface StoredRecord {
  readonly sector: number;
  readonly kind: RecordKind;
  readonly sequence: number;
  /** It has worked. */
  readonly isConfirmed: boolean;
}

const SECTORS = 3;
const SECTOR_BYTES = 4_096;

/**
 * Three sectors for two kinds of record: what is in force of each, and a candidate, or the one that was in force before.
 *
 * - What is in force is the newest record of its kind that has worked. Its sector is not written to but for marks, and
 *   not erased, as long as it is that: a power cut at any byte leaves it.
 * - A candidate becomes that by one mark. Only then may the one before make room.
 * - Each boot that is to try a candidate takes a mark; without one left it is given up, whatever ended the boots.
 *
 * Nothing is kept in RAM but where the records are. Flash that fails is false, never an exception.
 */
export class CredentialStore {
  #flash: CredentialFlash;
  #records: StoredRecord[] = [];

  constructor(flash: CredentialFlash) {
    this.#flash = flash;
    for (let sector = 0; sector < SECTORS; sector++) {
      const record = this.load(sector);
      if (record) this.#records.push(this.standing(record, sector));
    }
  }

  /** The newest of its kind that has worked. */
  current(kind: RecordKind): StoredRecord | undefined {
    return newestOf(this.#records.filter((each) => each.kind === kind && each.isConfirmed));
  }

  /** What has not worked yet: at most one. */
  get candidate(): StoredRecord | undefined {
    const newest = newestOf(this.#records);
    return newest?.isConfirmed ? undefined : newest;
  }

  /** A copy. Empty: it is there no more. */
  fieldsOf({ sector }: StoredRecord): Uint8Array {
    return this.load(sector)?.fields ?? new Uint8Array(0);
  }

  /** Lays a candidate down, in the place of one that is there. False: it does not fit, or the flash refuses it. */
  put(kind: RecordKind, fields: Uint8Array): boolean {
    if (fields.length > MOST_FIELD_BYTES) return false;
    this.drop();
    const sector = this.freeSector();
    const sequence = (newestOf(this.#records)?.sequence ?? 0) + 1;
    this.#records = this.#records.filter((each) => each.sector !== sector);
    try {
      this.#flash.eraseBlock(sector);
      this.#flash.write(formatRecord({ kind, sequence, fields }), sector * SECTOR_BYTES);
    } catch {
      return false;
    }
    const record = this.load(sector);
    if (record?.sequence !== sequence) return false;
    this.#records.push(this.standing(record, sector));
    return true;
  }

  /** A boot is to try the candidate. False: too many have. */
  tryCandidate(): boolean {
    return this.mark("tried", TRY_OFFSET, MOST_TRIES);
  }

  /** The candidate has worked. False: the flash refuses it. */
  confirm(): boolean {
    const { candidate } = this;
    if (!candidate || !this.mark("confirmed", CONFIRMED_OFFSET, CONFIRMED_MARKS)) return false;
    this.#records = this.#records.map((each) => (each === candidate ? { ...each, isConfirmed: true } : each));
    return true;
  }

  /** Gives the candidate up. */
  drop(): void {
    const { candidate } = this;
    if (!candidate) return;
    this.#records = this.#records.filter((each) => each !== candidate);
    try {
      this.#flash.eraseBlock(candidate.sector);
    } catch {
      // It stays a candidate for the next boot, whose marks run out.
    }
  }

  /** Takes the first place of `count` that is empty. */
  private mark(what: "tried" | "confirmed", offset: number, count: number): boolean {
    const { candidate } = this;
    if (!candidate) return false;
    const mark = formatMark(what, candidate.sequence);
    for (let i = 0; i < count; i++) {
      const at = candidate.sector * SECTOR_BYTES + offset + i * MARK_BYTES;
      if (!this.read(at, MARK_BYTES).every((byte) => byte === 0xff)) continue;
      try {
        this.#flash.write(mark, at);
      } catch {
        return false;
      }
      return this.holds(at, mark);
    }
    return false;
  }

  private standing({ kind, sequence }: CredentialRecord, sector: number): StoredRecord {
    const mark = formatMark("confirmed", sequence);
    let isConfirmed = false;
    for (let i = 0; i < CONFIRMED_MARKS; i++)
      isConfirmed ||= this.holds(sector * SECTOR_BYTES + CONFIRMED_OFFSET + i * MARK_BYTES, mark);
    return { sector, kind, sequence, isConfirmed };
  }

  private load(sector: number): CredentialRecord | undefined {
    const length = recordLength(this.read(sector * SECTOR_BYTES, RECORD_HEADER));
    return length === undefined ? undefined : parseRecord(this.read(sector * SECTOR_BYTES, length));
  }

  private holds(at: number, bytes: Uint8Array): boolean {
    const found = this.read(at, bytes.length);
    return bytes.every((byte, i) => byte === found[i]);
  }

  /** What cannot be read is as if it had been written over. */
  private read(at: number, length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    try {
      this.#flash.read(bytes, at);
    } catch {
      bytes.fill(0);
    }
    return bytes;
  }

  /** One without a record, or else the oldest that is not in force. */
  private freeSector(): number {
    const inForce = [this.current("certificate")?.sector, this.current("authorities")?.sector];
    let free = 0;
    let age = Number.POSITIVE_INFINITY;
    for (let sector = 0; sector < SECTORS; sector++) {
      const sequence = this.#records.find((each) => each.sector === sector)?.sequence ?? -1;
      if (inForce.includes(sector) || sequence >= age) continue;
      free = sector;
      age = sequence;
    }
    return free;
  }
}

function newestOf(records: readonly StoredRecord[]): StoredRecord | undefined {
  let newest: StoredRecord | undefined;
  for (const record of records) if (!newest || record.sequence > newest.sequence) newest = record;
  return newest;
}
