import type { Credential } from "../../modules/credentials/credential-tools";
import type { TlsIdentity } from "../../modules/network/socket";

/**
 * What a board without cryptography of its own asks the helper, and waits for: the firmware wants these answers from a
 * call, so they cross in files of the board's folder, one question at a time. Deleted once answered: keys are in them.
 */
export type Question =
  | { readonly ask: "is-sound"; readonly identity: TlsIdentity }
  | { readonly ask: "trusted-until"; readonly identity: TlsIdentity }
  | {
      readonly ask: "verify-es256";
      readonly key: Uint8Array;
      readonly message: Uint8Array;
      readonly signature: Uint8Array;
    }
  | { readonly ask: "new-key" }
  | { readonly ask: "request"; readonly key: Uint8Array; readonly certificate: Uint8Array }
  | {
      readonly ask: "judge";
      readonly candidate: Credential;
      readonly present: TlsIdentity;
      readonly dated: boolean;
    }
  | { readonly ask: "validity"; readonly certificate: Uint8Array };

/** A question in its file; `n` is another for each, over all lives. */
export interface Asked {
  readonly n: number;
  readonly question: Question;
}

/** `answer` is absent where it is `undefined`. */
export interface Answered {
  readonly n: number;
  readonly answer?: unknown;
}

export const QUESTION_FILE = "question.json";
export const ANSWER_FILE = "answer.json";
