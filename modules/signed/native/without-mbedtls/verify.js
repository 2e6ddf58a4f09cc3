// In the place of verify.js in simulators that have no mbedTLS to link (macOS and Windows: the SDK's makefiles take no
// libraries there): nothing that is signed is believed, and the console says why.
export class Sha256 {
  constructor() {
    throw new Error("no SHA-256: this simulator has no mbedTLS");
  }
}

export function verifyEs256() {
  trace("no signatures: this simulator has no mbedTLS (docs/tls.md); use Linux, or npm start\n");
  return false;
}
