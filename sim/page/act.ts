import type { Action } from "../live/protocol";

export type Act = (action: Action) => Promise<void>;
