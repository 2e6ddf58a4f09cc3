import type { TlsFailure } from "./socket";

/** Why the cloud is not reached although the device has an address. */
export type LinkFailure =
  /** A sign-in page stands between: port 443 is answered by somebody who is not our cloud, and 8883 in TLS by nobody. */
  | "captive-portal"
  /** The cloud answers on port 443 and not on 8883. */
  | "firewall-8883"
  /** Neither port 8883 nor 443 is answered, nor anything else. */
  | "no-internet"
  /** Others are heard, and the broker takes no connection: it refuses, cuts, or does not answer CONNECT. */
  | "broker-down"
  /** Name queries are not answered, or not usefully, while the network is there. */
  | "dns-blocked"
  /** The name server says that our host name does not exist or has no IPv4 address. */
  | "name-not-found"
  /** No time server gave the time; the device goes on with an estimate. */
  | "sntp-blocked"
  /** The time servers contradict what the device knew of the time; it stays with that, or follows a majority of them. */
  | "time-disputed"
  /** Port 8883 answers, and TLS with it fails; the socket's reason tells why. 443 may fail alike: a new authority. */
  | "cloud-tls";

interface Words {
  /** What is the matter. */
  readonly says: string;
  /** What a person can do about it. */
  readonly advice: string;
}

/** For the log, diagnostics, the portal and the documentation. The LED pulses blue, save for a sign-in page. */
export const LINK_FAILURE_WORDS = Object.freeze(
  {
    "captive-portal": {
      says: "This network asks for a sign-in on a web page, or opens web connections on their way.",
      advice:
        "Such networks are not supported. Use another network, or ask for this device's MAC address to be let through without sign-in.",
    },
    "firewall-8883": {
      says: "The cloud can be reached on port 443 but not on port 8883.",
      advice:
        "Ask whoever runs the network to allow TCP port 8883 to the cloud's host. If it is allowed, the cloud's MQTT service may be down.",
    },
    "no-internet": {
      says: "There seems to be no internet: neither port 8883 nor port 443 of the cloud answers.",
      advice:
        "Restart the router or modem and try another device on the same network. If it shows a sign-in page there, use another network.",
    },
    "broker-down": {
      says: "The network works, but the cloud's MQTT service takes no connection on port 8883.",
      advice:
        "Ask whoever runs the cloud whether its MQTT service is running and admits this device. If it is, ask whoever runs the network to allow TCP port 8883. If nothing else here reaches the internet, restart the router.",
    },
    "dns-blocked": {
      says: "Wi-Fi is connected, but the network does not resolve the cloud's name.",
      advice:
        "Check that the router has internet. In a company network, ask for DNS (UDP port 53) to be allowed.",
    },
    "name-not-found": {
      says: "The network's name server says that the cloud's host does not exist, or has no IPv4 address.",
      advice:
        "A DNS filter may block the name: ask for it to be allowed. Otherwise check the host name in the settings.",
    },
    "sntp-blocked": {
      says: "No time server answers, so the device goes on with an estimated time.",
      advice:
        "Ask whoever runs the network to allow SNTP (UDP port 123), or to name a time server inside the network.",
    },
    "time-disputed": {
      says: "The time servers contradict what the device knew of the time.",
      advice:
        "If the network has a time server of its own, check its clock. If not, ask whether something answers in the place of the public ones (UDP port 123).",
    },
    "cloud-tls": {
      says: "The cloud's port 8883 answers, but no trusted connection comes about.",
      advice: "See the reason that is given with it.",
    },
  } as const satisfies Record<LinkFailure, Words>,
  true,
);

/** The reason that goes with "cloud-tls". */
export const TLS_FAILURE_WORDS = Object.freeze(
  {
    "unknown-ca": {
      says: "The server's certificate is not from our certificate authority.",
      advice:
        "The cloud's authority is a new one that this device has not been told of, or a company's network opens encrypted connections: ask for the cloud's host to be left alone (ports 8883 and 443).",
    },
    expired: {
      says: "A certificate of the server has expired, or the device's clock is ahead.",
      advice:
        "Check that SNTP (UDP port 123) is allowed. If the time is right, the server needs a new certificate.",
    },
    "not-yet-valid": {
      says: "A certificate of the server is not valid yet, or the device's clock is behind.",
      advice: "Check that SNTP (UDP port 123) is allowed.",
    },
    "wrong-name": {
      says: "The server's certificate is for another host.",
      advice: "Check the host name in the settings.",
    },
    "wrong-usage": {
      says: "The server's certificate is not one for servers.",
      advice: "The server needs another certificate.",
    },
    "weak-certificate": {
      says: "The server's certificate is too weak.",
      advice: "The server needs a certificate with a stronger key or signature.",
    },
    "client-certificate-refused": {
      says: "The server does not accept this device's certificate.",
      advice: "Check that the device is registered with the cloud and its certificate has not been revoked.",
    },
    protocol: {
      says: "The server speaks no TLS that the device accepts.",
      advice: "The server must offer TLS 1.2 or newer.",
    },
    plaintext: {
      says: "The server answers without encryption.",
      advice: "Check the port in the settings: the broker must speak TLS there.",
    },
    "handshake-timeout": {
      says: "The server did not finish the TLS handshake in time.",
      advice: "The network may be very slow, or a firewall cuts encrypted connections.",
    },
  } as const satisfies Record<TlsFailure, Words>,
  true,
);
