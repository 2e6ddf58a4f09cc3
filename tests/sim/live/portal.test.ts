import { beforeEach, expect, test } from "vitest";
import { Portal, type PortalPhone } from "../../../sim/live/portal";

class Phone implements PortalPhone {
  accessPoint: object | undefined = {};
  served = 0;
  left = 0;
  closed = 0;
  join(): boolean {
    return this.accessPoint !== undefined;
  }
  leave(): void {
    this.left++;
  }
  serve(): Promise<string> {
    return Promise.resolve(`http://127.0.0.1:${++this.served}/`);
  }
  close(): Promise<void> {
    this.closed++;
    return Promise.resolve();
  }
}

let phone: Phone;
let portal: Portal;
beforeEach(() => {
  phone = new Phone();
  portal = new Portal();
});

test("A phone that has joined has one address of the portal, however often it joins", async () => {
  expect(await portal.join(phone)).toBe(true);
  expect(await portal.join(phone)).toBe(true);
  expect(portal.url).toBe("http://127.0.0.1:1/");
  expect(portal.look(phone)).toBe(false);
});

test("Without an access point there is nothing to join", async () => {
  phone.accessPoint = undefined;
  expect(await portal.join(phone)).toBe(false);
  expect(portal.url).toBeUndefined();
});

test("An access point that has gone takes the phone with it, once", async () => {
  await portal.join(phone);
  phone.accessPoint = undefined;
  expect(portal.look(phone)).toBe(true);
  expect(portal.url).toBeUndefined();
  expect([phone.left, phone.closed]).toEqual([1, 1]);
  expect(portal.look(phone)).toBe(false);
});
