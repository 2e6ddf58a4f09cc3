import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { OWNERS, RESERVE, slotSize } from "../../tools/esp32/flash-budget.mjs";

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
const page = read("docs/flash.md");
const bytes = (count: number): string => Math.round(count).toLocaleString("en-US");
const upperOf = ({ lower, upper }: { lower: number; upper?: number }): number =>
  Math.round(upper ?? lower * 1.05);
const sum = (values: number[]): number => values.reduce((total, value) => total + value, 0);

it.each(OWNERS)("docs/flash.md gives $name as the budget has it", (owner) => {
  expect(page).toContain(`| ${owner.name} | ${bytes(owner.lower)} | ${bytes(upperOf(owner))} |`);
});

it("docs/flash.md adds up, and has the slot and what is to be left of it", () => {
  const lower = sum(OWNERS.map((owner) => owner.lower));
  const upper = sum(OWNERS.map(upperOf));
  const slot = slotSize();
  expect(page).toContain(`| **image** | **${bytes(lower)}** | **${bytes(upper)}** |`);
  expect(page).toContain(
    `| **free of ${bytes(slot / 1024)} KiB** | **${bytes(slot - lower)}** | **${bytes(slot - upper)}** |`,
  );
  expect(page).toContain(`less than ${RESERVE / 1024} KiB of the slot`);
});

it("docs/flash.md says of each family of options that sdkconfig.defaults switches off or on for flash", () => {
  const section = read("sdkconfig/sdkconfig.defaults").split("# Flash (docs/flash.md")[1]!;
  const names = [...section.matchAll(/^CONFIG_(\w+)=/gm)].map(([, name]) => name!);
  expect(names.length).toBeGreaterThan(20);
  const families: [RegExp, string][] = [
    [/^MBEDTLS_ECP_DP_/, "`MBEDTLS_ECP_DP_…`"],
    [/^MBEDTLS_(CCM_C|CIPHER_MODE_\w+)$/, "CCM, CBC, CFB, CTR, OFB, XTS"],
    [/^MBEDTLS_(PEM|X509|PK_PARSE_EC)_/, "PEM, lists of revoked certificates, requests, spelled-out curves"],
    [
      /^ESP_WIFI_/,
      "WPA-Enterprise, Enhanced Open, SAE-PK, WPA3 of the setup network, WPA3's compatibility mode",
    ],
    [/^COMPILER_SAVE_RESTORE_LIBCALLS$/, "`COMPILER_SAVE_RESTORE_LIBCALLS`"],
    [/^LIBC_NEWLIB_NANO_FORMAT$/, "`LIBC_NEWLIB_NANO_FORMAT`"],
    [/^ESP_ERR_TO_NAME_LOOKUP$/, "`ESP_ERR_TO_NAME_LOOKUP`"],
  ];
  for (const name of names) {
    const family = families.find(([pattern]) => pattern.test(name));
    expect(family, name).toBeDefined();
    expect(page).toContain(family![1]);
  }
});

it("The options keep what docs/tls.md and docs/network.md promise, and what renewal needs", () => {
  const options = read("sdkconfig/sdkconfig.defaults");
  const promised = [
    ...["ECP_DP_SECP256R1_ENABLED", "ECP_DP_SECP384R1_ENABLED", "ECP_DP_SECP521R1_ENABLED", "GCM_C", "RSA_C"],
    ...["SHA1_C", "SHA256_C", "SHA384_C", "SHA512_C", "X509_CSR_WRITE_C", "PKCS1_V21", "ECDSA_C", "ECDH_C"],
  ].map((name) => `MBEDTLS_${name}`);
  for (const name of [...promised, "ESP_WIFI_ENABLE_WPA3_SAE", "ESP_WIFI_SOFTAP_SUPPORT", "LWIP_IPV6"])
    expect(options).not.toMatch(new RegExp(`^CONFIG_${name}=n$`, "m"));
});
