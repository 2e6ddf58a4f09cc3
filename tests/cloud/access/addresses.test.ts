import fc from "fast-check";
import { expect, test } from "vitest";
import { AddressList, callerAddress, isLoopback, strangerOf } from "../../../cloud/access/addresses";

test("A list has addresses and networks of both families, and an IPv4 address also as an IPv6 socket tells it", () => {
  const list = new AddressList(["192.0.2.7", "198.51.100.0/24", "2001:db8::/32"]);
  for (const address of ["192.0.2.7", "::ffff:192.0.2.7", "198.51.100.255", "2001:db8:1::1"])
    expect(list.has(address), address).toBe(true);
  for (const address of ["192.0.2.8", "198.51.101.0", "2001:db9::1", "", "nonsense", "192.0.2.7 "])
    expect(list.has(address), address).toBe(false);
});

test.each([
  "",
  "192.0.2",
  "192.0.2.0/33",
  "2001:db8::/129",
  "192.0.2.0/24/1",
  "example.org",
  "192.0.2.0/",
  "192.0.2.0/-1",
])("%j is no network", (network) => {
  expect(() => new AddressList([network])).toThrow(RangeError);
});

const PROXIES = new AddressList(["10.0.0.0/8"]);

test.each([
  ["without a proxy it is who connects, whatever a header says", "192.0.2.1", "203.0.113.9", "192.0.2.1"],
  ["behind a proxy it is whom the proxy names", "10.0.0.1", "192.0.2.1", "192.0.2.1"],
  ["behind two it is whom the outer one names", "10.0.0.1", "192.0.2.1, 10.0.0.2", "192.0.2.1"],
  ["what the caller wrote before it does not count", "10.0.0.1", "203.0.113.9, 192.0.2.1", "192.0.2.1"],
  ["a proxy that names nobody is the caller", "10.0.0.1", undefined, "10.0.0.1"],
  ["nor does what is no address", "10.0.0.1", "203.0.113.9, unknown", "10.0.0.1"],
])("Who asks: %s", (_what, peer, forwarded, caller) => {
  expect(callerAddress(peer, forwarded, PROXIES)).toBe(caller);
});

test("No header makes a caller that is no proxy anybody else", () => {
  fc.assert(
    fc.property(fc.ipV4(), fc.array(fc.oneof(fc.ipV4(), fc.string())), (peer, hops) => {
      fc.pre(!peer.startsWith("10."));
      expect(callerAddress(peer, hops.join(","), PROXIES)).toBe(peer);
    }),
  );
});

test.each([
  ["192.0.2.1", "192.0.2.1"],
  ["::ffff:192.0.2.1", "192.0.2.1"],
  ["2001:DB8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
  ["2001:db8:1:2::1", "2001:db8:1:2::/64"],
  ["2001:db8::1", "2001:db8:0:0::/64"],
  ["2001:0db8:0000:0000::", "2001:db8:0:0::/64"],
  ["::1", "0:0:0:0::/64"],
  ["64:ff9b::192.0.2.1", "64:ff9b:0:0::/64"],
  ["fe80::1%eth0", "fe80:0:0:0::/64"],
  ["1::2:3:4:5:6:7", "1:0:2:3::/64"],
  ["", ""],
])("Of %s the stranger is %s", (address, stranger) => {
  expect(strangerOf(address)).toBe(stranger);
});

test("Loopback is loopback, also of an IPv6 socket", () => {
  expect(["127.0.0.1", "127.1.2.3", "::1", "::ffff:127.0.0.1"].filter((each) => !isLoopback(each))).toEqual(
    [],
  );
  expect(["0.0.0.0", "192.0.2.1", "::2"].filter(isLoopback)).toEqual([]);
});
