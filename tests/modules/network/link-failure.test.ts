import { describe, expect, it } from "vitest";
import { LINK_FAILURE_WORDS, TLS_FAILURE_WORDS } from "../../../modules/network/link-failure";

describe("the words for link failures", () => {
  it("are whole sentences without jargon that only we use", () => {
    for (const words of [...Object.values(LINK_FAILURE_WORDS), ...Object.values(TLS_FAILURE_WORDS)]) {
      for (const text of [words.says, words.advice]) {
        expect(text).toMatch(/^[A-Z].*\.$/);
        expect(text).not.toMatch(/undefined|socket|probe|verdict|\.\./);
      }
    }
  });

  it("name the port that a firewall must open", () => {
    expect(LINK_FAILURE_WORDS["firewall-8883"].advice).toContain("TCP port 8883");
    expect(LINK_FAILURE_WORDS["dns-blocked"].advice).toContain("UDP port 53");
    expect(LINK_FAILURE_WORDS["sntp-blocked"].advice).toContain("UDP port 123");
    expect(LINK_FAILURE_WORDS["time-disputed"].advice).toContain("UDP port 123");
    for (const reason of ["expired", "not-yet-valid"] as const) {
      expect(TLS_FAILURE_WORDS[reason].advice).toContain("UDP port 123");
    }
  });
});
