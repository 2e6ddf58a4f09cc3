import { address, der, dns, ia5, names, oid, sequence } from "../support/certificates";
import { HOST } from "../support/pki";
import { below, type Outcome, odd, under } from "./odd";

const named =
  (outcome: Outcome) =>
  (what: string, list: readonly Uint8Array[], host: string = HOST) =>
    odd(outcome, `name: ${what}`, () => under({ names: list }), { host });
const fits = named("accepted");
const wrong = named("wrong-name");
const unread = named("unknown-ca");
const raised = (text: string): Buffer => Buffer.from(ia5(text).map((byte) => byte | 0x80));

/** Who a certificate speaks for, in every form that a certificate can write it. */
export const NAMES = [
  wrong("a trailing dot", [dns(`${HOST}.`)]),
  wrong("a wildcard with a trailing dot", [dns("*.example.test.")]),
  wrong("two wildcards", [dns("*.*.test")]),
  wrong("a wildcard within", [dns("broker.*.test")]),
  wrong("a wildcard inside a label", [dns("b*r.example.test")]),
  wrong("a leading dot", [dns(".example.test")]),
  wrong("an asterisk and a dot", [dns("*.")]),
  fits("a wildcard for an internationalised label", [dns("*.example.test")], "xn--brker-kva.example.test"),
  wrong(
    "a wildcard inside an internationalised label",
    [dns("xn--*.example.test")],
    "xn--brker-kva.example.test",
  ),
  fits("a wildcard below a public suffix of two labels", [dns("*.co.uk")], "broker.co.uk"),
  wrong("a URI", [der(0x86, ia5(`https://${HOST}`))]),
  wrong("a mailbox", [der(0x81, ia5(`root@${HOST}`))]),
  wrong("an otherName", [der(0xa0, oid("1.3.6.1.5.5.7.8.7"), der(0xa0, der(0x16, ia5(HOST))))]),
  wrong("a NUL at its very end", [dns(`${HOST}\0`)]),
  wrong("a NUL in front", [dns(`\0${HOST}`)]),
  wrong("a newline at its end", [dns(`${HOST}\n`)]),
  wrong("full-width dots", [dns(Buffer.from(HOST.replaceAll(".", "\uff0e")))]),
  wrong("letters with their high bit set", [dns(raised(HOST))]),
  wrong("a bracket for a brace", [dns("a{.example.test")], "a_.example.test"),
  wrong("an empty list", []),
  wrong("an empty dNSName", [dns("")]),
  odd("unknown-ca", "name: bytes behind the list", () =>
    under({
      names: undefined,
      extensions: [sequence(oid("2.5.29.17"), der(0x04, sequence(dns(HOST)), [0x05, 0x00]))],
    }),
  ),
  unread("an address with its mask", [address(127, 0, 0, 1, 255, 255, 255, 255)], "127.0.0.1"),
  unread("an address of five bytes", [address(127, 0, 0, 1, 0)], "127.0.0.1"),
  wrong(
    "an IPv4 address mapped into IPv6",
    [address(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 127, 0, 0, 1)],
    "127.0.0.1",
  ),
  odd("wrong-name", "name: an address as common name alone", () => under({ name: "127.0.0.1", names: [] }), {
    host: "127.0.0.1",
  }),
  wrong("a wildcard over an address", [dns("*.0.0.1")], "127.0.0.1"),
  odd("unknown-ca", "name: two lists in an intermediate", () =>
    below([{}, { extensions: [names(dns("one.example.test")), names(dns(HOST))] }]),
  ),
  odd("accepted", "name: the last of ninety", () =>
    under({ names: [...Array.from({ length: 89 }, (_, i) => dns(`n${i}.example.test`)), dns(HOST)] }),
  ),
  odd("wrong-name", "name: a common name and no list", () => under({ name: HOST, names: undefined })),
];
