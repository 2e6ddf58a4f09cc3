// The monitor in the Moddable simulator: light, button, label and plug, and switches for what may go wrong around it.
// It runs in mcsim, beside the application (sim/moddable/world/) in which the firmware is. `npm run simulator` keeps
// what it shows in a file and reads what is asked of it from another (sim/linked/panel.ts). Without that file, as
// `mcconfig -d -m -p lin` starts it, there is light and button alone.

import { ButtonsRow, ControlsColumn, InfoRow, PopupRow, SwitchRow } from "ControlsPane";
import { DeviceBehavior, DeviceContainer, DeviceScreen } from "DevicePane";

const SHOWS = "aerolink/panel.json";
const ASKS = "aerolink/asks.json";
const LOOK_MS = 200;
/** As many as can be asked for between two looks of the other side. */
const MOST_ASKS = 20;
/** Beyond the 3 s and 10 s that the firmware waits for. */
const SETUP_HOLD_MS = 3_600;
const RESET_HOLD_MS = 10_600;
/** The router's password in every scene, and another. */
const RIGHT_PASSWORD = "correct horse";
const WRONG_PASSWORD = "battery staple";

/** As sim/page/light.ts: duty is linear light, and this is the LED's white. */
const GAMMA = 2.2;
const WHITE = [255, 176, 240];
const DARK = 0x3c;

const MEANING = {
  setup: "setup mode",
  joining: "joining Wi-Fi",
  connecting: "Wi-Fi connected, cloud connecting",
  online: "Wi-Fi and cloud connected",
  offline: "no Wi-Fi, no cloud",
};

const lamp = new Texture({ base: import.meta.uri, path: "aerolink/lamp.png" });
const CASE = { fill: "#2b2f33", stroke: "#17191b" };
const PAPER = { fill: "#ffffff", stroke: "#a9a9a9" };
const text = (size, color, more) => new Style({ font: `${size}px Open Sans`, color, ...more });

const isAlone = !system.fileExists(SHOWS);
const shown = () => JSON.parse(system.readFileString(SHOWS));

class PanelBehavior extends DeviceBehavior {
  onCreate(container, device) {
    super.onCreate(container, device);
    this.shown = {};
    this.text = "";
    this.asks = [];
    this.next = Date.now();
  }
  onDisplaying(container) {
    if (isAlone) container.distribute("onSight", "", "Alone: npm run simulator has the world around it.");
    container.interval = LOOK_MS;
    container.start();
  }
  onTimeChanged(container) {
    if (this.holdsUntil && Date.now() >= this.holdsUntil) this.release(container);
    if (isAlone) return;
    const text = system.readFileString(SHOWS);
    if (text === this.text) return;
    this.text = text;
    this.show(container, JSON.parse(text));
  }
  show(container, it) {
    this.shown = it;
    this.power(container, it);
    const { device, router, portal } = it;
    if (!device) return;
    const { on, status, sight } = device;
    container.distribute("onLabel", it);
    container.distribute("onSight", on ? (sight ?? "changing") : "no power", (on && MEANING[status]) || "");
    this.set("POWER", on);
    this.set("ROUTER", router.on);
    this.set("PASSWORD", router.password === WRONG_PASSWORD);
    this.set("FILTER", router.macFilter?.includes(device.mac) === false);
    this.set("BAND", router.channel === undefined);
    this.set("SIGN_IN", router.signInPage === true);
    this.set("CABLE", router.internet);
    for (const port of [53, 123, 443, 8883]) this.set(`PORT_${port}`, router.blockedPorts.includes(port));
    this.set("BROKER", it.broker !== false);
    this.say("READINGS", `${it.readings} at the cloud`);
    this.say("PAGE", it.page ?? "none (--headless)");
    this.say("PORTAL", portal.url ?? (portal.sees ? `${portal.sees} is on the air` : "not in setup mode"));
  }
  /** The application runs as long as the board has power, each life of it anew. */
  power(container, { on, life }) {
    const simulator = application.behavior;
    const { running } = simulator.SCREEN;
    if (!on) {
      if (running) simulator.quitScreen();
      this.onJSON(container, { led: [0, 0, 0] });
    } else if (life !== this.life) {
      // The first life began with the window.
      if (this.life !== undefined || !running) {
        simulator.quitScreen();
        simulator.launchScreen();
      }
      this.life = life;
    }
  }
  set(name, value) {
    const control = this[name];
    if (!control || control.behavior.data.value === value) return;
    control.behavior.data.value = value;
    control.behavior.onDataChanged(control);
  }
  say(name, string) {
    if (this[name]) this[name].string = string;
  }
  ask(action) {
    this.asks.push({ n: ++this.next, action });
    if (this.asks.length > MOST_ASKS) this.asks.shift();
    system.writeFileString(ASKS, JSON.stringify(this.asks));
  }
  askRouter(change) {
    this.ask({ do: "router", index: 0, change });
  }

  /** The firmware ended by itself: whoever feeds the board starts it again. */
  onAbort() {
    return true;
  }
  onJSON(container, json) {
    if (json.led) container.distribute("onLight", json.led);
  }
  press(container) {
    this.postJSON(container, { button: true });
    container.distribute("onPressed", true);
  }
  release(container) {
    this.holdsUntil = undefined;
    this.postJSON(container, { button: false });
    container.distribute("onPressed", false);
  }
  onButtonDown(container) {
    this.press(container);
  }
  onButtonUp(container) {
    this.release(container);
  }
  onHold(container, { holdMs }) {
    this.press(container);
    this.holdsUntil = Date.now() + holdMs;
  }
  onPower(_container, { value }) {
    this.ask({ do: "power", on: value });
  }
  onScene(_container, { value }) {
    if (value !== "") this.ask({ do: "scene", id: value });
  }
  onMend() {
    this.ask({ do: "mend" });
  }
  onRouter(_container, { value }) {
    this.askRouter({ on: value });
  }
  onPassword(_container, { value }) {
    this.askRouter({ password: value ? WRONG_PASSWORD : RIGHT_PASSWORD });
  }
  onFilter(_container, { value }) {
    this.askRouter({ macFilter: value ? "refuses" : "off" });
  }
  onBand(_container, { value }) {
    this.askRouter({ channel: value ? null : 6 });
  }
  onSignIn(_container, { value }) {
    this.askRouter({ signInPage: value });
  }
  onCable(_container, { value }) {
    this.askRouter({ internet: value });
  }
  onPort(_container, { port, value }) {
    this.askRouter({ port, blocked: value });
  }
  onBroker(_container, { value }) {
    this.ask({ do: "broker", on: value });
  }
  onJoinPhone() {
    this.ask({ do: "phone", joined: true });
  }
  onOpenPortal() {
    const { url } = this.shown.portal ?? {};
    if (url) system.launchURL(url);
  }
  onOpenPage() {
    if (this.shown.page) system.launchURL(this.shown.page);
  }
}

class LightBehavior extends Behavior {
  onCreate() {
    this.duty = [0, 0, 0];
  }
  onLight(port, duty) {
    this.duty = duty;
    port.invalidate();
  }
  onDraw(port) {
    const seen = this.duty.map((value, i) => Math.round(255 * Math.min(1, value / WHITE[i]) ** (1 / GAMMA)));
    const most = Math.max(...seen);
    const half = port.width / 2;
    if (most > 0) port.drawTexture(lamp, rgba(...seen, most / 255), 0, 0, 0, 0, port.width, port.height);
    // A lamp that is dark is the colour of its own plastic.
    const lit = most / 255;
    const core = seen.map((value) => Math.round(value * lit + DARK * (1 - lit)));
    port.drawTexture(lamp, rgba(...core, 1), half - 24, half - 24, port.width, 0, 48, 48);
  }
}

class TextBehavior extends Behavior {
  onCreate(_label, data) {
    this.part = data.part;
  }
  onSight(label, sight, meaning) {
    if (this.part === "sight") label.string = sight;
    if (this.part === "meaning") label.string = meaning;
  }
  onLabel(label, { device, fault }) {
    const texts = {
      ssid: device.setupSsid,
      password: device.setupPassword,
      mac: device.mac.toUpperCase(),
      id: device.id,
    };
    if (this.part in texts) label.string = texts[this.part];
    if (this.part === "fault") label.string = fault ?? "";
  }
}

class CodeBehavior extends Behavior {
  onLabel(port, { qr }) {
    this.rows = qr;
    port.invalidate();
  }
  onDraw(port) {
    const rows = this.rows;
    if (!rows) return;
    const size = Math.floor(port.width / rows.length);
    rows.forEach((row, y) => {
      for (let x = 0; x < row.length; x++)
        if (row[x] === "1") port.fillColor("#000000", x * size, y * size, size, size);
    });
  }
}

class PushBehavior extends Behavior {
  onPressed(content, pressed) {
    content.state = pressed ? 1 : 0;
  }
  onTouchBegan(content, id, x, y, ticks) {
    content.captureTouch(id, x, y, ticks);
    content.bubble("onButtonDown");
  }
  onTouchEnded(content) {
    content.bubble("onButtonUp");
  }
}

const Line = (part, caption, top) => [
  new Label(null, {
    left: 118,
    top,
    height: 14,
    string: caption,
    style: text(10, "#666666", { horizontal: "left" }),
  }),
  new Label(
    { part },
    {
      left: 118,
      right: 6,
      top: top + 12,
      height: 18,
      string: "",
      style: text(13, "#000000", { horizontal: "left" }),
      Behavior: TextBehavior,
    },
  ),
];

const switchRow = (name, label, event, off, on, value, more) =>
  new SwitchRow({ name, label, event, off, on, value, ...more });

const buttonRow = () =>
  new ButtonsRow({
    label: "Button",
    buttons: [
      { eventDown: "onButtonDown", eventUp: "onButtonUp", label: "Press" },
      { event: "onHold", label: "3 s", holdMs: SETUP_HOLD_MS },
      { event: "onHold", label: "10 s", holdMs: RESET_HOLD_MS },
    ],
  });

const AloneControls = ControlsColumn.template(() => ({ contents: [buttonRow()] }));

/** The sticker on the device's back. */
const labelOf = ($) =>
  new Container($, {
    left: 20,
    top: 370,
    width: 300,
    height: 140,
    contents: [
      new RoundContent($, {
        left: 0,
        right: 0,
        top: 0,
        bottom: 0,
        border: 1,
        radius: 6,
        skin: new Skin(PAPER),
      }),
      new Port($, { left: 12, top: 20, width: 99, height: 99, Behavior: CodeBehavior }),
      ...Line("ssid", "Setup Wi-Fi", 4),
      ...Line("password", "Password", 38),
      ...Line("mac", "MAC", 72),
      ...Line("id", "Device", 106),
    ],
  });

const faultLine = () =>
  new Text(
    { part: "fault" },
    {
      left: 20,
      width: 300,
      top: 524,
      height: 60,
      string: "",
      style: text(12, "#7a2020", { horizontal: "left", vertical: "top" }),
      Behavior: TextBehavior,
    },
  );

export default {
  // Whatever the folder is called in which the firmware was built.
  applicationName: ".*",
  title: "Aerolink",
  ControlsTemplate: isAlone
    ? AloneControls
    : ControlsColumn.template(() => ({
        contents: [
          switchRow("POWER", "Power", "onPower", "Off", "On", true),
          buttonRow(),
          new PopupRow({
            label: "Scene",
            event: "onScene",
            value: "",
            items: ["", ...shown().scenes].map((value) => ({ value, title: value || "choose…" })),
          }),
          switchRow("ROUTER", "Router", "onRouter", "Off", "On", true),
          switchRow("PASSWORD", "Its password", "onPassword", "As saved", "Changed", false),
          switchRow("FILTER", "MAC filter", "onFilter", "Off", "Device refused", false),
          switchRow("BAND", "Its band", "onBand", "2.4 GHz", "5 GHz only", false),
          switchRow("SIGN_IN", "Sign-in page", "onSignIn", "None", "Guest network", false),
          switchRow("CABLE", "Internet", "onCable", "Cable out", "Connected", true),
          switchRow("PORT_53", "DNS 53", "onPort", "Open", "Firewall drops", false, { port: 53 }),
          switchRow("PORT_123", "SNTP 123", "onPort", "Open", "Firewall drops", false, { port: 123 }),
          switchRow("PORT_443", "HTTPS 443", "onPort", "Open", "Firewall drops", false, { port: 443 }),
          switchRow("PORT_8883", "MQTT 8883", "onPort", "Open", "Firewall drops", false, { port: 8883 }),
          switchRow("BROKER", "Broker", "onBroker", "Stopped", "Running", true),
          new ButtonsRow({ label: "All of it", buttons: [{ event: "onMend", label: "Put right" }] }),
          new InfoRow({ name: "READINGS", label: "Readings", value: "" }),
          new InfoRow({ name: "PORTAL", label: "Setup page", value: "" }),
          new ButtonsRow({
            label: "Phone",
            buttons: [
              { event: "onJoinPhone", label: "Join" },
              { event: "onOpenPortal", label: "Open" },
            ],
          }),
          new InfoRow({ name: "PAGE", label: "Browser page", value: "" }),
          new ButtonsRow({ label: "", buttons: [{ event: "onOpenPage", label: "Open" }] }),
        ],
      })),
  DeviceTemplates: {
    0: DeviceContainer.template(($) => ({
      Behavior: PanelBehavior,
      width: 340,
      height: isAlone ? 360 : 590,
      contents: [
        new RoundContent($, {
          left: 20,
          top: 0,
          width: 300,
          height: 350,
          border: 1,
          radius: 36,
          skin: new Skin(CASE),
        }),
        new Label($, {
          left: 0,
          width: 340,
          top: 22,
          height: 24,
          string: "Aerolink",
          style: text(15, "#8f979e"),
        }),
        new Port($, { left: 70, top: 40, width: 200, height: 200, Behavior: LightBehavior }),
        new Label(
          { part: "sight" },
          {
            left: 0,
            width: 340,
            top: 222,
            height: 24,
            string: "",
            style: text(16, "#ffffff"),
            Behavior: TextBehavior,
          },
        ),
        new Label(
          { part: "meaning" },
          {
            left: 0,
            width: 340,
            top: 244,
            height: 20,
            string: "",
            style: text(12, "#c4cad0"),
            Behavior: TextBehavior,
          },
        ),
        new RoundContent($, {
          left: 142,
          top: 276,
          width: 56,
          height: 56,
          border: 1,
          radius: 28,
          active: true,
          skin: new Skin({ fill: ["#4a5056", "#7d868e"], stroke: ["#6a7178", "#9aa3ab"] }),
          Behavior: PushBehavior,
        }),
        ...(isAlone ? [] : [labelOf($), faultLine()]),
        // An application needs a screen; this device has none. One dark dot, on a dark one of the code.
        DeviceScreen($, { left: 33, width: 1, top: isAlone ? 20 : 391, height: 1, rotation: 0 }),
      ],
    })),
  },
};
