/** Where the tool's words go. */
export interface Output {
  /** Standard output. */
  print(text: string): void;
  /** Standard error. */
  warn(text: string): void;
}
