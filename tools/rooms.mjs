import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";

/**
 * Bytes of bytecode by room, largest first, of the `.xsb` files that xsc wrote into `folder`. What is not in a room of ours
 * is the SDK's. Linking adds slots and takes away equal texts: a room's share, not its size in flash.
 * @param {string} folder @returns {[string, number][]}
 */
export function bytecodeByRoom(folder) {
  const rooms = new Map();
  for (const path of readdirSync(folder, { recursive: true })) {
    if (!path.endsWith(".xsb")) continue;
    const room = roomOf(path.slice(0, -".xsb".length).split(/[\\/]/));
    rooms.set(room, (rooms.get(room) ?? 0) + statSync(join(folder, path)).size);
  }
  return [...rooms].sort(([, a], [, b]) => b - a);
}

function roomOf([first, second, third]) {
  if (first === "main") return "main";
  if (!["modules", "wifi", "led", "mqtt", "provisioning"].includes(first)) return "SDK";
  return first === "modules" && third !== undefined ? `${first}/${second}` : first;
}
