import type { Value } from "../../graph/model.js";
import { both, either, given, is, not, read, same, some, type Truth } from "../truth.js";

/**
 * Whether a toleration tolerates a taint, both as in a pod and a node: an empty effect matches every effect, an empty
 * key with operator Exists every key, `Equal` (or no operator) compares values with absent as "", `Lt` and `Gt` compare
 * whole numbers. An empty key with another operator tolerates nothing: the API server refuses it. `Lt` and `Gt` are
 * refused too while the feature gate TaintTolerationComparisonOperators is off, so where they stand it is on.
 *
 * Source: `Toleration.ToleratesTaint` in kubernetes/component-helpers, scheduling/corev1/helpers.go (v1.36);
 * `ValidateTolerations` in kubernetes/kubernetes, pkg/apis/core/validation/validation.go;
 * https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/.
 */
export function tolerates(toleration: Value, taint: Value): Truth {
  const effect = text(toleration, "effect");
  const key = text(toleration, "key");
  const operator = text(toleration, "operator");
  const value = text(toleration, "value");
  return both(
    either(is(effect, ""), same(effect, text(taint, "effect"))),
    either(both(is(key, ""), is(operator, "Exists")), both(not(is(key, "")), same(key, text(taint, "key")))),
    either(
      is(operator, "Exists"),
      both(either(is(operator, ""), is(operator, "Equal")), same(value, text(taint, "value"))),
      both(
        is(operator, "Lt"),
        compared(text(taint, "value"), value, (a, b) => a < b),
      ),
      both(
        is(operator, "Gt"),
        compared(text(taint, "value"), value, (a, b) => a > b),
      ),
    ),
  );
}

/** Whether any of the tolerations of a pod spec tolerates the taint. */
export function podTolerates(podSpec: Value, taint: Value): Truth {
  return some(read(podSpec, ["tolerations"]), (toleration) => tolerates(toleration, taint));
}

/** Whether the taint keeps pods away: `PreferNoSchedule` only asks. */
export function repels(taint: Value): Truth {
  const effect = text(taint, "effect");
  return either(is(effect, "NoSchedule"), is(effect, "NoExecute"));
}

function text(value: Value, key: string): Value {
  return read(value, [key]) ?? "";
}

/** Compares whole numbers written without leading zeros; anything else does not match. */
function compared(a: Value, b: Value, test: (a: bigint, b: bigint) => boolean): Truth {
  return given(a, (one) => given(b, (other) => isDecimal(one) && isDecimal(other) && test(BigInt(one), BigInt(other))));
}

function isDecimal(value: Value | undefined): value is string {
  return typeof value === "string" && /^(0|-?[1-9]\d{0,18})$/.test(value);
}
