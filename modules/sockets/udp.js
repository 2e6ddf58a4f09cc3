// `embedded:io/socket/udp`, ECMA-419 without multicast, over sockets.h. Native code: sockets-xs.c.
class UDP extends Native("xs_sockets_destructor") {
  constructor(options) {
    super();
    native("xs_sockets_udp").call(this, options);
  }
  close() {
    native("xs_sockets_udp_close").call(this);
  }
  read() {
    return native("xs_sockets_udp_read").call(this);
  }
  write(bytes, address, port) {
    native("xs_sockets_udp_write").call(this, bytes, address, port);
  }
  get format() {
    return "buffer";
  }
  set format(format) {
    if (format !== "buffer") throw new RangeError();
  }
}

export default UDP;
