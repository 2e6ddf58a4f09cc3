/**
 * The immediate dominator of each node that can be reached from node 0: the last node that every way from 0 to it
 * passes. What a node dominates would go if the node went. Cooper, Harvey and Kennedy, "A Simple, Fast Dominance
 * Algorithm" (2001). Unreached nodes have -1, as node 0 has.
 * @param targets of each node, where its edges lead
 */
export function dominators(targets: readonly (readonly number[])[]): number[] {
  const order = reversePostorder(targets);
  const place = new Array<number>(targets.length).fill(-1);
  order.forEach((node, i) => {
    place[node] = i;
  });
  const sources: number[][] = targets.map(() => []);
  for (const node of order) for (const target of targets[node]!) sources[target]!.push(node);

  const dominator = new Array<number>(targets.length).fill(-1);
  dominator[0] = 0;
  const meet = (a: number, b: number): number => {
    while (a !== b) {
      while (place[a]! > place[b]!) a = dominator[a]!;
      while (place[b]! > place[a]!) b = dominator[b]!;
    }
    return a;
  };
  for (let changed = true; changed; ) {
    changed = false;
    for (const node of order.slice(1)) {
      const known = sources[node]!.filter((source) => dominator[source] !== -1);
      const next = known.reduce(meet);
      if (dominator[node] === next) continue;
      dominator[node] = next;
      changed = true;
    }
  }
  dominator[0] = -1;
  return dominator;
}

function reversePostorder(targets: readonly (readonly number[])[]): number[] {
  const seen = new Set([0]);
  const order: number[] = [];
  const path = [{ node: 0, next: 0 }];
  while (path.length > 0) {
    const here = path.at(-1)!;
    const target = targets[here.node]![here.next++];
    if (target === undefined) {
      order.push(here.node);
      path.pop();
    } else if (!seen.has(target)) {
      seen.add(target);
      path.push({ node: target, next: 0 });
    }
  }
  return order.reverse();
}
