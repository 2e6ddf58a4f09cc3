import FlashStorage from "embedded:storage/flash";
import type { Logger } from "../modules/base/logger";
import type { CredentialFlash, RecordKind } from "../modules/credentials/credential-store";
import type { CredentialsOptions } from "../modules/credentials/credentials";
import type { IdentityWait } from "../modules/credentials/identity-report";
import type { RenewalOptions } from "../modules/credentials/renewal-parts";
import type { Identity } from "../modules/identity/identity";
import type { TlsIdentity } from "../modules/network/socket";
import type { OpenCloud } from "./cloud";
import { type Parts, Wires } from "./parts";

/** States of an update in which the device is not to be another one to its cloud. */
const UPDATING: readonly string[] = Object.freeze(["downloading", "verifying", "ready", "trial"]);

/** Of who the device is, whose certificate is renewed, and whom it trusts. A change is everybody's. */
export class CredentialWires extends Wires implements CredentialsOptions, RenewalOptions {
  readonly factory: Identity;
  /** An older partition table has no place for what is renewed. */
  readonly flash: CredentialFlash | undefined;

  constructor(parts: Parts, factory: Identity) {
    super(parts);
    this.factory = factory;
    try {
      this.flash = FlashStorage.open({ path: "credentials", mode: "r+" });
    } catch {
      this.flash = undefined;
    }
  }

  get log(): Logger {
    return this.parts.logs.room("identity");
  }

  /** Of a device that has an identity. */
  private get cloud(): OpenCloud {
    return this.parts.cloud as OpenCloud;
  }

  canUse(identity: TlsIdentity): boolean {
    return this.parts.board.canUse(identity);
  }

  /** What is owed goes to the broker first. */
  onSwitch(): void {
    const { parts, cloud } = this;
    parts.identity = parts.credentials.identity;
    parts.trustedUntilMs = parts.board.trustedUntil(parts.identity);
    cloud.remote.whenAnswered(() => cloud.startAnew());
  }

  onEnd(kind: RecordKind, reached: boolean): void {
    const { renewal, trustLists } = this.parts;
    (kind === "certificate" ? renewal : trustLists).trialEnded(reached);
    this.onState();
    this.cloud.statusChanged();
  }

  publishRequest(payload: string): boolean {
    return this.cloud.remote.requestCertificate(payload);
  }

  speaksAgainst(): IdentityWait | undefined {
    const { monitor, updates, cloud } = this.parts;
    if (monitor.status === "setup") return "setup";
    if (cloud.isTryingBroker) return "broker-trial";
    if (UPDATING.includes(updates.report.state)) return "update";
    return cloud.isUp ? undefined : "offline";
  }

  onState(): void {
    this.cloud.remote.identityChanged();
  }
}
