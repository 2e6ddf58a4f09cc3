import type { Page } from "playwright-core";
import { PLACES, type Place } from "../../sim/page/places";

/** Opens a place of the simulator's page as a person does: by touching the thing, then turning to the leaf. */
export async function openPlace(page: Page, place: Place): Promise<void> {
  const { of } = PLACES[place];
  const thing = of === "device" ? "device" : of;
  await page.click(`[data-place="${thing}"] >> nth=0`);
  if (place !== thing) await page.click(`[data-leaf="${place}"]`);
}
