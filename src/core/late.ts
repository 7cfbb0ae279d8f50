import * as pulumi from "@pulumi/pulumi";

/** A value that is not there yet: an Output (perhaps known only after deployment) or a Promise. */
export type Late<T> = pulumi.Output<T> | Promise<T>;

/** Whether a value is not there yet. Ask this before looking into any `Input`. */
export function isLate(value: unknown): value is Late<unknown> {
  return pulumi.Output.isInstance(value) || isPromise(value);
}

/**
 * `fn` of the value: at once when it is plain, so that it stays known and its faults are raised early, and when it is known
 * when it is late. For values without Outputs inside. An absent value stays absent.
 */
export function mapInput<T extends NonNullable<unknown> | null, R>(
  value: pulumi.Input<T>,
  fn: (value: T) => R,
): pulumi.Input<R>;
export function mapInput<T, R>(value: pulumi.Input<T> | undefined, fn: (value: T) => R): pulumi.Input<R> | undefined;
export function mapInput<T, R>(value: pulumi.Input<T> | undefined, fn: (value: T) => R): pulumi.Input<R> | undefined {
  if (value === undefined) return undefined;
  if (!isLate(value)) return fn(value as T);
  // Output<Unwrap<T>> is Output<T> for values without Outputs inside, which is all that is taken here.
  return (pulumi.output(value) as unknown as pulumi.Output<T>).apply(fn) as pulumi.Output<R>;
}

function isPromise(value: unknown): value is Promise<unknown> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}
