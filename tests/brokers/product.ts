import type { DevelopmentPki } from "../../tools/pki/development";
import type { Leash } from "./leash";

export type MqttVersion = 4 | 5;

/** What a broker is started with. */
export interface Setup {
  /** Its own, empty at the first start; what it keeps lies below, and outlives it. */
  readonly folder: string;
  readonly pki: DevelopmentPki;
  /** Certificates' names of the devices that it is to let in. */
  readonly devices: readonly string[];
  /** A free port of 127.0.0.1 each. */
  readonly ports: { readonly devices: number; readonly operators: number; readonly other: number };
  /** Largest payload that it is to take, bytes, more or less. */
  readonly maxPayloadBytes: number;
}

/** A broker that people have: mutual TLS, the rule of docs/fleet.md without Home Assistant's topics. */
export interface Product {
  readonly name: string;
  /** Debian's. */
  readonly packages: string;
  /** Programs and files that must be here. */
  readonly needs: readonly string[];
  readonly versions: readonly MqttVersion[];
  /** Operators connect elsewhere than devices. */
  readonly hasOperatorsPort?: boolean;
  /** MQTT user name that an operator's client has to give; default: none. */
  readonly operatorUser?: string;
  /** Writes its files; once. */
  prepare(setup: Setup): Promise<void>;
  /** Starts it with those files, the second time with what it kept. */
  start(setup: Setup): Leash;
}
