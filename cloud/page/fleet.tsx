import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { attentionOf, byAttention, FILTERS, type Filter, type ListedRow, passes } from "./attention";
import type { FleetStore } from "./fleet-store";
import { useNow } from "./hooks";
import { Light, litOf } from "./light";
import { deviceLink } from "./links";
import { SHOWN, withUnit } from "./quantities";
import { ago, moment, places } from "./words";

/** Rows that are drawn at first, and added each time. */
const STEP = 60;

export function Fleet({ store }: { store: FleetStore }) {
  const now = useNow(5_000);
  const [version, setVersion] = useState(0);
  const [filter, setFilter] = useState<Filter>("all");
  const [text, setText] = useState("");
  const [shown, setShown] = useState(STEP);
  useEffect(() => {
    store.onChange = () => setVersion((each) => each + 1);
    store.open();
    document.title = "Devices – Aerolink";
    return () => {
      store.onChange = () => {};
      store.close();
    };
  }, [store]);

  const listed = useMemo(() => {
    const rows = new Map<string, ListedRow>();
    for (const [id, row] of store.rows) rows.set(id, { row, attention: attentionOf(row, now) });
    return rows;
  }, [store, version, now]);
  const { ids, isOld, sortAgain } = useOrder(listed, store.isComplete);
  const found = ids.map((id) => listed.get(id)!).filter((each) => passes(each, filter, text));
  const counts: Record<Filter, number> = { all: listed.size, attention: 0, away: 0 };
  for (const each of listed.values())
    for (const name of ["attention", "away"] as const) if (passes(each, name, "")) counts[name]++;

  if (store.rows.size === 0)
    return store.isComplete ? (
      <Empty />
    ) : (
      <p class="waiting">{store.failure?.message ?? "Asking the cloud…"}</p>
    );
  return (
    <>
      <h1>Devices</h1>
      <div class="tools">
        <input
          type="search"
          aria-label="Search devices"
          placeholder="Name, place, firmware…"
          value={text}
          onInput={({ currentTarget }) => {
            setText(currentTarget.value);
            setShown(STEP);
          }}
        />
        <fieldset class="choice">
          <legend class="unseen">Which devices</legend>
          {(Object.keys(FILTERS) as Filter[]).map((name) => (
            <label key={name}>
              <input
                type="radio"
                name="filter"
                checked={filter === name}
                onChange={() => {
                  setFilter(name);
                  setShown(STEP);
                }}
              />
              <span>
                {FILTERS[name]} <b>{counts[name].toLocaleString("en")}</b>
              </span>
            </label>
          ))}
        </fieldset>
        {isOld && (
          <button type="button" class="plain" onClick={sortAgain}>
            Sort again
          </button>
        )}
      </div>
      <p class="unseen" role="status">
        {found.length} devices{store.isComplete ? "" : " so far"}
      </p>
      {found.length === 0 && <p class="waiting">No device is like that.</p>}
      <div class="columns" aria-hidden="true">
        <span />
        <span>Device</span>
        <span>Worst value</span>
        <span>Last reading</span>
        <span>Firmware</span>
      </div>
      <ul class="fleet">
        {found.slice(0, shown).map((each) => (
          <Row key={each.row.device.mqtt_id} {...each} now={now} />
        ))}
      </ul>
      {found.length > shown && (
        <button type="button" class="more" onClick={() => setShown(shown + STEP * 5)}>
          Show more of {found.length.toLocaleString("en")}
        </button>
      )}
      {!store.isComplete && <p class="waiting">{store.rows.size.toLocaleString("en")} devices so far…</p>}
    </>
  );
}

/**
 * Sorted when somebody comes, asks for it, or while the fleet is still loading; else rows stay where they are while
 * their values change, and what is new comes last.
 */
function useOrder(listed: ReadonlyMap<string, ListedRow>, isComplete: boolean) {
  const order = useRef<string[]>([]);
  const isSettled = useRef(false);
  const [, setTurn] = useState(0);
  const sorted = useMemo(
    () => [...listed].sort(([, a], [, b]) => byAttention(a, b)).map(([id]) => id),
    [listed],
  );
  if (isSettled.current) {
    const known = new Set(order.current);
    order.current = [
      ...order.current.filter((id) => listed.has(id)),
      ...sorted.filter((id) => !known.has(id)),
    ];
  } else order.current = sorted;
  isSettled.current = isComplete;
  return {
    ids: order.current,
    isOld: sorted.some((id, i) => order.current[i] !== id),
    sortAgain: () => {
      isSettled.current = false;
      setTurn((each) => each + 1);
    },
  };
}

function Row({ row, attention, now }: ListedRow & { now: number }) {
  const { device, online, heard_at, status, latest } = row;
  const { friendlyName, is_indoor, latitude, longitude } = device.metadata;
  const { worst, says, cause } = attention;
  const at = latest ? Date.parse(latest.timestamp) : undefined;
  return (
    <li>
      <a href={deviceLink(device.mqtt_id)} class="row" data-cause={cause}>
        <Light lit={litOf(online, heard_at)} />
        <span class="name">
          <strong>{friendlyName}</strong>
          <small>
            {is_indoor ? "Indoors" : "Outdoors"}
            {latitude !== null && longitude !== null && ` · ${places(latitude, longitude)}`}
            {device.tags?.map((tag) => ` · ${tag}`)}
          </small>
          {says !== "" && <small class="says">{says}</small>}
        </span>
        <span class={`worst ${online ? "" : "old"}`}>
          {worst && (
            <>
              <span class="value">
                {SHOWN[worst.name].label} <b>{withUnit(worst.name, worst.value)}</b>
              </span>
              <span class={`band level-${worst.band.level}`}>{worst.band.word}</span>
            </>
          )}
        </span>
        <span class="when" title={at === undefined ? undefined : moment(at)}>
          {at === undefined ? "No reading yet" : ago(at, now)}
        </span>
        <span class="firmware">{status?.firmware ?? "–"}</span>
      </a>
    </li>
  );
}

const Empty = () => (
  <section class="empty">
    <h1>No device yet</h1>
    <p>
      A monitor appears here with the first thing that it says. Put one on its Wi-Fi: power on, join its own
      Wi-Fi with a phone, and follow the page that opens, until its light is solid blue.
    </p>
  </section>
);
