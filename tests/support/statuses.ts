import type { Status } from "../../modules/device/status";

/** Every status, in the order of the application note's table. */
export const STATUSES = Object.keys({
  setup: true,
  joining: true,
  connecting: true,
  online: true,
  offline: true,
} satisfies Record<Status, true>) as Status[];
