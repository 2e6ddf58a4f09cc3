// What a firmware image is made of that npm does not know. Versions are those that this repository is made for and
// measured with (docs/flash.md); licences as the parts' own files say. `in`: where it ends up.

/** @typedef {{ name: string, version: string, licence: string, purl?: string, cpe?: string, what: string }} Part */

const github = (path, version) => `pkg:github/${path.toLowerCase()}@${version}`;

/** @type {readonly Part[]} */
export const FIRMWARE_PARTS = [
  {
    name: "moddable-sdk-runtime",
    version: "8.2.3",
    licence: "LGPL-3.0-or-later",
    purl: github("Moddable-OpenSource/moddable", "8.2.3"),
    what: "Moddable SDK's runtime modules and ports for ESP32",
  },
  {
    name: "xs",
    version: "8.2.3",
    licence: "LGPL-3.0-or-later AND Apache-2.0",
    purl: `${github("Moddable-OpenSource/moddable", "8.2.3")}#xs`,
    what: "XS, the JavaScript engine of the Moddable SDK",
  },
  {
    name: "esp-idf",
    version: "6.0.2",
    licence: "Apache-2.0",
    purl: github("espressif/esp-idf", "v6.0.2"),
    cpe: "cpe:2.3:a:espressif:esp-idf:6.0.2:*:*:*:*:*:*:*",
    what: "Espressif IoT Development Framework, with the bootloader and the binary libraries for Wi-Fi and radio",
  },
  {
    name: "mbedtls",
    version: "4.0.0",
    licence: "Apache-2.0 OR GPL-2.0-or-later",
    purl: github("Mbed-TLS/mbedtls", "v4.0.0"),
    cpe: "cpe:2.3:a:trustedfirmware:mbed_tls:4.0.0:*:*:*:*:*:*:*",
    what: "TLS and X.509, as the IDF's component has it",
  },
  {
    name: "tf-psa-crypto",
    version: "1.0.0",
    licence: "Apache-2.0 OR GPL-2.0-or-later",
    purl: github("Mbed-TLS/TF-PSA-Crypto", "v1.0.0"),
    what: "Cryptography below mbedTLS",
  },
  {
    name: "esp-lwip",
    version: "2.1.3",
    licence: "BSD-3-Clause",
    purl: github("espressif/esp-lwip", "2.1.3-esp"),
    cpe: "cpe:2.3:a:lwip_project:lwip:2.1.3:*:*:*:*:*:*:*",
    what: "lwIP, TCP/IP, in Espressif's fork",
  },
  {
    name: "freertos",
    version: "10.5.1",
    licence: "MIT",
    cpe: "cpe:2.3:o:amazon:freertos:10.5.1:*:*:*:*:*:*:*",
    what: "FreeRTOS, in Espressif's fork",
  },
  {
    name: "wpa_supplicant",
    version: "2.10",
    licence: "BSD-3-Clause",
    cpe: "cpe:2.3:a:w1.fi:wpa_supplicant:2.10:*:*:*:*:*:*:*",
    what: "WPA2 and WPA3, in Espressif's fork",
  },
  {
    name: "newlib",
    version: "4.5.0",
    licence: "BSD-3-Clause",
    cpe: "cpe:2.3:a:newlib_project:newlib:4.5.0:*:*:*:*:*:*:*",
    what: "C library (a collection of BSD-like licences: newlib's COPYING.NEWLIB)",
  },
];

/** npm packages that end up in a firmware image; all others stay on the computer that builds and tests. */
export const FIRMWARE_PACKAGES = ["mqtt-packet"];

/** npm packages that end up in the simulator's page. */
export const PAGE_PACKAGES = ["preact", "uplot"];
