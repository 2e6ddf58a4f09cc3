// The SDK's `mc/config`: the manifest's `config` object, as modules/board/manifest.json completes it for a computer.
import manifest from "../../manifest.json" with { type: "json" };

export const SIMULATOR_CONFIG = { ...manifest.config, boardId: "simulator" };

export default SIMULATOR_CONFIG;
