import { z } from "zod";
import { named } from "./schema-notes.js";

const MILLISECONDS = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1000, ms: 1 } as const;

const DURATION =
  /^(?:(\d+(?:\.\d+)?)d)?(?:(\d+(?:\.\d+)?)h)?(?:(\d+(?:\.\d+)?)m)?(?:(\d+(?:\.\d+)?)s)?(?:(\d+(?:\.\d+)?)ms)?$/;

/** What a duration may look like, for messages. */
export const DURATION_FORM = 'a duration such as "250ms", "90s", "10m", "1h30m" or "90d"';

/**
 * Seconds of a duration such as `"10m"`, `"1h30m"`, `"250ms"` (0.25) or `"90d"`. Units are d, h, m, s and ms, largest first,
 * each at most once; a day is 24 hours. Exact to the millisecond.
 *
 * @throws RangeError naming the text when it is no such duration.
 */
export function parseDuration(text: string): number {
  const match = text === "" ? null : DURATION.exec(text);
  if (match === null) throw new RangeError(`${JSON.stringify(text)} is not ${DURATION_FORM}`);
  const milliseconds = Object.values(MILLISECONDS).reduce(
    (sum, unit, index) => sum + Number(match[index + 1] ?? 0) * unit,
    0,
  );
  return Math.round(milliseconds) / 1000;
}

/** Whether `parseDuration` takes this text. */
export function isDuration(text: string): boolean {
  return text !== "" && DURATION.test(text);
}

/**
 * The shortest text in hours, minutes, seconds and milliseconds, e.g. 5400 → `"1h30m"`. Never in days, so that Go programs,
 * Kubernetes and Prometheus all read it.
 *
 * @throws RangeError for a negative or not finite number.
 */
export function formatDuration(seconds: number): string {
  if (!Number.isFinite(seconds) || seconds < 0) throw new RangeError(`${seconds} is not a number of seconds`);
  let rest = Math.round(seconds * 1000);
  const parts = (["h", "m", "s", "ms"] as const).map((unit) => {
    const count = Math.floor(rest / MILLISECONDS[unit]);
    rest -= count * MILLISECONDS[unit];
    return count === 0 ? "" : `${count}${unit}`;
  });
  return parts.join("") || "0s";
}

/** A duration as text. */
export const durationSchema = named(z.string().refine(isDuration), DURATION_FORM);
