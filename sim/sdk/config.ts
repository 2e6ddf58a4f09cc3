// The SDK's `mc/config`: the manifest's `config` object.
import manifest from "../../manifest.json" with { type: "json" };

export default manifest.config;
