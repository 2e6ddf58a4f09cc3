// Of a hardened site. What is served is data and, for people, one page that brings its own scripts.
export const SAFE_HEADERS: Readonly<Record<string, string>> = {
  "X-Content-Type-Options": "nosniff",
  "Content-Security-Policy":
    "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
  // For browsers from before frame-ancestors.
  "X-Frame-Options": "DENY",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Referrer-Policy": "no-referrer",
  "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
  // Readings of an account are nobody else's, in no cache.
  "Cache-Control": "no-store",
  Vary: "Accept, Accept-Encoding, Authorization, Cookie",
};

/** With TLS, here or at the proxy: never again without, for a year (RFC 6797). */
export const HSTS = { "Strict-Transport-Security": "max-age=31536000; includeSubDomains" };
