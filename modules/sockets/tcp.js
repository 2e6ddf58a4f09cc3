// `embedded:io/socket/tcp`, ECMA-419, over sockets.h. Types: the SDK's, and wifi's `localAddress`. Native code: sockets-xs.c.
class TCP extends Native("xs_sockets_destructor") {
  constructor(options) {
    super();
    if (options) native("xs_sockets_tcp").call(this, options);
    else native("xs_sockets_tcp").call(this);
  }
  close() {
    native("xs_sockets_tcp_close").call(this);
  }
  read(wanted) {
    return wanted === undefined
      ? native("xs_sockets_tcp_read").call(this)
      : native("xs_sockets_tcp_read").call(this, wanted);
  }
  write(bytes) {
    return native("xs_sockets_tcp_write").call(this, bytes);
  }
  get remoteAddress() {
    return native("xs_sockets_tcp_get_remote_address").call(this);
  }
  get remotePort() {
    return native("xs_sockets_tcp_get_remote_port").call(this);
  }
  get localAddress() {
    return native("xs_sockets_tcp_get_local_address").call(this);
  }
  get format() {
    return native("xs_sockets_tcp_get_format").call(this);
  }
  set format(format) {
    native("xs_sockets_tcp_set_format").call(this, format);
  }
}

export default TCP;
