// The boards of modules/board/manifest.json, by what mcconfig calls their target.
import { existsSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { ROOT } from "../base/sdk.mjs";

const OWN = "modules/board/targets";

/** Every target that has a file of ours. */
export function boardTargets(root = ROOT) {
  const { platforms } = JSON.parse(readFileSync(join(root, "modules/board/manifest.json"), "utf8"));
  return Object.keys(platforms).filter((name) => platforms[name].modules?.["modules/board/chosen"]);
}

/** The folder of a target of our own, from the root; `undefined`: it is one of the SDK's. */
function ownTarget(target, root = ROOT) {
  const folder = posix.join(OWN, target.split("/")[1] ?? "");
  return existsSync(join(root, folder, "manifest.json")) && folder !== OWN ? folder : undefined;
}

/**
 * What mcconfig takes after -p. Targets of our own are folders: relative to the root, where it has to run, for it writes
 * the name in small letters.
 */
export function platformArgument(target, root = ROOT) {
  const own = ownTarget(target, root);
  return own ? `esp32:./${own}` : target;
}

/** The chip of a target: "esp32", "esp32c3", "esp32s3". The SDK's targets that we have are named after theirs. */
export function chipOf(target, root = ROOT) {
  const own = ownTarget(target, root);
  if (own) return manifestOf(own, root).build?.ESP32_SUBCLASS ?? "esp32";
  return /esp32[cs]3/.exec(target)?.[0] ?? "esp32";
}

const manifestOf = (folder, root) => JSON.parse(readFileSync(join(root, folder, "manifest.json"), "utf8"));

/**
 * IDF options of the board that go over sdkconfig.defaults, by their file in sdkconfig/: where the SDK puts the debugger on
 * the chip's USB (USE_USB 2), the console goes there too, and both UARTs are free for sensors.
 */
export function boardOptions(target, root = ROOT) {
  const own = ownTarget(target, root);
  if (!own) return [];
  return manifestOf(own, root).build?.USE_USB === "2" ? ["usb-console.defaults"] : [];
}
