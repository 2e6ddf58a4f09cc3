/** XS has these (xs/includes/xs.d.ts of the SDK); TypeScript's ES2025 has not. */
interface Uint8Array {
  toBase64(): string;
}
interface Uint8ArrayConstructor {
  fromBase64(base64: string): Uint8Array<ArrayBuffer>;
}
