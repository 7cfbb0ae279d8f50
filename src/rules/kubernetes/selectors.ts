import type { Value } from "../../graph/model.js";
import { isPlainObject } from "../../graph/values.js";
import { both, every, given, not, read, same, some, type Truth } from "../truth.js";

/**
 * Whether labels meet a label selector (`matchLabels` and `matchExpressions`, all of them): an empty selector matches
 * everything, an absent one nothing; `NotIn` and `DoesNotExist` hold for labels that are absent.
 *
 * Source: `LabelSelectorAsSelector` in kubernetes/apimachinery, pkg/apis/meta/v1/helpers.go; `Requirement.Matches` in
 * pkg/labels/selector.go; https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors.
 */
export function matchesLabelSelector(labels: Value | undefined, selector: Value | undefined): Truth {
  return given(selector, (known) => {
    if (known === undefined || known === null) return false;
    const has = (key: string) => read(labels ?? {}, [key]);
    return both(
      meetsLabels(read(known, ["matchLabels"]), (key, value) => meets(has(key), "In", [value])),
      every(read(known, ["matchExpressions"]), (expression) =>
        meetsExpression(expression, (key, operator, values) => meets(has(key), operator, values)),
      ),
    );
  });
}

/** What a label of a node can be: one of these (undefined: absent), or anything because somebody else sets it. */
export type Possible = readonly (Value | undefined)[] | "anything";

/**
 * Whether a pod can be scheduled on nodes with such labels: every entry of its `nodeSelector`, and one of the ORed terms
 * of its required node affinity, in which all expressions must hold. A term without expressions matches no node.
 * Preferences and `matchFields` (the name of a node) are not looked at.
 *
 * Source: `GetRequiredNodeAffinity` and `LazyErrorNodeSelector.Match` in kubernetes/component-helpers,
 * scheduling/corev1/nodeaffinity/nodeaffinity.go;
 * https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/#node-affinity.
 */
export function canSelectNode(podSpec: Value, labels: (key: string) => Possible): Truth {
  const can = (key: string, operator: Value, values: Value | undefined): Truth => {
    const possible = labels(key);
    return possible === "anything" || some(possible, (value) => meets(value, operator, values));
  };
  return both(
    meetsLabels(read(podSpec, ["nodeSelector"]), (key, value) => can(key, "In", [value])),
    given(requiredTerms(podSpec), (terms) =>
      terms === undefined
        ? true
        : some(terms, (term) => {
            const [expressions, fields] = [read(term, ["matchExpressions"]), read(term, ["matchFields"])];
            if (isEmpty(expressions) && isEmpty(fields)) return false;
            return every(expressions, (expression) => meetsExpression(expression, can));
          }),
    ),
  );
}

/** The ORed terms of the required node affinity; undefined when the pod has none. */
export function requiredTerms(podSpec: Value): Value | undefined {
  const affinity = read(podSpec, ["affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution"]);
  if (affinity === undefined || affinity === null) return undefined;
  return read(affinity, ["nodeSelectorTerms"]) ?? [];
}

function meetsLabels(map: Value | undefined, test: (key: string, value: Value) => Truth): Truth {
  return given(map, (known) =>
    isPlainObject(known) ? every(Object.entries(known), ([key, value]) => test(key, value)) : true,
  );
}

function meetsExpression(
  expression: Value,
  test: (key: string, operator: Value, values: Value | undefined) => Truth,
): Truth {
  return given(
    read(expression, ["key"]),
    (key) => typeof key === "string" && test(key, read(expression, ["operator"]) ?? "", read(expression, ["values"])),
  );
}

/** One requirement on the value of one label; undefined: the label is absent. An operator that nobody knows never holds. */
function meets(value: Value | undefined, operator: Value, values: Value | undefined): Truth {
  return given(operator, (known) => {
    const within = () => given(value, (given) => some(values, (each) => same(each, given)));
    switch (known) {
      case "In":
        return given(value, (label) => label !== undefined && within());
      case "NotIn":
        return given(value, (label) => label === undefined || not(within()));
      case "Exists":
        return given(value, (label) => label !== undefined);
      case "DoesNotExist":
        return given(value, (label) => label === undefined);
      case "Gt":
        return compared(value, values, (label, bound) => label > bound);
      case "Lt":
        return compared(value, values, (label, bound) => label < bound);
      default:
        return false;
    }
  });
}

/** `Gt` and `Lt` take exactly one whole number and a label that is one. */
function compared(label: Value | undefined, values: Value | undefined, test: (a: bigint, b: bigint) => boolean): Truth {
  return given(label, (text) =>
    given(values, (list) =>
      given(Array.isArray(list) && list.length === 1 ? (list as readonly Value[])[0] : undefined, (bound) =>
        isWhole(text) && isWhole(bound) ? test(BigInt(text), BigInt(bound)) : false,
      ),
    ),
  );
}

function isWhole(value: Value | undefined): value is string {
  return typeof value === "string" && /^-?\d{1,19}$/.test(value);
}

function isEmpty(list: Value | undefined): boolean {
  return list === undefined || list === null || (Array.isArray(list) && list.length === 0);
}
