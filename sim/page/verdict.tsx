import type { StateWords } from "./update-words";

/** How something stands, as a sentence: its name and what it means; why, with the device's own word; what else it said. */
export function Verdict({
  words,
  silence = "",
  of,
  why,
  whyWords,
  more,
}: {
  /** Absent: the device has said nothing. */
  words: StateWords | undefined;
  /** What is said then. */
  silence?: string;
  /** What it is about. */
  of: string;
  why: string | undefined;
  whyWords: (why: string) => string | undefined;
  /** A word of the device's with what it is. */
  more?: { readonly is: string; readonly word: string } | undefined;
}) {
  return (
    <p class={`verdict ${words?.look ?? ""}`} role="status">
      <strong>{words?.name ?? "unknown"}</strong> {of}
      <br />
      <span>
        {words?.says ?? silence}
        {why !== undefined && (
          <>
            {" "}
            {whyWords(why)} <code data-why={why}>{why}</code>
          </>
        )}
        {more && (
          <>
            {" "}
            {more.is}: <code>{more.word}</code>
          </>
        )}
      </span>
    </p>
  );
}
