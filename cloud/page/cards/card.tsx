import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import type { DeviceStatus, Me } from "../answers";
import type { Api } from "../api";
import type { Doing } from "../hooks";

/** What a card of one device is made from. */
export interface DeviceCardProps {
  readonly api: Api;
  readonly me: Me;
  readonly id: string;
  readonly status: DeviceStatus | null;
}

/** A part of the device that is looked into when somebody wants to: what it says is asked for only then. */
export function Card(props: { name: string; title: string; fact?: string; children(): ComponentChildren }) {
  const { name, title, fact, children } = props;
  const [isOpen, setOpen] = useState(false);
  return (
    <details class="card" data-card={name} onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>
        <h3>{title}</h3>
        {fact !== undefined && <span class="fact">{fact}</span>}
      </summary>
      <div class="inside">{isOpen && children()}</div>
    </details>
  );
}

export const Outcome = ({ doing }: { doing: Doing }) => (
  <p class={`outcome ${doing.isBad ? "bad" : ""}`} role="status">
    {doing.isBusy ? "Asking the device…" : doing.says}
  </p>
);

/** `undefined`: it may. */
export function mayNot({ scopes }: Me, scope: string) {
  return scopes.includes(scope) ? undefined : (
    <p class="hint">You may look at this, and not change it: that needs the right “{scope}”.</p>
  );
}

/** Names and what they say; what is not known is left out. */
export function Facts({ of }: { of: readonly (readonly [name: string, value: ComponentChildren])[] }) {
  return (
    <dl class="facts">
      {of
        .filter(([, value]) => value !== undefined && value !== null && value !== "")
        .map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  );
}
