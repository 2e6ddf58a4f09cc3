import { describe, expect, test } from "vitest";
import { EPA_2021 } from "../../../../modules/sensor/pms/epa-2021";

/** The five pieces as the EPA wrote them down (AirGradient's firmware has them in this form). */
function pieces(pm: number, rh: number): number {
  const t = pm / 20 - 3 / 2;
  const u = pm / 50 - 21 / 5;
  if (pm < 30) return 0.524 * pm - 0.0862 * rh + 5.75;
  if (pm < 50) return (0.786 * t + 0.524 * (1 - t)) * pm - 0.0862 * rh + 5.75;
  if (pm < 210) return 0.786 * pm - 0.0862 * rh + 5.75;
  if (pm < 260)
    return (
      (0.69 * u + 0.786 * (1 - u)) * pm -
      0.0862 * rh * (1 - u) +
      2.966 * u +
      5.75 * (1 - u) +
      8.84e-4 * pm * pm * u
    );
  return 2.966 + 0.69 * pm + 8.84e-4 * pm * pm;
}

describe("The correction epa-2021", () => {
  test("is that of its source, piece by piece", () => {
    for (let pm = 0.1; pm < 1000; pm += 0.7)
      for (const rh of [0, 20, 55, 100])
        expect(EPA_2021.correct(pm, rh), `${pm} µg/m³ at ${rh} %`).toBeCloseTo(
          Math.max(0, pieces(pm, rh)),
          6,
        );
  });

  test.each([
    [0, 50, 0],
    [10, 50, 6.68],
    [100, 30, 81.764],
    [300, 90, 289.526],
    [0.1, 100, 0],
  ])("of %d µg/m³ at %d %% gives %d", (pm, rh, expected) => {
    expect(EPA_2021.correct(pm, rh)).toBeCloseTo(expected, 3);
  });
});
