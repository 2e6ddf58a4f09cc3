import { drainBench, loadBench } from "./load";
import { load, Rig } from "./rig";
import { yearBench } from "./year";

const PARTS = { year: yearBench, drain: drainBench, load: loadBench };

export async function main(args: readonly string[]): Promise<number> {
  const wanted = args.length > 0 ? args : Object.keys(PARTS);
  const unknown = wanted.filter((name) => !Object.hasOwn(PARTS, name));
  if (unknown.length > 0) {
    console.error(
      `bench:cloud: there is no part ${unknown.join(", ")}; ${Object.keys(PARTS).join(", ")} are there`,
    );
    return 2;
  }
  const rig = await Rig.open();
  try {
    if (!rig.cluster) console.log("PostgreSQL is not installed: the embedded store alone");
    console.log(`load before it all ${load()}`);
    for (const name of wanted as (keyof typeof PARTS)[]) await PARTS[name](rig);
    return 0;
  } finally {
    await rig.close();
  }
}
