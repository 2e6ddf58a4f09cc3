// The engine of simulators that have no mbedTLS to link (macOS and Windows: the SDK's makefiles take no libraries
// there): every connection ends at once as "protocol", so the LED pulses blue, and the console says why.
const PROTOCOL = 8;

class TlsEngine {
  constructor() {
    trace("no TLS: this simulator has no mbedTLS (docs/tls.md); use Linux, or npm start\n");
  }
  close() {}
  addAuthority() {
    return true;
  }
  addCertificate() {
    return true;
  }
  setKey() {
    return true;
  }
  start() {
    return true;
  }
  room() {
    return 0;
  }
  feed() {
    return 0;
  }
  outgoing() {
    return 0;
  }
  take() {
    return new ArrayBuffer(0);
  }
  step() {
    return -1;
  }
  isOpen() {
    return false;
  }
  failure() {
    return PROTOCOL;
  }
  validFrom() {
    return 0;
  }
  trustedUntil() {
    return 0;
  }
  readable() {
    return 0;
  }
  read() {
    return new ArrayBuffer(0);
  }
  write() {
    return 0;
  }
  sayGoodbye() {}
  resumed() {
    return false;
  }
  saveSession() {
    return undefined;
  }
}

export default TlsEngine;
