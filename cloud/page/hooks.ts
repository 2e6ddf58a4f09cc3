import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { ApiFailure } from "./api";

export interface Polled<T> {
  readonly value: T | undefined;
  /** Why the last try brought nothing; what was there before stays. */
  readonly failure: ApiFailure | undefined;
  again(): void;
}

/** After a failure: a cloud that is back is noticed soon. */
const RETRY_MS = 3_000;

/**
 * Asks now, and again each `everyMs` (0: only when told to) while the page is seen. With another `key` it is another
 * question; what comes late for an older one is dropped.
 */
export function usePolled<T>(key: string, everyMs: number, ask: () => Promise<T>): Polled<T> {
  const [state, setState] = useState<{ value?: T; failure?: ApiFailure | undefined }>({});
  const [turn, setTurn] = useState(0);
  const latest = useRef(ask);
  latest.current = ask;
  useEffect(() => {
    let isOver = false;
    let timer: number | undefined;
    const look = async (): Promise<void> => {
      let wait = everyMs;
      try {
        const value = await latest.current();
        if (!isOver) setState({ value });
      } catch (error) {
        wait = Math.min(everyMs, RETRY_MS);
        const failure = error instanceof ApiFailure ? error : new ApiFailure("away", String(error));
        if (!isOver) setState((before) => ({ ...before, failure }));
      }
      if (!isOver && wait > 0) timer = window.setTimeout(() => void next(), wait);
    };
    const next = async (): Promise<void> => {
      if (document.hidden) timer = window.setTimeout(() => void next(), 1_000);
      else await look();
    };
    void look();
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }, [key, everyMs, turn]);
  const again = useCallback(() => setTurn((each) => each + 1), []);
  return { value: state.value, failure: state.failure, again };
}

/** The time on this computer, Unix ms, anew each so often. */
export function useNow(everyMs: number): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}

export interface Doing {
  readonly isBusy: boolean;
  /** What came of it, for a person. */
  readonly says: string;
  readonly isBad: boolean;
  run(what: () => Promise<string>): Promise<void>;
}

/** Something that a person asked for: one at a time, with an answer in words. */
export function useDoing(): Doing {
  const [state, setState] = useState({ isBusy: false, says: "", isBad: false });
  const run = async (what: () => Promise<string>): Promise<void> => {
    setState({ isBusy: true, says: "", isBad: false });
    try {
      setState({ isBusy: false, says: await what(), isBad: false });
    } catch (error) {
      setState({ isBusy: false, says: (error as Error).message, isBad: true });
    }
  };
  return { ...state, run };
}
