import type { FleetRow } from "./answers";
import { type Judged, worstOf } from "./bands";
import { ago, length } from "./words";

/** Why a device needs somebody, the worst first; the order is the order of the list. */
export const CAUSES = [
  "danger",
  "away",
  "fault",
  "silent",
  "air",
  "certificate",
  "clock",
  "new",
  "none",
] as const;
export type Cause = (typeof CAUSES)[number];

export interface Attention {
  readonly cause: Cause;
  /** In words; empty where nothing is the matter. */
  readonly says: string;
  readonly worst: Judged | undefined;
}

/** A device that measures once an hour is not silent before that. */
const SILENT_SECONDS = 2 * 3_600;
const CERTIFICATE_DAYS = 30;
/** From here on air is somebody's matter; a moderate value is not. */
const BAD_AIR = 2;
/** From here on it is unhealthy for everybody, and comes before all else while it lasts. */
const DANGER = 3;

/** `nowMs`: Unix ms. */
export function attentionOf(
  { device, online, heard_at, status, latest }: FleetRow,
  nowMs: number,
): Attention {
  const worst = latest ? worstOf(latest, { isIndoor: device.metadata.is_indoor }) : undefined;
  const fault = status?.sensor?.fault;
  const since = (time: string): string => ago(Date.parse(time), nowMs);
  const latestAt = latest ? Date.parse(latest.timestamp) : undefined;
  const isFresh = latestAt !== undefined && (nowMs - latestAt) / 1000 < SILENT_SECONDS;
  if (isFresh && worst && worst.band.level >= DANGER) return { cause: "danger", says: "", worst };
  if (heard_at === null && !latest) return { cause: "new", says: "Has never sent anything", worst };
  if (!online && heard_at !== null)
    return { cause: "away", says: `Not connected; last heard ${since(heard_at)}`, worst };
  if (typeof fault === "string" && fault !== "") return { cause: "fault", says: `Sensor: ${fault}`, worst };
  if (latestAt !== undefined && !isFresh)
    return { cause: "silent", says: `No reading for ${length((nowMs - latestAt) / 1000)}`, worst };
  if (worst && worst.band.level >= BAD_AIR) return { cause: "air", says: "", worst };
  const daysLeft = status?.certificate?.daysLeft;
  if (typeof daysLeft === "number" && daysLeft < CERTIFICATE_DAYS)
    return {
      cause: "certificate",
      says: daysLeft <= 0 ? "Its certificate has ended" : `Its certificate ends in ${daysLeft} days`,
      worst,
    };
  if (status?.clock === "none") return { cause: "clock", says: "Does not know the time", worst };
  return { cause: "none", says: "", worst };
}

const collator = new Intl.Collator("en", { numeric: true });

export interface ListedRow {
  readonly row: FleetRow;
  readonly attention: Attention;
}

/** What needs somebody first, then worse air, then by name. */
export function byAttention(a: ListedRow, b: ListedRow): number {
  return (
    CAUSES.indexOf(a.attention.cause) - CAUSES.indexOf(b.attention.cause) ||
    (b.attention.worst?.band.level ?? -1) - (a.attention.worst?.band.level ?? -1) ||
    collator.compare(a.row.device.metadata.friendlyName, b.row.device.metadata.friendlyName) ||
    collator.compare(a.row.device.mqtt_id, b.row.device.mqtt_id)
  );
}

export const FILTERS = { all: "All", attention: "Need attention", away: "Not connected" } as const;
export type Filter = keyof typeof FILTERS;

export function passes({ row, attention }: ListedRow, filter: Filter, text: string): boolean {
  if (filter === "attention" && attention.cause === "none") return false;
  if (filter === "away" && (row.online || attention.cause === "new")) return false;
  const words = text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "");
  if (words.length === 0) return true;
  const { device, status } = row;
  const all = [
    device.metadata.friendlyName,
    device.metadata.is_indoor ? "indoors" : "outdoors",
    device.mqtt_id,
    device.model,
    device.serial,
    status?.firmware ?? "",
    ...(device.tags ?? []),
  ]
    .join("\n")
    .toLowerCase();
  return words.every((word) => all.includes(word));
}
