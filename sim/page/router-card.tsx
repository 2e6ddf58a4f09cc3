import type { Security } from "../../wifi/radio";
import type { RouterChange } from "../live/protocol";
import { OUTBOUND_PORTS, type OutboundPort, type Router } from "../world/router";
import type { Act } from "./act";
import { Bars } from "./bars";

const SECURITY_NAMES = {
  open: "open",
  wep: "WEP",
  wpa: "WPA-TKIP",
  wpa2: "WPA2-Personal",
  "wpa-wpa2": "WPA/WPA2",
  wpa3: "WPA3",
  "wpa2-wpa3": "WPA2/WPA3",
  enterprise: "WPA2-Enterprise",
  owe: "enhanced open",
} as const satisfies Partial<Record<Security, string>>;

const CHANNELS = Array.from({ length: 13 }, (_, i) => i + 1);
const PORTS = Object.entries(OUTBOUND_PORTS).map(
  ([port, name]) => [Number(port) as OutboundPort, name] as const,
);

/** A router, with everything that a person may turn on it. */
export function RouterCard({
  router,
  index,
  joined,
  mac,
  removable,
  act,
}: {
  router: Router;
  index: number;
  joined: boolean;
  mac: string;
  removable: boolean;
  act: Act;
}) {
  const change = (what: RouterChange): void => void act({ do: "router", index, change: what });
  const tick = (name: string, checked: boolean, what: (on: boolean) => RouterChange) => (
    <label class="tick">
      <input
        type="checkbox"
        checked={checked}
        onChange={({ currentTarget }) => change(what(currentTarget.checked))}
      />
      {name}
    </label>
  );
  const filter = !router.macFilter ? "off" : router.macFilter.includes(mac) ? "admits" : "refuses";
  return (
    <fieldset class={`router ${router.on ? "" : "off"}`} data-router={router.ssid}>
      <legend>
        {router.on && <Bars rssi={router.rssi} />} {router.ssid}
        {joined && <span class="joined"> · the device is here</span>}
      </legend>
      {removable && (
        <button
          type="button"
          class="small remove"
          aria-label={`Take ${router.ssid} away`}
          onClick={() => void act({ do: "remove-router", index })}
        >
          Take away
        </button>
      )}
      <div class="ticks">
        {tick("on", router.on, (on) => ({ on }))}
        {tick(router.repeats ? "link to the router" : "internet cable", router.internet, (internet) => ({
          internet,
        }))}
        {tick("DHCP", router.dhcp, (dhcp) => ({ dhcp }))}
        {tick("sign-in page", router.signInPage ?? false, (signInPage) => ({ signInPage }))}
        {tick("repeater", router.repeats ?? false, (repeats) => ({ repeats }))}
      </div>
      <div class="fields">
        <label>
          Name
          <input
            type="text"
            value={router.ssid}
            maxLength={32}
            onChange={({ currentTarget: { value } }) => value && change({ ssid: value })}
          />
        </label>
        <label>
          Password
          <input
            type="text"
            value={router.password ?? ""}
            disabled={router.security === "open" || router.security === "owe"}
            maxLength={63}
            onChange={({ currentTarget }) => change({ password: currentTarget.value })}
          />
        </label>
        <label>
          Security
          <select
            value={router.security}
            onChange={({ currentTarget }) => change({ security: currentTarget.value as Security })}
          >
            {Object.entries(SECURITY_NAMES).map(([value, name]) => (
              <option key={value} value={value}>
                {name}
              </option>
            ))}
          </select>
        </label>
        <label>
          Channel
          <select
            value={router.channel ?? "5"}
            onChange={({ currentTarget: { value } }) =>
              change({ channel: value === "5 GHz" ? null : Number(value) })
            }
          >
            {CHANNELS.map((channel) => (
              <option key={channel} value={channel} selected={router.channel === channel}>
                {channel}
              </option>
            ))}
            <option value="5 GHz" selected={router.channel === undefined}>
              5 GHz only
            </option>
          </select>
        </label>
        <label>
          MAC filter
          <select
            value={filter}
            onChange={({ currentTarget }) =>
              change({ macFilter: currentTarget.value as "off" | "admits" | "refuses" })
            }
          >
            <option value="off">off</option>
            <option value="admits">device listed</option>
            <option value="refuses">device not listed</option>
          </select>
        </label>
        <label>
          Signal −{-router.rssi} dBm
          <input
            type="range"
            min={-95}
            max={-30}
            value={router.rssi}
            onChange={({ currentTarget }) => change({ rssi: Number(currentTarget.value) })}
          />
        </label>
      </div>
      <div class="ticks ports">
        <span class="caption">Firewall lets out</span>
        {PORTS.map(([port, name]) => (
          <span key={port}>
            {tick(`${name} ${port}`, !router.blockedPorts.includes(port), (on) => ({ port, blocked: !on }))}
          </span>
        ))}
      </div>
    </fieldset>
  );
}
