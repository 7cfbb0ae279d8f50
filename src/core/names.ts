import { createHash } from "node:crypto";

/** The longest DNS-1123 label, and the longest label value, that Kubernetes takes (RFC 1123; k8s.io/apimachinery validation). */
export const MAX_LABEL_LENGTH = 63;

const DNS_LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;

/** Whether Kubernetes takes this text as a name that is also a DNS label: at most 63 of a–z, 0–9 and inner `-`. */
export function isDnsLabel(text: string): boolean {
  return text.length <= MAX_LABEL_LENGTH && DNS_LABEL.test(text);
}

/**
 * A name for a resource: `base-suffix` as a DNS-1123 label of at most `max` characters.
 *
 * A base that is already a label and fits is kept as it is. One that must be changed (capitals, other characters) or cut gets
 * eight hexadecimal digits of its hash, so that two bases never share a name and the same base always has the same one.
 * The suffix is always kept whole.
 *
 * @throws RangeError when the suffix leaves no room for a base.
 */
export function resourceName(base: string, suffix?: string, max: number = MAX_LABEL_LENGTH): string {
  const tail = suffix ? `-${labelChars(suffix)}` : "";
  const room = max - tail.length;
  if (room < 9) throw new RangeError(`the suffix "${suffix}" leaves no room in a name of ${max} characters`);
  const clean = labelChars(base);
  if (clean === base && clean !== "" && clean.length <= room) return clean + tail;
  const kept = clean.slice(0, room - 9).replace(/-+$/, "");
  return (kept === "" ? `x${stableHash(base)}`.slice(0, room) : `${kept}-${stableHash(base)}`) + tail;
}

/** Eight hexadecimal digits that depend only on the text. */
export function stableHash(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 8);
}

function labelChars(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, (run) => (/^-+$/.test(run) ? run : "-"))
    .replace(/^-+|-+$/g, "");
}
