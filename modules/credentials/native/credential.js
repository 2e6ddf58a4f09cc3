// The device's own key and certificate (credential.h) on XS. Types and contract: credential.d.ts. Native code:
// credential-xs.c.
export function newKey() {
  return native("xs_credential_new_key").call(this);
}

export function requestFor(key, certificate) {
  return native("xs_credential_request").call(this, key, certificate);
}

export function judge(key, chain, authorities, present, dated) {
  return native("xs_credential_judge").call(this, key, chain, authorities, present, dated);
}

export function dateOf(certificate, which) {
  return native("xs_credential_date").call(this, certificate, which);
}
