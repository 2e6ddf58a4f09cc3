/**
 * Characters of JavaScript by room, largest first: of each module as the shrinker wrote it, before it became part of
 * another. A room's share, not its size in flash.
 * @param {Record<string, number>} sizes by module @returns {[string, number][]}
 */
export function textByRoom(sizes) {
  const rooms = new Map();
  for (const [name, size] of Object.entries(sizes)) {
    const room = roomOf(name.split("/"));
    rooms.set(room, (rooms.get(room) ?? 0) + size);
  }
  return [...rooms].sort(([, a], [, b]) => b - a);
}

function roomOf([first, second, third]) {
  return first === "modules" && third !== undefined ? `${first}/${second}` : first;
}
