// The TLS engine (engine.h) on XS. Types and contract: engine.d.ts. Native code: engine-xs.c.
class TlsEngine extends Native("xs_tls_engine_destructor") {
  constructor() {
    super();
    native("xs_tls_engine").call(this);
  }
  close() {
    native("xs_tls_engine_close").call(this);
  }
  addAuthority(der) {
    return native("xs_tls_engine_add_authority").call(this, der);
  }
  addCertificate(der) {
    return native("xs_tls_engine_add_certificate").call(this, der);
  }
  setKey(der) {
    return native("xs_tls_engine_set_key").call(this, der);
  }
  start(host, session, alpn) {
    return native("xs_tls_engine_start").call(this, host, session, alpn);
  }
  room() {
    return native("xs_tls_engine_room").call(this);
  }
  feed(ciphertext) {
    return native("xs_tls_engine_feed").call(this, ciphertext);
  }
  outgoing() {
    return native("xs_tls_engine_outgoing").call(this);
  }
  take(maxBytes) {
    return native("xs_tls_engine_take").call(this, maxBytes);
  }
  step() {
    return native("xs_tls_engine_step").call(this);
  }
  isOpen() {
    return native("xs_tls_engine_is_open").call(this);
  }
  failure() {
    return native("xs_tls_engine_failure").call(this);
  }
  validFrom() {
    return native("xs_tls_engine_valid_from").call(this);
  }
  trustedUntil() {
    return native("xs_tls_engine_trusted_until").call(this);
  }
  readable() {
    return native("xs_tls_engine_readable").call(this);
  }
  read(maxBytes) {
    return native("xs_tls_engine_read").call(this, maxBytes);
  }
  write(plaintext) {
    return native("xs_tls_engine_write").call(this, plaintext);
  }
  sayGoodbye() {
    native("xs_tls_engine_say_goodbye").call(this);
  }
  resumed() {
    return native("xs_tls_engine_resumed").call(this);
  }
  saveSession() {
    return native("xs_tls_engine_save_session").call(this);
  }
}

export default TlsEngine;
