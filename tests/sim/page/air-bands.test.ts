import { expect, test } from "vitest";
import { verdictOf, worst } from "../../../sim/page/picture/air-bands";

test("PM2.5 is judged by the bands of US EPA, bounds included", () => {
  expect([0, 9, 9.1, 35.4, 35.5, 400].map((value) => verdictOf("pm2_5", value))).toEqual([
    "good",
    "good",
    "fair",
    "fair",
    "poor",
    "poor",
  ]);
});

test("CO₂ is judged by how well a room is aired", () => {
  expect([420, 800, 801, 1_500, 1_501].map((value) => verdictOf("co2", value))).toEqual([
    "good",
    "good",
    "fair",
    "fair",
    "poor",
  ]);
});

test("The air is as good as the worst of it, and without a number there is no verdict", () => {
  expect(worst(["good", "poor", "fair"])).toBe("poor");
  expect(worst(["good", "fair"])).toBe("fair");
  expect(worst(["good", "good"])).toBe("good");
  expect(worst([])).toBeUndefined();
});
