/** A time from a server is as good as another that differs from it by less: half a round trip over a slow network. */
export const AGREE_MS = 1_000;
/** A step of more from what was synced is no drift (0.4 s an hour at the worst) and no slow network. */
export const STEP_MS = 300_000;

/** What one round over the time servers gave. All times are Unix milliseconds at uptime zero. */
export interface TimeCase {
  /** Time servers that are configured; more than half of them are a majority. */
  readonly servers: number;
  /** Of them, those that can still be asked in this round. */
  readonly left: number;
  /** What servers said that lies within floor and ceiling, in their order. */
  readonly answers: readonly number[];
  /** A server said what lies outside of them. */
  readonly isOutside: boolean;
  /** What servers made the clock believe in this boot. */
  readonly believed: number | undefined;
  /** The latest time that proved good before: nobody alone may go back behind it. */
  readonly least: number | undefined;
  /** What a voice without a majority said in the round before. */
  readonly before: number | undefined;
}

/** What becomes of a round. */
export type TimeVerdict =
  /** The clock follows. */
  | "accept"
  /** A majority is needed, and another server can be asked. */
  | "ask"
  /** The clock stays; the servers have said nothing against it. */
  | "hold"
  /** The clock stays, and somebody says that it is wrong. */
  | "disputed";

/** Why. */
export const TIME_GROUNDS = Object.freeze(
  {
    /** More than half of the configured servers agree: as good as it gets, however far the step. */
    majority: "accept",
    /** No majority yet. */
    "more-to-ask": "ask",
    /** Nobody contradicts, and it is what the clock says. */
    confirmed: "accept",
    /** Nobody contradicts, and no server has set the clock in this boot; it is not before what proved good. */
    first: "accept",
    /** Nobody contradicts a small step, in two rounds running. */
    repeated: "accept",
    /** Nobody contradicts a small step, so far. */
    "heard-once": "hold",
    /** Servers contradict each other, and not the clock. */
    contradiction: "hold",
    /** Less than a majority wants a great step, or what cannot be. */
    "far-off": "disputed",
    /** Only what cannot be, while nothing is believed. */
    impossible: "hold",
    silence: "hold",
  } as const satisfies Record<string, TimeVerdict>,
  true,
);
export type TimeGround = keyof typeof TIME_GROUNDS;

export interface TimeJudgement {
  readonly ground: TimeGround;
  readonly verdict: TimeVerdict;
  /** Which of the answers counts: that with the most others beside it, of several the first. -1: there is none. */
  readonly answer: number;
}

/** Which time is believed. Pure: it sees one round, and what was believed before it. */
export function judgeTime(round: TimeCase): TimeJudgement {
  const { answers } = round;
  let answer = -1;
  let voices = 0;
  for (let i = 0; i < answers.length; i++) {
    let agreeing = 0;
    for (const each of answers) if (Math.abs(each - answers[i]!) <= AGREE_MS) agreeing++;
    if (agreeing <= voices) continue;
    answer = i;
    voices = agreeing;
  }
  const ground = groundOf(round, answers[answer], voices);
  return { ground, verdict: TIME_GROUNDS[ground], answer };
}

function groundOf(round: TimeCase, wanted: number | undefined, voices: number): TimeGround {
  const { servers, left, answers, believed, least, before } = round;
  if (voices * 2 > servers) return "majority";
  if (left > 0) return "more-to-ask";
  for (const each of answers)
    if (
      believed !== undefined
        ? Math.abs(each - believed) > STEP_MS
        : least !== undefined && each < least - STEP_MS
    )
      return "far-off";
  if (wanted === undefined) {
    if (!round.isOutside) return "silence";
    return (believed ?? least) === undefined ? "impossible" : "far-off";
  }
  if (voices < answers.length) return "contradiction";
  if (believed === undefined) return "first";
  if (Math.abs(wanted - believed) <= AGREE_MS) return "confirmed";
  return before !== undefined && Math.abs(wanted - before) <= AGREE_MS ? "repeated" : "heard-once";
}
