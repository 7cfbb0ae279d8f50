import { existsSync, readFileSync } from "node:fs";

/** One resource of an operation, as the engine's event log tells it. */
export interface Step {
  /** `same`, `create`, `update`, `delete`, `replace`, `read`, `refresh`, … */
  readonly op: string;
  readonly urn: string;
  readonly type: string;
  readonly provider?: string;
  /** Names of the properties that differ. */
  readonly diffs?: readonly string[] | null;
  readonly detailedDiff?: Readonly<Record<string, { readonly diffKind: string; readonly inputDiff: boolean }>> | null;
  readonly old?: StepState | null;
  readonly new?: StepState | null;
}

export interface StepState {
  readonly type: string;
  readonly urn: string;
  readonly id: string;
  readonly parent: string;
  readonly provider: string;
  readonly custom?: boolean;
  readonly protect?: boolean;
  readonly retainOnDelete?: boolean;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly outputs: Readonly<Record<string, unknown>>;
}

/** What the engine or the program said. */
export interface Diagnostic {
  readonly severity: string;
  readonly message: string;
  readonly urn?: string;
}

/** What the event log of one operation says. */
export interface Events {
  /** What was begun, in that order; what then failed is in here too. */
  readonly steps: readonly Step[];
  /** What failed of it. */
  readonly failed: readonly Step[];
  /** Without debug messages. */
  readonly diagnostics: readonly Diagnostic[];
  /** How many resources each operation was done to, as the CLI counts them. */
  readonly changes: Readonly<Record<string, number>>;
}

interface Line {
  readonly resourcePreEvent?: { readonly metadata: Step };
  readonly resOpFailedEvent?: { readonly metadata: Step };
  readonly diagnosticEvent?: Diagnostic & { readonly ephemeral?: boolean };
  readonly summaryEvent?: { readonly resourceChanges?: Readonly<Record<string, number>> };
}

/** Reads an event log; a command that failed before it did anything has left none. */
export function readEvents(file: string): Events {
  const lines = existsSync(file)
    ? readFileSync(file, "utf8")
        .split("\n")
        .filter((line) => line !== "")
    : [];
  const events = lines.map((line) => JSON.parse(line) as Line);
  return {
    steps: events.flatMap(({ resourcePreEvent }) => resourcePreEvent?.metadata ?? []),
    failed: events.flatMap(({ resOpFailedEvent }) => resOpFailedEvent?.metadata ?? []),
    diagnostics: events
      .flatMap(({ diagnosticEvent }) => diagnosticEvent ?? [])
      .filter(({ severity, ephemeral }) => severity !== "debug" && ephemeral !== true)
      .map(({ severity, message, urn }) => ({ severity, message: message.trimEnd(), ...(urn && { urn }) })),
    changes: events.findLast(({ summaryEvent }) => summaryEvent)?.summaryEvent?.resourceChanges ?? {},
  };
}
