// The SDK's modules/io/serial/lin/serial.c. Its own serial.js hands the constructor no options (SDK 8.2.3: others in
// modules/io/serial pass `dictionary` on), and nothing can be opened.
export default class Serial extends Native("xs_serial_destructor") {
  constructor(dictionary) {
    super();
    native("xs_serial_constructor").call(this, dictionary);
  }
  close() {
    return native("xs_serial_close").call(this);
  }
  read() {
    return native("xs_serial_read").call(this);
  }
  write() {
    return native("xs_serial_write").call(this);
  }
}
