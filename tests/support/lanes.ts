import { findSdk } from "../../tools/sdk.mjs";

/** Once a run: what was not proven by it. */
export default function setup(): void {
  if (!findSdk())
    console.log(
      "No Moddable SDK: test:xs, test:xs:firmware, bench:xs, link:esp32 and simulator cannot run here (docs/flashing.md)",
    );
}
