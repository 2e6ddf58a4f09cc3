/** Rounds without any answer of the radio before it counts as stuck. */
const SILENT_ROUNDS = 3;

/** Whether the radio lives: a round in which it was asked and answered nothing counts against it. */
export class RadioWatch {
  #asked = false;
  #answered = false;
  #silentRounds = 0;

  asked(): void {
    this.#asked = true;
  }

  answered(): void {
    this.#answered = true;
  }

  roundBegins(): void {
    this.#asked = this.#answered = false;
  }

  /** True: it has been silent for too many rounds; the count begins anew. */
  roundEnds(): boolean {
    if (this.#answered) this.#silentRounds = 0;
    else if (this.#asked) this.#silentRounds++;
    if (this.#silentRounds < SILENT_ROUNDS) return false;
    this.#silentRounds = 0;
    return true;
  }
}
