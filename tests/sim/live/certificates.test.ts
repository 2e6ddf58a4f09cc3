import { beforeEach, expect, test } from "vitest";
import { type CertificateCloud, Certificates } from "../../../sim/live/certificates";
import { findIdentityScene } from "../../../sim/scenes/identity-scenes";
import type { IdentityState } from "../../../tools/cloud/protocol";

let done: string[];
let cloud: CertificateCloud;
let certificates: Certificates;
beforeEach(() => {
  done = [];
  cloud = {
    announce: (list, lifeMs) => {
      done.push(`announce ${list} for ${lifeMs / 3_600_000} h`);
      return Promise.resolve();
    },
    show: (which) => {
      done.push(`show ${which}`);
      return Promise.resolve();
    },
    refuseNew: (on) => done.push(`refuse ${on}`),
  };
  certificates = new Certificates({ renew: () => done.push("renew"), say: (text) => done.push(text) });
});

const said = (changes: Partial<IdentityState> = {}): IdentityState =>
  ({
    v: 1,
    state: "current",
    source: "factory",
    expires: 1,
    daysLeft: 1,
    list: 0,
    ...changes,
  }) as IdentityState;

const look = (changes: Partial<IdentityState> = {}) =>
  certificates.look({ said: said(changes), sight: "solid blue", unixMs: 0 });

/** What a step began has ended. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

test("A scene's renewal is asked for, and it is done once the new certificate is in force", async () => {
  certificates.begin(findIdentityScene("identity-renewal")!, cloud, "real");
  expect(look()).toBe(false);
  expect(done).toContain("renew");
  await settle();
  expect(look({ source: "renewed", expires: 2 })).toBe(true);
});

test("In the virtual world the authority that ends lasts hours, for its clock runs fast", async () => {
  certificates.begin(findIdentityScene("identity-expired")!, cloud, "virtual");
  look();
  await settle();
  expect(done).toContain("announce 1 for 3 h");
  expect(done).toContain("list 1 with a second authority is published");
});

test("At the end the cloud's certificates are as they were, once", async () => {
  await certificates.end();
  expect(done).toEqual([]);
  certificates.begin(findIdentityScene("identity-rollback")!, cloud, "real");
  look();
  expect(done).toContain("refuse true");
  done = [];
  await certificates.end();
  expect(done).toEqual(["refuse false", "show own"]);
  await certificates.end();
  expect(done).toHaveLength(2);
  expect(look({ source: "renewed", expires: 2 })).toBe(false);
});
