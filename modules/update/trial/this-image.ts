import config from "mc/config";
import { type ImageFacts, imageMarker } from "../marker";

/** The marker of the image that runs. Made when the image is linked, so that it lies in it as text. */
export const IMAGE_MARKER = imageMarker(config as unknown as ImageFacts);
