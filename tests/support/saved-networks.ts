import type { Network } from "../../wifi/network";
import { formatNetworks, SavedNetworks } from "../../wifi/saved-networks";

/** Saved networks in memory. `flash` has their text, and refuses when it is told to. */
export function savedNetworks(
  networks: readonly Network[],
  onChange: (list: readonly Network[]) => void = () => {},
  flash: { text: string; refuses: boolean } = { text: "", refuses: false },
): SavedNetworks {
  flash.text = formatNetworks(networks);
  const saved: SavedNetworks = new SavedNetworks({
    settings: {
      get: () => flash.text,
      set: (_, text) => {
        if (!flash.refuses) flash.text = text;
        return { ok: !flash.refuses };
      },
    },
    onNetworks: () => onChange(saved.list),
  });
  return saved;
}
