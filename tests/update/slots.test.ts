// modules/update/esp32/slots.c over otadata with ESP-IDF's rules, under AddressSanitizer and UBSan.
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { limit } from "../support/limit";
import { SEED } from "../support/volume";
import { tellSimulated } from "./support/simulated";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const HAS_GCC = spawnSync("gcc", ["--version"]).status === 0;

/** More bytes than any of the stories changes: the last cuts fall after their end. */
const MOST_BYTES = 400;

describe.skipIf(!HAS_GCC)("the slots of an ESP32", () => {
  const folder = `${ROOT}build/update`;
  const driver = `${folder}/slots-driver`;
  beforeAll(() => {
    mkdirSync(folder, { recursive: true });
    execFileSync("gcc", [
      ...["-std=c11", "-Wall", "-Wextra", "-Werror", "-g", "-O1"],
      ...["-fsanitize=address,undefined", "-fno-sanitize-recover=all"],
      ...[`-I${ROOT}tests/update/idf`, `-I${ROOT}modules/update/esp32`],
      ...["tests/update/slots-driver.c", "tests/update/idf/otadata.c", "modules/update/esp32/slots.c"].map(
        (file) => ROOT + file,
      ),
      ...["-o", driver],
    ]);
  }, limit(60_000));
  const tellAll = (stories: readonly string[]): string[] =>
    execFileSync(driver, { input: `${stories.join("\n")}\n`, encoding: "utf8", maxBuffer: 2 ** 26 })
      .split("\n")
      .slice(0, -1)
      .map((line) => line.trim());
  const tell = (story: string): string => tellAll([story])[0]!;

  it("are valid and empty after the cable's first boot", () => {
    expect(tell("cable two states boot states")).toBe("yes none,none 0 valid,none");
  });

  it("are no two in a build for the debugger, where nothing can be done", () => {
    expect(tell("debug boot two states forget activate good activate")).toBe("0 no none,none no flash flash");
  });

  describe("an update", () => {
    const DOWNLOADED = "cable boot forget good activate";

    it("starts once, on trial, and stays when it says that it is well", () => {
      expect(tell(`${DOWNLOADED} states boot states confirm states boot states`)).toBe(
        "0 yes ok valid,new 1 pending,valid yes valid,valid 1 valid,valid",
      );
    });

    it("is given up by any reset before that, and the old image finds out", () => {
      expect(tell(`${DOWNLOADED} boot boot states boot states`)).toBe(
        "0 yes ok 1 0 valid,aborted 0 valid,aborted",
      );
    });

    it("is put on trial again without a download", () => {
      expect(tell(`${DOWNLOADED} boot boot activate boot states confirm boot`)).toBe(
        "0 yes ok 1 0 ok 1 pending,valid yes 1",
      );
    });

    it("gives itself up, and the old one starts", () => {
      expect(tell(`${DOWNLOADED} boot reject boot states`)).toBe("0 yes ok 1 restart 0 valid,invalid");
    });

    it("changes nothing but itself while it is on trial: the other slot is its way back", () => {
      expect(tell(`${DOWNLOADED} boot forget activate states boot states`)).toBe(
        "0 yes ok 1 no flash pending,valid 0 valid,aborted",
      );
    });

    it("can be left for the image before it, which needs no trial", () => {
      expect(tell(`${DOWNLOADED} boot confirm reject boot states boot`)).toBe(
        "0 yes ok 1 yes restart 0 valid,invalid 0",
      );
    });

    it("cannot be left when the other slot is being written", () => {
      expect(tell(`${DOWNLOADED} boot confirm forget torn reject states`)).toBe(
        "0 yes ok 1 yes yes no valid,none",
      );
    });

    it("can follow another, and another", () => {
      const round = "forget torn good activate boot confirm states";
      expect(tell(`cable boot ${`${round} `.repeat(5)}`)).toBe(
        `0${[1, 0, 1, 0, 1].map((slot) => ` yes ok ${slot} yes valid,${slot === 1 ? "none" : "none"}`).join("")}`.replaceAll(
          "valid,none",
          "valid,valid",
        ),
      );
    });
  });

  it("activate no image that is not whole, and keep the one that runs", () => {
    expect(tell("cable boot forget activate states boot states")).toBe(
      "0 yes bad-image valid,none 0 valid,none",
    );
  });

  describe("confirming", () => {
    it("never speaks for an image that was activated and has not been tried", () => {
      // The IDF marks what starts next, not what runs.
      expect(tell("cable boot forget good activate confirm states boot states")).toBe(
        "0 yes ok no valid,new 1 pending,valid",
      );
    });

    it("never speaks for an image that the bootloader passed over because it was damaged", () => {
      expect(tell("cable boot forget good activate torn boot states confirm states boot states")).toBe(
        "0 yes ok 0 valid,pending no valid,pending 0 valid,aborted",
      );
    });
  });

  it("give nothing up in the place of the image that runs", () => {
    expect(tell("cable boot forget good activate reject states")).toBe("0 yes ok no valid,new");
  });

  describe("forgetting", () => {
    it("makes the running image the next one where the other was to start", () => {
      expect(tell("cable boot forget good activate forget states torn boot states")).toBe(
        "0 yes ok yes valid,none 0 valid,none",
      );
    });

    it("does so where the bootloader passed the other over", () => {
      expect(tell("cable boot forget good activate boot confirm spoilt boot states forget states")).toBe(
        "0 yes ok 1 yes 0 valid,valid yes valid,none",
      );
    });

    it("works where no entry is in force", () => {
      // Both images given up: the IDF starts the first that is whole, and calls nothing current.
      const both = "cable boot forget good activate boot confirm reject boot activate boot";
      expect(tell(`${both} states spoilt boot states`)).toContain("pending");
      expect(tell(`${both} spoilt boot forget states`).split(" ").slice(-2)).toEqual(["yes", "valid,none"]);
    });
  });

  it("say so when the flash refuses, and never start what is not whole", () => {
    const acts = ["forget", "activate", "confirm", "reject"];
    const activated = "cable boot forget good activate";
    const stories = ["cable boot", activated, `${activated} boot`].flatMap((before) =>
      acts.flatMap((act) => [0, 1, 2, 3].map((after) => `${before} refuse=${after} ${act} refuse=-1 boot`)),
    );
    for (const answers of tellAll(stories)) expect(answers.split(" ").at(-1)).toMatch(/^[01]$/);
    expect(tell("cable boot forget good refuse=0 activate")).toBe("0 yes flash");
    expect(tell("cable boot forget good activate boot refuse=0 confirm")).toBe("0 yes ok 1 no");
    expect(tell("cable boot forget good activate boot refuse=0 reject")).toBe("0 yes ok 1 no");
    expect(tell("cable boot forget good activate boot boot refuse=0 forget")).toBe("0 yes ok 1 0 no");
  });

  it("are those of the simulated board, in any story", () => {
    const word = fc.constantFrom(
      ...["boot", "boot", "forget", "activate", "activate", "confirm", "reject", "good", "torn", "spoilt"],
    );
    const stories = fc.sample(fc.array(word, { minLength: 4, maxLength: 24 }), {
      numRuns: 1_000,
      seed: SEED,
    });
    // A board on which nothing starts any more does nothing more.
    const told = stories.map((words) => {
      const story = `cable boot ${words.flatMap((each) => [each, "states"]).join(" ")}`;
      return { story, answers: tellSimulated(story) };
    });
    const alive = told.filter(({ answers }) => !answers.includes("-1"));
    expect(alive.length).toBeGreaterThan(300);
    const ofC = tellAll(alive.map(({ story }) => story));
    for (const [i, { story, answers }] of alive.entries()) expect([story, ofC[i]]).toEqual([story, answers]);
  });

  describe("a power cut at every byte of otadata", () => {
    const cuts = (before: string, act: string, after: string): string[][] =>
      tellAll(Array.from({ length: MOST_BYTES }, (_, n) => `${before} cut=${n} ${act} cut=-1 ${after}`)).map(
        (line) => line.split(" "),
      );

    it.each([
      ["the first boot", "cable", "boot"],
      ["forgetting", "cable boot forget good activate boot boot", "forget"],
      ["forgetting what was to start", "cable boot forget good activate", "forget"],
      ["activating", "cable boot forget good", "activate"],
      ["activating again", "cable boot forget good activate boot boot", "activate"],
      ["the first boot of a new image", "cable boot forget good activate", "boot"],
      ["confirming", "cable boot forget good activate boot", "confirm"],
      ["giving up", "cable boot forget good activate boot", "reject"],
      ["the boot after a trial that was cut", "cable boot forget good activate boot", "boot"],
      ["going back", "cable boot forget good activate boot confirm", "reject"],
    ])("in %s leaves an image that starts, and one that can be confirmed", (_, before, act) => {
      for (const answers of cuts(before, act, "boot confirm boot")) {
        const [started, , again] = answers.slice(-3);
        expect([started, again]).toEqual([expect.stringMatching(/^[01]$/), started]);
      }
    });

    it("in the first boot takes nobody the way back from the first update", () => {
      for (const answers of cuts("cable", "boot", "boot forget good activate boot reject boot"))
        expect(answers.slice(-4)).toEqual(["ok", "1", "restart", "0"]);
    });

    it("in forgetting never leaves an entry for what is about to be erased once it says that it is done", () => {
      const before = "cable boot forget good activate";
      for (const answers of cuts(before, "forget", "boot states"))
        if (answers[3] === "yes") expect(answers.slice(-2)).toEqual(["0", "valid,none"]);
    });

    it("in confirming ends with one of the two, and the old one knows that the new one was there", () => {
      const seen = new Set(
        cuts("cable boot forget good activate boot", "confirm", "boot states").map((answers) =>
          answers.slice(-2).join(" "),
        ),
      );
      expect([...seen].every((end) => /^(1 valid,valid|0 valid,\w+)$/.test(end))).toBe(true);
      expect(seen).toContain("1 valid,valid");
      expect([...seen].some((end) => end.startsWith("0"))).toBe(true);
    });
  });
});
