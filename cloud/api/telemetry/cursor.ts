import type { Place } from "../../store/readings";
import { Problem } from "../http/problem";

/** Where a page ended, as text that nobody need understand. It says where to go on, and not what may be seen. */
export const formatCursor = ({ device, time, epoch, seq }: Place): string =>
  Buffer.from(JSON.stringify([device, time, epoch, seq])).toString("base64url");

const MOST_CHARACTERS = 300;

/** @throws Problem */
export function parseCursor(text: string): Place {
  const [device, time, epoch, seq, ...rest] = text.length <= MOST_CHARACTERS ? listOf(text) : [];
  if (
    typeof device !== "string" ||
    !isCount(time) ||
    typeof epoch !== "string" ||
    !/^[0-9a-f]{8}$/.test(epoch) ||
    !isCount(seq) ||
    rest.length > 0
  )
    throw new Problem("bad-cursor");
  return { device, time, epoch, seq };
}

function listOf(text: string): unknown[] {
  try {
    const value: unknown = JSON.parse(Buffer.from(text, "base64url").toString());
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
