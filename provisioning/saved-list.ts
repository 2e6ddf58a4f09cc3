import { MAX_NETWORKS, type Network } from "../wifi/network";

/** The saved networks with `network` in the place of its namesake, else in front. `undefined`: no room. */
export function withNetwork(saved: readonly Network[], network: Network): Network[] | undefined {
  const at = saved.findIndex((each) => each.ssid === network.ssid);
  if (at >= 0) return saved.map((each, i) => (i === at ? network : each));
  return saved.length < MAX_NETWORKS ? [network, ...saved] : undefined;
}

export function withoutNetwork(saved: readonly Network[], ssid: string): Network[] {
  return saved.filter((each) => each.ssid !== ssid);
}

/** With `ssid` one place nearer to the front. */
export function movedUp(saved: readonly Network[], ssid: string): Network[] {
  const at = saved.findIndex((each) => each.ssid === ssid);
  if (at < 1) return saved.slice();
  const moved = saved.slice();
  moved.splice(at - 1, 2, saved[at]!, saved[at - 1]!);
  return moved;
}
