import { expect, test } from "vitest";
import { formatLabel, formatWifiCode } from "../../../tools/identity/label";

const LABEL = {
  product: "Aerolink <air> & more",
  deviceId: "aerolink-a4cf12aabbcc",
  mac: "a4:cf:12:aa:bb:cc",
  ssid: "Aerolink-AABBCC",
  password: "kw7mrt4xn9pc",
};

test("the Wi-Fi code says what phones expect", () => {
  expect(formatWifiCode(LABEL.ssid, LABEL.password)).toBe("WIFI:T:WPA;S:Aerolink-AABBCC;P:kw7mrt4xn9pc;;");
});

test("characters with a meaning in the Wi-Fi code are escaped", () => {
  expect(formatWifiCode('a;b:c,d"e\\f', "p;p")).toBe('WIFI:T:WPA;S:a\\;b\\:c\\,d\\"e\\\\f;P:p\\;p;;');
});

test("the label names product, id, MAC, network and password, and takes any text as text", () => {
  const svg = formatLabel(LABEL);
  expect(svg).toContain("Aerolink &#60;air&#62; &#38; more");
  for (const text of ["aerolink-a4cf12aabbcc", "A4:CF:12:AA:BB:CC", "Aerolink-AABBCC", "kw7mrt4xn9pc"]) {
    expect(svg).toContain(`>${text}<`);
  }
  expect(svg).not.toMatch(/href|url\(|<script/);
});

test("long names are set smaller", () => {
  expect(formatLabel({ ...LABEL, product: "Aerolink" })).toContain(
    'font-size="3" font-weight="bold">Aerolink<',
  );
  expect(formatLabel({ ...LABEL, deviceId: "d".repeat(64) })).toContain('font-size="0.83"');
});
