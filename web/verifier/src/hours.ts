/** Working time by an office's calendar in the log: whole numbers, at +07:00, so that every verifier counts alike. */

import type { Calendar } from "./directory";

const LONGEST_DAYS = 400;
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const ZONE_MS = 7 * 3_600_000;
const FIRST_DAY = 19_723; // 2024-01-01, a Monday

/** How many ms between two moments an office works, in the first 400 days; 0 where the second is not the later one. */
export function workingMs(calendar: Calendar, fromMs: number, toMs: number): number {
  const first = dayNumber(fromMs);
  const last = Math.min(dayNumber(toMs), first + LONGEST_DAYS);
  let worked = 0;
  for (let day = first; day <= last; day += 1) {
    const midnightMs = (day + FIRST_DAY) * DAY_MS - ZONE_MS;
    let countedMs = fromMs;
    for (const [begin, end] of spans(calendar, day)) {
      const beginMs = Math.max(midnightMs + begin * MINUTE_MS, countedMs);
      const endMs = Math.min(midnightMs + end * MINUTE_MS, toMs);
      if (endMs > beginMs) {
        worked += endMs - beginMs;
        countedMs = endMs;
      }
    }
  }
  return worked;
}

/** The day of a moment at +07:00, in days since 2024-01-01. */
function dayNumber(atMs: number): number {
  return Math.floor((atMs + ZONE_MS) / DAY_MS) - FIRST_DAY;
}

/** The hours of a day, earliest first; a day worked in place of another has Monday's. */
function spans(calendar: Calendar, day: number): (readonly [number, number])[] {
  if (!calendar.workdays.has(day) && calendar.holidays.has(day)) {
    return [];
  }
  const weekday = calendar.workdays.has(day) ? 0 : ((day % 7) + 7) % 7;
  return [...(calendar.hours.get(weekday) ?? [])].sort((left, right) => left[0] - right[0] || left[1] - right[1]);
}
