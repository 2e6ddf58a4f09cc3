import { vi } from "vitest";
import { silentLogger } from "../../../modules/base/logger";
import { BROKER_CHECKS } from "../../../modules/configuration/broker-profile";
import { BrokerTrial } from "../../../modules/configuration/broker-trial";
import { Configuration } from "../../../modules/configuration/configuration";
import { Settings } from "../../../modules/configuration/settings";
import { MemoryStore } from "../../support/memory-store";

export interface Report {
  readonly version: number | null;
  readonly newest: number | null;
  readonly state: string;
  readonly fault?: string;
  readonly errors?: Record<string, string>;
  readonly reason?: string;
  readonly settings: Record<string, unknown>;
}

/** Configuration and broker on the fake clock, over flash that can be looked into; switched off and on by `powerOn`. */
export class Rig {
  store = new MemoryStore();
  readonly reports: Report[] = [];
  /** Lines of the settings' log. */
  readonly logged: string[] = [];
  switches = 0;
  settings!: Settings;
  broker!: BrokerTrial;
  configuration!: Configuration;

  readonly brokerDomain: string | undefined;

  constructor(brokerDomain?: string) {
    this.brokerDomain = brokerDomain;
    this.powerOn();
  }

  powerOn(): void {
    vi.clearAllTimers();
    this.settings = new Settings({
      store: this.store,
      defaults: { brokerHost: "old.example" },
      checks: BROKER_CHECKS,
      log: {
        info: (text: string) => this.logged.push(text),
        warn: (text: string) => this.logged.push(text),
        error: (text: string) => this.logged.push(text),
        debug: (text: string) => this.logged.push(text),
      } as never,
    });
    this.broker = new BrokerTrial({
      log: silentLogger,
      settings: this.settings,
      domain: this.brokerDomain,
      onSwitch: () => {
        this.switches++;
        this.broker.watch();
      },
      onEnd: (reached) => this.configuration.brokerTried(reached),
    });
    this.configuration = new Configuration({
      log: silentLogger,
      settings: this.settings,
      broker: this.broker,
      onReport: () => this.reports.push(this.report()),
    });
    this.broker.watch();
  }

  report(): Report {
    return JSON.parse(this.configuration.report()) as Report;
  }

  send(payload: string | object): Report {
    const text = typeof payload === "string" ? payload : JSON.stringify(payload);
    this.configuration.take(new TextEncoder().encode(text));
    return this.reports.at(-1)!;
  }

  desire(settings: object, version = 1): Report {
    return this.send({ version, settings });
  }
}
