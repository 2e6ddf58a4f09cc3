// Which Node runs what is here. Written so that an old one can read it.

/** As package.json's `engines`, which is what vite asks for: the lowest minor of each even major. */
const NODE = { 20: 19, 22: 12 };
const NEWEST = 22;

/** For people. */
export const NODE_WANTED = "20.19, 22.12, 24 or newer";

/** @param {string} version "20.19.0" */
export function isNodeFit(version) {
  const [major, minor] = version.split(".").map(Number);
  return major > NEWEST || (major in NODE && minor >= NODE[major]);
}
