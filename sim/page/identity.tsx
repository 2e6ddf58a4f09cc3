import { identityWords } from "../../tools/cloud/identity-words";
import type { IdentityState } from "../../tools/cloud/protocol";
import type { State } from "../live/protocol";
import type { Act } from "./act";
import type { StateWords } from "./update-words";
import { Verdict } from "./verdict";

/** What each state of the certificate means to a person. */
const STATE_WORDS: Readonly<Record<IdentityState["state"], StateWords>> = {
  current: { name: "In force", says: "Nothing is due.", look: "good" },
  waiting: { name: "Waiting", says: "It is to be renewed, once nothing speaks against it." },
  requested: { name: "Asked for", says: "The device has made a new key, and asked for its certificate." },
  trial: {
    name: "On trial",
    says: "Kept once the broker has taken the device with it for a minute; given up after five.",
    look: "warning",
  },
  refused: { name: "Not renewed", says: "What was in force still is; it tries again later.", look: "failed" },
};

/** Bars of lifetimes end here: 13 months. */
const FULL_DAYS = 397;

/** Who the device is to its broker, for how long yet, whom it trusts, and how its next certificate comes along. */
export function Identity({ state, act }: { state: State; act: Act }) {
  const { said, canRenew } = state.identity;
  const words = said && STATE_WORDS[said.state];
  return (
    <section class="place identity" aria-labelledby="identity-title">
      <div class="bar">
        <h2 id="identity-title">The certificate</h2>
        <span
          class="counts"
          data-identity={said?.state ?? ""}
          data-source={said?.source ?? ""}
          data-list={said?.list}
        >
          {state.device.id}
        </span>
      </div>
      <div class="columns">
        <div class="column">
          <Verdict
            words={words}
            silence="The device has said nothing yet."
            of={said?.trial === "authorities" ? "a list of authorities" : ""}
            why={said?.reason ?? said?.wait}
            whyWords={identityWords}
            more={said?.failure === undefined ? undefined : { is: "The last attempt", word: said.failure }}
          />
          <Left said={said} />
        </div>
        <div class="column">
          <dl class="facts">
            <dt>Certificate</dt>
            <dd>{said ? (said.source === "renewed" ? "renewed in the field" : "from the factory") : "–"}</dd>
            <dt>Valid until</dt>
            <dd data-expires={said?.expires ?? ""}>{dateOf(said?.expires)}</dd>
            <dt>Trusts</dt>
            <dd>
              {said
                ? said.list > 0
                  ? `list ${said.list} of the cloud's`
                  : "the factory's authorities"
                : "–"}
            </dd>
          </dl>
          <button
            type="button"
            data-do="renew"
            disabled={!canRenew || !said?.renewal || said.state === "requested" || said.state === "trial"}
            title="The command renew-certificate: a new key, a new certificate"
            onClick={() => void act({ do: "command", name: "renew-certificate", args: {} })}
          >
            Renew it now
          </button>
          {!canRenew && <p class="hint">Only the simulator's own broker has a renewal service.</p>}
        </div>
      </div>
    </section>
  );
}

function Left({ said }: { said: IdentityState | undefined }) {
  const days = said?.daysLeft ?? null;
  return (
    <label class="loading-bar">
      <span>Days left</span>
      <progress max={Math.max(FULL_DAYS, days ?? 0)} value={Math.max(0, days ?? 0)}>
        {days ?? "unknown"}
      </progress>
      <output data-days={days ?? ""}>{days ?? "–"}</output>
    </label>
  );
}

const dateOf = (seconds: number | null | undefined): string =>
  typeof seconds === "number" ? new Date(seconds * 1000).toISOString().slice(0, 10) : "–";
