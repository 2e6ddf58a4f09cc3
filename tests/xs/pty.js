// The far end of a serial line, a pseudo-terminal on Linux.
export function openPty() {
  return native("xs_test_pty_open").call(this);
}
export function pathOf(pty) {
  return native("xs_test_pty_path").call(this, pty);
}
export function writeTo(pty, bytes) {
  return native("xs_test_pty_write").call(this, pty, bytes);
}
export function readFrom(pty) {
  return native("xs_test_pty_read").call(this, pty);
}
export function closePty(pty) {
  return native("xs_test_pty_close").call(this, pty);
}
