import type { SourcePosition } from "../graph/model.js";
import type { Finding } from "./judge.js";

/** One accepted exception. It counts to the end of the day on which it expires, in UTC. */
export interface Waiver {
  readonly rule: string;
  /** `Kind/name`, `Kind/namespace/name` or a URN; `*` stands for any characters. */
  readonly resource: string;
  /** Only findings at this place or below it. @default the whole resource */
  readonly path?: string | undefined;
  readonly reason: string;
  /** `2027-01-31`. */
  readonly expires: string;
  readonly source?: SourcePosition | undefined;
}

/** Findings about waivers themselves, which the catalogue's rules never have. */
export const waiverFindings = {
  expired: { rule: "WAIVER001", severity: "high" },
  unused: { rule: "WAIVER002", severity: "low" },
} as const;

/**
 * The findings with those that a waiver accepts marked as waived, followed by a finding for each waiver that has expired
 * or that nothing needs. An expired waiver waives nothing.
 * @param today `2026-11-21`
 */
export function applyWaivers(findings: readonly Finding[], waivers: readonly Waiver[], today: string): Finding[] {
  const alive = waivers.filter(({ expires }) => expires >= today);
  const used = new Set<Waiver>();
  const judged = findings.map((finding): Finding => {
    const waiver = alive.find((each) => covers(each, finding));
    if (waiver === undefined) return finding;
    used.add(waiver);
    return { ...finding, verdict: "waived", waiver: { reason: waiver.reason, expires: waiver.expires } };
  });
  const expired = waivers.filter((waiver) => waiver.expires < today);
  const unused = alive.filter((waiver) => !used.has(waiver));
  return [
    ...judged,
    ...expired.map((waiver) =>
      about(waiver, "expired", `the waiver of ${waiver.rule} expired on ${waiver.expires}: ${waiver.reason}`),
    ),
    ...unused.map((waiver) =>
      about(waiver, "unused", `nothing needs the waiver of ${waiver.rule} (${waiver.reason}); remove it`),
    ),
  ];
}

function covers(waiver: Waiver, { rule, resource, path }: Finding): boolean {
  const { kind, namespace, name, urn } = resource;
  const names = [urn, `${kind}/${name}`, ...(namespace === undefined ? [] : [`${kind}/${namespace}/${name}`])];
  const below = waiver.path === undefined || path === waiver.path || /^[.[]/.test(startsAfter(path, waiver.path));
  return waiver.rule === rule && below && names.some((each) => matchesPattern(waiver.resource, each));
}

function startsAfter(path: string, start: string): string {
  return path.startsWith(start) ? path.slice(start.length) : "";
}

/** Whether a text fits a pattern in which `*` stands for any characters. */
export function matchesPattern(pattern: string, text: string): boolean {
  const parts = pattern.split("*");
  const [first = "", ...rest] = parts;
  if (rest.length === 0) return pattern === text;
  const last = rest.pop() ?? "";
  if (!text.startsWith(first) || !text.endsWith(last) || text.length < first.length + last.length) return false;
  let at = first.length;
  const end = text.length - last.length;
  for (const part of rest) {
    const found = text.indexOf(part, at);
    if (found < 0 || found + part.length > end) return false;
    at = found + part.length;
  }
  return true;
}

function about(waiver: Waiver, kind: keyof typeof waiverFindings, message: string): Finding {
  return {
    ...waiverFindings[kind],
    verdict: "violation",
    resource: { urn: `waiver:${waiver.rule}:${waiver.resource}`, kind: "Waiver", name: waiver.resource },
    path: "",
    message,
    ...(waiver.source && { source: waiver.source }),
  };
}
