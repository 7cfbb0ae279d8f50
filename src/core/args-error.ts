import * as pulumi from "@pulumi/pulumi";

/** One thing wrong with one argument. */
export interface ArgsFault {
  /** The path of the argument as a user writes it, e.g. `scale.min` or `triggers[0].cron`. */
  readonly field: string;
  /** What was given, when it is a plain value and no secret. */
  readonly given?: unknown;
  /** What is wrong, what is allowed and what to do; no capital letter, no final period. */
  readonly message: string;
}

/**
 * Arguments that cannot work. Pulumi prints the message alone, without a stack, because this is a `RunError`:
 * ```
 * InferenceEndpoint "fraud" has 2 faults:
 *   scale.min: 0 is not allowed; it must be a whole number of at least 1
 *   engin: unknown field; did you mean "engine"?
 * ```
 */
export class ArgsError extends pulumi.RunError {
  override readonly name = "ArgsError";

  /** @param construct whose arguments they are, e.g. `InferenceEndpoint "fraud"` */
  constructor(
    readonly construct: string,
    readonly faults: readonly ArgsFault[],
  ) {
    super(
      [
        `${construct} has ${faults.length === 1 ? "1 fault" : `${faults.length} faults`}:`,
        ...faults.map(({ field, message }) => `  ${field}: ${message}`),
      ].join("\n"),
    );
  }
}
