import { findSdk } from "../../tools/base/sdk.mjs";
import { findPostgres } from "../../tools/bench/cloud/postgres";

/** Once a run: what was not proven by it. */
export default function setup(): void {
  if (!findSdk())
    console.log(
      "No Moddable SDK: test:xs, test:xs:firmware, bench:xs, link:esp32 and simulator cannot run here (docs/flashing.md)",
    );
  if (!findPostgres())
    console.log("PostgreSQL is not installed: the cloud's store was tried on the embedded engine alone");
}
