// The Wi-Fi driver of ESP-IDF (radio.h) on XS. Types and contract: driver.d.ts. Native code: radio-xs.c.
class RadioDriver extends Native("xs_radio_destructor") {
  constructor(hostname, onEvent) {
    super();
    native("xs_radio").call(this, hostname, onEvent);
  }
  static mac() {
    return native("xs_radio_mac").call(RadioDriver);
  }
  close() {
    native("xs_radio_close").call(this);
  }
  connect(ssid, password, bssid, channel, least) {
    return native("xs_radio_connect").call(this, ssid, password, bssid, channel, least);
  }
  disconnect() {
    native("xs_radio_disconnect").call(this);
  }
  lease() {
    return native("xs_radio_lease").call(this);
  }
  rssi() {
    return native("xs_radio_rssi").call(this);
  }
  scan(ssid, channel) {
    return native("xs_radio_scan").call(this, ssid, channel);
  }
  nextFound() {
    return native("xs_radio_next_found").call(this);
  }
  forgetFound() {
    native("xs_radio_forget_found").call(this);
  }
  openAccessPoint(ssid, password, channel, address) {
    return native("xs_radio_open_access_point").call(this, ssid, password, channel, address);
  }
  closeAccessPoint() {
    native("xs_radio_close_access_point").call(this);
  }
  phones() {
    return native("xs_radio_phones").call(this);
  }
}

export default RadioDriver;
