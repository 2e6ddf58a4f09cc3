// In the place of credential.js in simulators that have no mbedTLS to link (macOS and Windows): no key is made, and so
// nothing is renewed.
export function newKey() {
  trace("no new key: this simulator has no mbedTLS (docs/tls.md); use Linux, or npm start\n");
  return undefined;
}

export function requestFor() {
  return undefined;
}

export function judge() {
  return 1;
}

export function dateOf() {
  return 0;
}
