// `embedded:io/socket/listener`, ECMA-419, over sockets.h. Native code: sockets-xs.c.
import TCP from "embedded:io/socket/tcp";

class Listener extends Native("xs_sockets_destructor") {
  constructor(options) {
    super();
    native("xs_sockets_listener").call(this, options);
  }
  close() {
    native("xs_sockets_listener_close").call(this);
  }
  read() {
    if (native("xs_sockets_listener_accept").call(this))
      return native("xs_sockets_listener_give").call(this, new TCP());
  }
  get port() {
    return native("xs_sockets_listener_get_port").call(this);
  }
  get format() {
    return "socket/tcp";
  }
  set format(format) {
    if (format !== "socket/tcp") throw new RangeError();
  }
}

export default Listener;
