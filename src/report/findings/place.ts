import { posix } from "node:path";
import type { Finding } from "../../policy/judge.js";

/** What every report of findings is given beside them. */
export interface ReportContext {
  /** The folder of the program or of the manifests as the user gave it; files of findings are relative to it. @default "." */
  readonly folder?: string;
}

/** Where a finding is shown: a file relative to where the user stands, and a line from 1. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column?: number;
}

export function findingPlace({ source }: Finding, { folder = "." }: ReportContext): Place | undefined {
  return source && { ...source, file: posix.normalize(posix.join(folder, source.file)) };
}

/** `Deployment fraud/model`. */
export function resourceTitle({ kind, namespace, name }: Finding["resource"]): string {
  return `${kind} ${namespace === undefined ? "" : `${namespace}/`}${name}`;
}
