// SHA-256 and ES256 (verify.h) on XS. Types and contract: verify.d.ts. Native code: verify-xs.c.
export class Sha256 extends Native("xs_signed_hash_destructor") {
  constructor() {
    super();
    native("xs_signed_hash").call(this);
  }
  update(bytes) {
    native("xs_signed_hash_update").call(this, bytes);
  }
  digest() {
    return new Uint8Array(native("xs_signed_hash_digest").call(this));
  }
}

export function verifyEs256(key, message, signature) {
  return native("xs_signed_verify").call(this, key, message, signature);
}
