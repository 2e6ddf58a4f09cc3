import type { Message, State } from "../live/protocol";
import type { Act } from "./act";
import { Commands } from "./commands";
import { outcomeOf } from "./message-outcome";
import type { Store } from "./store";

/** Messages that are drawn; the newest come first. */
const SHOWN = 30;

/** What goes to and fro: what to send, each message as it came, and what became of it. */
export function Messages({ store, state, act }: { store: Store; state: State; act: Act }) {
  return (
    <section class="place" aria-labelledby="messages-title">
      <h2 id="messages-title">The cloud's messages</h2>
      <Commands messages={store.messages} unixMs={state.unixMs} act={act} />
      <ol
        class="messages"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
        tabIndex={0}
        aria-label="Messages, newest first"
      >
        {store.messages
          .slice(-SHOWN)
          .reverse()
          .map((message) => (
            <MessageItem key={message.n} message={message} all={store.messages} unixMs={state.unixMs} />
          ))}
      </ol>
    </section>
  );
}

function MessageItem({
  message,
  all,
  unixMs: now,
}: {
  message: Message;
  all: readonly Message[];
  unixMs: number;
}) {
  const { unixMs, topic, from, bytes, inflatedBytes, hex, text, readings } = message;
  const size = inflatedBytes === undefined ? `${bytes} bytes` : `${bytes} bytes → ${inflatedBytes}`;
  const first = readings?.[0]?.seq;
  const last = readings?.at(-1)?.seq;
  const { look, says } = outcomeOf(message, all, now);
  return (
    <li>
      <details>
        <summary>
          <time>{new Date(unixMs).toLocaleTimeString()}</time>{" "}
          <b>{from === "cloud" ? `↓ ${topic}` : topic}</b>
          {first !== undefined && ` #${first === last ? first : `${first}–${last}`}`}{" "}
          {says && <span class={`outcome ${look}`}>{says}</span>}
        </summary>
        <p>
          as it came <code>{hex}</code>
          {bytes * 2 > hex.length && "…"} {size}
        </p>
        <p>
          {inflatedBytes === undefined ? "text" : "inflated"} <code>{text}</code>
        </p>
        {readings && (
          <p>
            decoded <code>{JSON.stringify(readings)}</code>
          </p>
        )}
      </details>
    </li>
  );
}
