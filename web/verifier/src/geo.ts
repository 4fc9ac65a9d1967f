/** Distances in whole metres on a plane between two points, with the cosine of the degree further from the equator. */

export type Position = readonly [number, number];

const DEGREE = 100_000;
const DEGREE_M = 111_195;
const ROUND = 360 * DEGREE;
const SCALE = 10_000;
const COSINE = Array.from({ length: 91 }, (_, degree) => Math.round(Math.cos((degree * Math.PI) / 180) * SCALE));

/** The distance between two positions ((latitude + 90, longitude + 180) in 1e-5 degrees), rounded down. */
export function distanceM(here: Position, there: Position): number {
  const north = Math.max(Math.abs(here[0] - 90 * DEGREE), Math.abs(there[0] - 90 * DEGREE));
  const around = Math.abs(here[1] - there[1]);
  const wide = Math.floor((Math.min(around, ROUND - around) * DEGREE_M) / DEGREE);
  const x = Math.floor((wide * (COSINE[Math.ceil(north / DEGREE)] as number)) / SCALE);
  const y = Math.floor((Math.abs(here[0] - there[0]) * DEGREE_M) / DEGREE);
  return isqrt(x * x + y * y);
}

/** The whole part of a square root; exact below 2^53. */
function isqrt(value: number): number {
  let root = Math.floor(Math.sqrt(value));
  while (root * root > value) {
    root -= 1;
  }
  while ((root + 1) * (root + 1) <= value) {
    root += 1;
  }
  return root;
}
