import FlashStorage from "embedded:storage/flash";
import type { Logger } from "../modules/base/logger";
import type { CredentialFlash } from "../modules/credentials/credential-store";
import type { CredentialTools } from "../modules/credentials/credential-tools";
import type { Credentials, CredentialsOptions } from "../modules/credentials/credentials";
import type { IdentityReport, IdentityWait } from "../modules/credentials/identity-report";
import type { RecordKind } from "../modules/credentials/record";
import type { RenewalOptions } from "../modules/credentials/renewal-options";
import type { Identity } from "../modules/identity/identity";
import type { TlsIdentity } from "../modules/network/socket";
import type { SignatureCheck } from "../modules/signed/crypto";
import type { UpdateState } from "../modules/update/update-report";
import { type Parts, Wires } from "./parts";
import { random, randomUint32 } from "./random";

/** Of who the device is: a change of that is everybody's. */
export class CredentialsWires extends Wires implements CredentialsOptions {
  readonly factory: Identity;
  readonly flash: CredentialFlash | undefined;

  constructor(parts: Parts, factory: Identity) {
    super(parts);
    this.factory = factory;
    this.flash = openCredentials();
  }

  get log(): Logger {
    return this.parts.logs.room("identity");
  }

  canUse(identity: TlsIdentity): boolean {
    return this.parts.board.canUse(identity);
  }

  /** What is owed goes to the broker under the old name first. */
  onSwitch(): void {
    const { parts } = this;
    parts.identity = parts.credentials.identity;
    parts.trustedUntilMs = parts.board.trustedUntil(parts.identity);
    parts.cloud.credentialsChanged();
  }

  onEnd(kind: RecordKind, reached: boolean): void {
    const { renewal, trustLists, cloud } = this.parts;
    if (kind === "certificate") renewal.trialEnded(reached);
    else trustLists.trialEnded(reached);
    cloud.identityChanged();
    cloud.statusChanged();
  }
}

/** An older partition table has no place for them. */
function openCredentials(): CredentialFlash | undefined {
  try {
    return FlashStorage.open({ path: "credentials", mode: "r+" });
  } catch {
    return undefined;
  }
}

/** States of an update in which the device is not to be another one to its cloud. */
const UPDATING: readonly UpdateState[] = Object.freeze(["downloading", "verifying", "ready", "trial"]);

/** Of the renewal, and of trust lists. */
export class RenewalWires extends Wires implements RenewalOptions {
  get credentials(): Credentials {
    return this.parts.credentials;
  }

  get tools(): CredentialTools {
    return this.parts.board.credentials;
  }

  get signatures(): SignatureCheck {
    return this.parts.board.signatures;
  }

  get trustKeys(): readonly string[] {
    return this.parts.build.updateKeys;
  }

  get log(): Logger {
    return this.parts.logs.room("identity");
  }

  uptimeMs(): number {
    return this.parts.clock.uptimeMs;
  }

  unixMs(): number | undefined {
    return this.parts.clock.unixMs;
  }

  isSynced(): boolean {
    return this.parts.clock.quality === "synced";
  }

  random(): number {
    return random(this.parts.board);
  }

  randomUint32(): number {
    return randomUint32(this.parts.board);
  }

  publishRequest(payload: string): boolean {
    return this.parts.cloud.requestCertificate(payload);
  }

  speaksAgainst(): IdentityWait | undefined {
    const { cloud, monitor, updates } = this.parts;
    if (monitor.status === "setup") return "setup";
    if (cloud.isTryingBroker) return "broker-trial";
    if (UPDATING.includes(updates.report.state)) return "update";
    return cloud.isUp ? undefined : "offline";
  }

  canUse(identity: TlsIdentity): boolean {
    return this.parts.board.canUse(identity);
  }

  trustedUntil(identity: TlsIdentity): number {
    return this.parts.board.trustedUntil(identity);
  }

  evidence(unixMs: number): void {
    this.parts.timeKeeper.evidence(unixMs);
  }

  onState(): void {
    this.parts.cloud.identityChanged();
  }
}

/** What `identity/state` says now. */
export function identityReport({ credentials, renewal, trustLists, clock, build }: Parts): IdentityReport {
  const { trial } = credentials;
  const isIdle = renewal.state === "current" && trustLists.reason !== undefined;
  const reason = trial ? undefined : (renewal.reason ?? trustLists.reason);
  return {
    state: trial ? "trial" : isIdle ? "refused" : renewal.state,
    trial,
    wait: trial ? undefined : renewal.wait,
    reason,
    failure: reason === "trial-failed" ? credentials.failure : undefined,
    isRenewed: credentials.isRenewed,
    validity: renewal.validity,
    unixMs: clock.unixMs,
    list: credentials.list,
    renews: renewal.isEnabled,
    release: build.release,
  };
}
