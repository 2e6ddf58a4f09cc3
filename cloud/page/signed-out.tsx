import { useState } from "preact/hooks";

const SIGN_IN = "/sign-in";

/** All that somebody sees who has not signed in. */
export function SignedOut() {
  const [isNobody, setNobody] = useState(false);
  /** Where this cloud knows no sign-in service, its answer would be a problem in JSON. */
  const go = async (event: Event): Promise<void> => {
    event.preventDefault();
    const answer = await fetch(SIGN_IN, { redirect: "manual" }).catch(() => undefined);
    if (answer?.status === 404) setNobody(true);
    else location.assign(SIGN_IN);
  };
  return (
    <main class="signed-out">
      <span class="mark" aria-hidden="true" />
      <h1>Aerolink</h1>
      <p>The readings of your monitors, what they mean, and how the monitors are.</p>
      <a class="button primary" href={SIGN_IN} onClick={(event) => void go(event)}>
        Sign in
      </a>
      <p class="hint" role="status">
        {isNobody
          ? "Nobody can sign in here: this cloud has no sign-in service. Whoever runs it can name one (docs/cloud.md)."
          : "You are sent to the sign-in service of your organisation. It asks for a second factor."}
      </p>
    </main>
  );
}
