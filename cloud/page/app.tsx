import { useEffect, useMemo, useState } from "preact/hooks";
import type { Me } from "./answers";
import { Api } from "./api";
import { Care } from "./care";
import { Device } from "./device";
import { Fleet } from "./fleet";
import { FleetStore } from "./fleet-store";
import { usePolled } from "./hooks";
import { type Where, whereOf } from "./links";
import { SignedOut } from "./signed-out";

export function App() {
  const [isAway, setAway] = useState(false);
  const [isSignedOut, setSignedOut] = useState(false);
  const api = useMemo(() => new Api({ onAway: setAway, onSignedOut: () => setSignedOut(true) }), []);
  const store = useMemo(() => new FleetStore(api), [api]);
  const me = usePolled<Me>("me", isAway ? 3_000 : 0, () => api.get("me"));
  const where = useWhere();

  if (isSignedOut) return <SignedOut />;
  return (
    <>
      <button type="button" class="skip" onClick={skip}>
        To the content
      </button>
      <Header api={api} me={me.value} where={where} onSignedOut={() => setSignedOut(true)} />
      {isAway && (
        <p class="banner" role="alert">
          The cloud does not answer. What is shown is what it said last; this page goes on trying.
        </p>
      )}
      <main id="main" tabIndex={-1}>
        {me.value && where.at === "fleet" && <Fleet store={store} />}
        {me.value && where.at === "device" && <Device key={where.id} api={api} me={me.value} id={where.id} />}
        {me.value && where.at === "care" && <Care api={api} me={me.value} />}
        {!me.value && <p class="waiting">{me.failure?.message ?? "Asking the cloud…"}</p>}
      </main>
    </>
  );
}

/** No link: `#main` in the address would take the place of the page's name there. */
function skip(): void {
  document.getElementById("main")?.focus();
}

function Header(props: { api: Api; me: Me | undefined; where: Where; onSignedOut(): void }) {
  const { api, me, where, onSignedOut } = props;
  const leave = async (): Promise<void> => {
    await api.send("POST", "/sign-out").catch(() => {});
    onSignedOut();
  };
  const here = (at: Where["at"]) => (where.at === at ? { "aria-current": "page" as const } : {});
  return (
    <header class="top">
      <a class="brand" href="#/">
        <span class="mark" aria-hidden="true" /> Aerolink
      </a>
      <nav aria-label="Pages">
        <a href="#/" {...here("fleet")}>
          Devices
        </a>
        <a href="#/care" {...here("care")}>
          Updates and certificates
        </a>
      </nav>
      <p class="who">
        {me?.kind === "local" && "On this computer: no sign-in needed"}
        {me?.kind === "person" && (
          <>
            <span class="name">{me.name}</span>{" "}
            <button type="button" class="plain" onClick={() => void leave()}>
              Sign out
            </button>
          </>
        )}
      </p>
    </header>
  );
}

function useWhere(): Where {
  const [where, setWhere] = useState(() => whereOf(location.hash));
  useEffect(() => {
    const changed = (): void => {
      setWhere(whereOf(location.hash));
      // A new page is read from its top, by eye and by voice.
      document.getElementById("main")?.focus({ preventScroll: true });
      scrollTo(0, 0);
    };
    addEventListener("hashchange", changed);
    return () => removeEventListener("hashchange", changed);
  }, []);
  return where;
}
