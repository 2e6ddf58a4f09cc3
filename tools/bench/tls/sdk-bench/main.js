// On XS: a line "sdk|ours P-256|RSA-2048 PORT" opens TLS and is answered with the milliseconds that it took, TCP's
// opening included, or with why it failed. (JavaScript, since the SDK has no types for its TLS socket.)

import Resource from "Resource";
import TCP from "embedded:io/socket/tcp";
import SdkTlsSocket from "embedded:io/socket/tcp/tls";
import Time from "time";
import Timer from "timer";
import TlsEngine from "../../../../modules/tls/engine";
import { createOpenTlsSocket } from "../../../../modules/tls/tls-socket";

const ADDRESS = "127.0.0.1";
const HOST = "broker.example.test";

function openSdk(port, { ca, certificate, key }, onWritable, onError) {
  return new SdkTlsSocket({
    address: ADDRESS,
    host: HOST,
    port,
    TCP: { io: TCP },
    secure: { certificate: ca, clientCertificates: [certificate], clientKey: key, cache: false },
    onReadable() {},
    onWritable,
    onError,
  });
}

function openOurs(port, { ca, certificate, key }, onWritable, onError) {
  // Made anew each time: no session to resume.
  return createOpenTlsSocket({ TCP, Engine: TlsEngine })({
    address: ADDRESS,
    host: HOST,
    port,
    identity: { certificateAuthorities: [ca], certificateChain: [certificate], privateKey: key },
    onReadable() {},
    onWritable,
    onError,
  });
}

export default function main() {
  globalThis.abort = (reason, exception) => screen.postMessage(`${reason}: ${exception}`);
  screen.onMessage = (line) => {
    const [whose, kind, port] = line.trim().split(" ");
    if (!kind) return;
    const keys = {
      ca: resource("ca.der"),
      certificate: resource(`${kind}-device.der`),
      key: resource(`${kind}-key.der`),
    };
    const start = Time.ticks;
    let socket;
    const answer = (text) => {
      if (!socket) return;
      const ended = socket;
      socket = undefined;
      // In a turn of its own: the SDK's cannot be closed inside a callback.
      Timer.set(() => {
        ended.close();
        screen.postMessage(text);
      });
    };
    socket = (whose === "sdk" ? openSdk : openOurs)(
      Number(port),
      keys,
      () => answer(String(Time.ticks - start)),
      (reason) => answer(`failed: ${reason}`),
    );
  };
  screen.postMessage("ready");
}

function resource(name) {
  return new Uint8Array(new Resource(name).slice(0));
}
