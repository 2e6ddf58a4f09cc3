import {
  address,
  authority,
  authorityOf,
  certificate,
  constraints,
  dns,
  keyUsage,
  type Made,
  names,
  noAuthority,
  server,
  usage,
} from "../support/certificates";
import { HOST } from "../support/pki";
import { below, odd, under } from "./odd";

const leafOf = (issuer: Made, recipe: Parameters<typeof server>[0] = {}): Made =>
  server({ names: [dns(HOST)], issuer, ...recipe });

const bare = (outcome: "unknown-ca" | "accepted", what: string, extensions: Uint8Array[], version = 3) =>
  odd(outcome, `chain: ${what}`, () => {
    const anchor = authority();
    const middle = certificate({ name: "Middle", issuer: anchor, extensions, version });
    return { chain: [leafOf(middle), middle], anchors: [anchor] };
  });

const inside = { permitted: [dns("example.test")] };
const elsewhere = { permitted: [dns("devices.example")] };
const lines = (count: number) => Array.from({ length: count + 1 }, () => ({}));

/** Who may vouch for a server. */
export const CHAINS = [
  odd("wrong-usage", "chain: an intermediate for clients only", () =>
    below([{}, { extensions: [usage("clientAuth")] }]),
  ),
  odd("accepted", "chain: an intermediate for servers", () =>
    below([{}, { extensions: [usage("serverAuth")] }]),
  ),
  odd("wrong-usage", "chain: an intermediate for code only", () =>
    below([{}, { extensions: [usage("codeSigning")] }]),
  ),
  odd("wrong-usage", "chain: an anchor for clients only", () =>
    below([{ extensions: [usage("clientAuth")] }]),
  ),
  odd("accepted", "chain: an anchor for servers and clients", () =>
    below([{ extensions: [usage("clientAuth", "serverAuth")] }]),
  ),
  bare("unknown-ca", "an intermediate that does not say that it is one", [keyUsage("keyCertSign")]),
  bare("unknown-ca", "an intermediate of X.509 version 1", [], 1),
  bare("unknown-ca", "an authority that may not sign certificates", [authorityOf(), keyUsage("cRLSign")]),
  bare("unknown-ca", "a key that may sign certificates and is no authority", [
    noAuthority(),
    keyUsage("keyCertSign"),
  ]),
  bare("accepted", "an authority with no word on what its key is for", [authorityOf()]),
  odd("unknown-ca", "chain: an authority below a path length of 0", () => below([{}, { pathLength: 0 }, {}])),
  odd("accepted", "chain: a server below a path length of 0", () => below([{}, { pathLength: 0 }])),
  odd("unknown-ca", "chain: an intermediate below an anchor of path length 0", () =>
    below([{ pathLength: 0 }, {}]),
  ),
  odd("accepted", "chain: an anchor of X.509 version 1", () => {
    const anchor = certificate({ name: "Old CA", version: 1 });
    return { chain: [leafOf(anchor)], anchors: [anchor] };
  }),
  odd("unknown-ca", "chain: an intermediate for other names", () =>
    below([{}, { extensions: [constraints(elsewhere)] }]),
  ),
  odd("unknown-ca", "chain: an intermediate for other names, critically", () =>
    below([{}, { extensions: [constraints(elsewhere, true)] }]),
  ),
  odd("accepted", "chain: an intermediate for our names", () =>
    below([{}, { extensions: [constraints(inside)] }]),
  ),
  // mbedTLS reads no such certificate from a server, and there is no way to make it.
  odd("unknown-ca", "chain: an intermediate for our names, critically", () =>
    below([{}, { extensions: [constraints(inside, true)] }]),
  ),
  odd("unknown-ca", "chain: an intermediate for all names but ours", () =>
    below([{}, { extensions: [constraints({ excluded: [dns(HOST)] })] }]),
  ),
  odd("unknown-ca", "chain: an anchor for other names", () =>
    below([{ extensions: [constraints(elsewhere)] }]),
  ),
  odd("accepted", "chain: an anchor for our names, critically", () =>
    below([{ extensions: [constraints(inside, true)] }]),
  ),
  odd("unknown-ca", "chain: an anchor for other names, critically", () =>
    below([{ extensions: [constraints(elsewhere, true)] }]),
  ),
  odd("unknown-ca", "chain: an anchor for our names, and a server with another one as well", () =>
    below([{ extensions: [constraints(inside)] }], { names: [dns(HOST), dns("devices.example")] }),
  ),
  odd("unknown-ca", "chain: an anchor for one host, and a wildcard over it", () =>
    below([{ extensions: [constraints({ permitted: [dns(HOST)] })] }], { names: [dns("*.example.test")] }),
  ),
  odd("unknown-ca", "chain: an anchor for all hosts but ours, and a wildcard over it", () =>
    below([{ extensions: [constraints({ excluded: [dns(HOST)] })] }], { names: [dns("*.example.test")] }),
  ),
  odd(
    "accepted",
    "chain: an anchor for our network",
    () =>
      below([{ extensions: [constraints({ permitted: [address(127, 0, 0, 0, 255, 0, 0, 0)] })] }], {
        names: [address(127, 0, 0, 1)],
      }),
    { host: "127.0.0.1" },
  ),
  odd(
    "unknown-ca",
    "chain: an anchor for another network",
    () =>
      below([{ extensions: [constraints({ permitted: [address(10, 0, 0, 0, 255, 0, 0, 0)] })] }], {
        names: [address(127, 0, 0, 1)],
      }),
    { host: "127.0.0.1" },
  ),
  odd("accepted", "chain: an anchor for a network says nothing of names", () =>
    below([{ extensions: [constraints({ permitted: [address(10, 0, 0, 0, 255, 0, 0, 0)] })] }]),
  ),
  ...[3, 5, 6, 7, 8].map((count) =>
    odd("accepted", `chain: ${count} intermediates`, () => below(lines(count))),
  ),
  odd("unknown-ca", "chain: 9 intermediates", () => below(lines(9))),
  odd("unknown-ca", "chain: two authorities that sign each other", () => {
    const first = authority({ name: "First" });
    const second = authority({ name: "Second", issuer: first });
    const firstAgain = authority({ name: "First", key: first.privateKey, issuer: second });
    return { chain: [leafOf(firstAgain), firstAgain, second], anchors: [authority()] };
  }),
  odd("accepted", "chain: an anchor that is an intermediate", () => {
    const { chain } = below([{}, {}]);
    return { chain, anchors: [chain[1]!] };
  }),
  odd("accepted", "chain: the server's certificate twice", () => {
    const { chain, anchors } = below([{}, {}]);
    return { chain: [chain[0]!, ...chain], anchors };
  }),
  odd("accepted", "chain: a stranger between server and intermediate", () => {
    const { chain, anchors } = below([{}, {}]);
    return { chain: [chain[0]!, authority(), chain[1]!], anchors };
  }),
  odd("unknown-ca", "chain: a server that is an authority and its own anchor", () => {
    const self = certificate({
      name: HOST,
      extensions: [authorityOf(), keyUsage("keyCertSign", "digitalSignature"), names(dns(HOST))],
    });
    return { chain: [self], anchors: [self] };
  }),
  odd("unknown-ca", "chain: a self-signed server that is its own anchor", () => {
    const self = server({ name: HOST, names: [dns(HOST)] });
    return { chain: [self], anchors: [self] };
  }),
  odd("accepted", "chain: a server that is an authority itself", () => {
    const anchor = authority();
    const leaf = certificate({
      issuer: anchor,
      extensions: [authorityOf(), keyUsage("keyCertSign", "digitalSignature"), names(dns(HOST))],
    });
    return { chain: [leaf], anchors: [anchor] };
  }),
];

/** Old and new authorities side by side. */
export const ROLLOVERS = [
  odd("accepted", "rollover: cross-signed by an expired root, and the newer root is trusted", () => {
    const { leaf, middle, cross, x1 } = twoRoots();
    return { chain: [leaf, middle, cross], anchors: [x1] };
  }),
  odd("accepted", "rollover: the cross-signed certificate is sent before the intermediate", () => {
    const { leaf, middle, cross, x1 } = twoRoots();
    return { chain: [leaf, cross, middle], anchors: [x1] };
  }),
  odd("accepted", "rollover: both roots are trusted", () => {
    const { leaf, middle, cross, x1, dst } = twoRoots();
    return { chain: [leaf, middle, cross], anchors: [dst, x1] };
  }),
  odd("expired", "rollover: the expired root alone is trusted", () => {
    const { leaf, middle, cross, dst } = twoRoots();
    return { chain: [leaf, middle, cross], anchors: [dst] };
  }),
  odd("accepted", "rollover: the cross-signed certificate has expired itself", () => {
    const { leaf, middle, cross, x1, dst } = twoRoots(PAST);
    return { chain: [leaf, middle, cross], anchors: [x1, dst] };
  }),
  odd("expired", "rollover: renewed with its key, and the old one alone is trusted", () => {
    const { old, renewed } = renewal();
    return { chain: [leafOf(renewed)], anchors: [old] };
  }),
  odd("accepted", "rollover: renewed with its key, and both are trusted", () => {
    const { old, renewed } = renewal();
    return { chain: [leafOf(renewed)], anchors: [old, renewed] };
  }),
  odd("expired", "rollover: renewed with its key and sent, and the old one alone is trusted", () => {
    const { old, renewed } = renewal();
    return { chain: [leafOf(renewed), renewed], anchors: [old] };
  }),
  odd("accepted", "rollover: a new key under the same name, and both are trusted", () => {
    const [old, renewed] = [authority({ name: "One name" }), authority({ name: "One name" })];
    return { chain: [leafOf(renewed)], anchors: [old, renewed] };
  }),
  odd("accepted", "rollover: a new key under the same name, signed by the old one", () => {
    const old = authority({ name: "One name" });
    const renewed = authority({ name: "One name", issuer: old });
    return { chain: [leafOf(renewed), renewed], anchors: [old] };
  }),
  odd("accepted", "rollover: the new authority is signed by the old one", () => {
    const old = authority({ name: "Old" });
    const cross = authority({ name: "New", issuer: old });
    return { chain: [leafOf(cross), cross], anchors: [old] };
  }),
  odd("accepted", "rollover: an anchor that nobody can use beside one that is used", () => {
    const { chain, anchors } = under({});
    return { chain, anchors: [authority({ key: "RSA-1024" }), ...anchors] };
  }),
];

const PAST = { from: new Date("2020-01-01T00:00:00Z"), until: new Date("2021-01-01T00:00:00Z") };

function twoRoots(crossDates = {}) {
  const dst = authority({ name: "DST", ...PAST });
  const x1 = authority({ name: "X1" });
  const cross = authority({ name: "X1", key: x1.privateKey, issuer: dst, ...crossDates });
  const middle = authority({ name: "R3", issuer: x1 });
  return { dst, x1, cross, middle, leaf: leafOf(middle) };
}

function renewal() {
  const old = authority({ name: "Renewed", ...PAST });
  return { old, renewed: authority({ name: "Renewed", key: old.privateKey }) };
}
