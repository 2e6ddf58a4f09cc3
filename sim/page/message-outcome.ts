import type { CommandResult, ReportedConfiguration } from "../../tools/cloud/protocol";
import type { Message } from "../live/protocol";
import { COMMAND_WORDS, CONFIGURATION_WORDS, SETTING_WORDS, wordsFor } from "./answer-words";
import { parseObject } from "./parse-object";

/** What became of a message. */
export interface Outcome {
  readonly look: "good" | "failed" | "waiting" | "plain";
  readonly says: string;
}

/** A device that is there has answered by then. */
const ANSWERS_WITHIN_MS = 60_000;

/** What came of `message`, by what came after it. Pure. */
export function outcomeOf(message: Message, all: readonly Message[], unixMs: number): Outcome {
  const { topic, readings, repeated, fault } = message;
  if (fault !== undefined) return failed(`cannot be read: ${fault}`);
  switch (topic) {
    case "command":
      return ofCommand(message, all, unixMs);
    case "config/desired":
      return ofDesired(message, all, unixMs);
    case "command/result":
      return ofResult(bodyOf<CommandResult>(message));
    case "config/reported":
      return ofReported(bodyOf<ReportedConfiguration>(message));
  }
  if (!readings) return { look: "plain", says: "" };
  const count = readings.length === 1 ? "1 reading" : `${readings.length} readings`;
  if (!repeated) return { look: "good", says: `${count} kept` };
  // The device has not heard that the broker took them: at least once, and counted once.
  return { look: "plain", says: `${count}, ${repeated} had come before and count once` };
}

function ofCommand(message: Message, all: readonly Message[], unixMs: number): Outcome {
  const { id } = bodyOf<{ id?: string }>(message);
  const answer = later(message, all, "command/result").find((each) => bodyOf<CommandResult>(each).id === id);
  return answer ? ofResult(bodyOf<CommandResult>(answer)) : unanswered(message, unixMs);
}

function ofDesired(message: Message, all: readonly Message[], unixMs: number): Outcome {
  const { version } = bodyOf<{ version?: number }>(message);
  // On trial first, then its end.
  const reported = later(message, all, "config/reported")
    .map((each) => bodyOf<ReportedConfiguration>(each))
    .findLast((each) => each.version === version);
  return reported ? ofReported(reported) : unanswered(message, unixMs);
}

function ofResult({ ok, error = "", result }: Partial<CommandResult>): Outcome {
  if (!ok) return failed(`refused, ${wordsFor(COMMAND_WORDS, error)}`);
  const text = JSON.stringify(result ?? {});
  return { look: "good", says: text === "{}" ? "done" : `done: ${text}` };
}

function ofReported({ state, fault, errors = {}, reason }: Partial<ReportedConfiguration>): Outcome {
  if (state === "applied") return { look: "good", says: "applied" };
  if (state === "trying-broker") return { look: "waiting", says: "the new broker is on trial" };
  const why = Object.entries(errors).map(([key, error]) => `${key}, ${wordsFor(SETTING_WORDS, error)}`);
  if (fault !== undefined) why.push(wordsFor(CONFIGURATION_WORDS, fault));
  if (reason !== undefined) why.push(`the last attempt: ${reason}`);
  const what = state === "rolled-back" ? "rolled back" : "refused, and nothing of it applied";
  return failed(`${what}: ${why.join("; ")}`);
}

function unanswered({ unixMs: sentMs }: Message, unixMs: number): Outcome {
  if (unixMs - sentMs < ANSWERS_WITHIN_MS) return { look: "waiting", says: "no answer yet" };
  return failed("no answer: lost, or the device is away and the broker keeps it");
}

const failed = (says: string): Outcome => ({ look: "failed", says });

function later({ n }: Message, all: readonly Message[], topic: string): readonly Message[] {
  return all.filter((each) => each.n > n && each.topic === topic);
}

const bodies = new WeakMap<Message, Record<string, unknown>>();
/** A page is drawn often, and a message stays what it is. */
function bodyOf<T>(message: Message): Partial<T> {
  let body = bodies.get(message);
  if (!body) {
    body = parseObject(message.text) ?? {};
    bodies.set(message, body);
  }
  return body as Partial<T>;
}
