export { batchKinds as BATCH_KINDS, servingKinds as SERVING_KINDS } from "./pods.js";

/**
 * Pieces of CEL text, shared by the packs. Each gives an expression in brackets where it needs them; arguments are CEL
 * expressions too. Names of loop variables differ between pieces, as they are put into one another.
 */

/** A CEL text literal. */
export function text(value: string): string {
  return JSON.stringify(value);
}

/** A CEL list of texts. */
export function texts(values: readonly string[]): string {
  return `[${values.map(text).join(", ")}]`;
}

/** All must hold; the cheap ones and those that guard others first. */
export function allOf(...expressions: readonly string[]): string {
  return `(${expressions.join(" && ")})`;
}

/** One must hold. */
export function anyOf(...expressions: readonly string[]): string {
  return `(${expressions.join(" || ")})`;
}

export function not(expression: string): string {
  return `!(${expression})`;
}

/** Whether the fields of `path` are all there, from the first one below `root`: guards the reading of `root.path`. */
export function has(root: string, path: string): string {
  const fields = path.split(".");
  const guards = fields.map((_, index) => `has(${[root, ...fields.slice(0, index + 1)].join(".")})`);
  return guards.length === 1 ? guards[0]! : allOf(...guards);
}

/** What an expression gives for `root.path`, or a fallback where a field on the way is absent. */
export function valueOr(root: string, path: string, fallback: string): string {
  return `(${has(root, path)} ? ${root}.${path} : ${fallback})`;
}

/** Whether the list at `root.path` is there and has an item for which the test holds. */
export function someIn(root: string, path: string, item: string, test: string): string {
  return allOf(has(root, path), `${root}.${path}.exists(${item}, ${test})`);
}

/** Whether the test holds for every item of the list at `root.path`; true when the list is absent. */
export function everyIn(root: string, path: string, item: string, test: string): string {
  return anyOf(not(has(root, path)), `${root}.${path}.all(${item}, ${test})`);
}

/** The object's namespace; "" where it has none. */
export const namespace = '(has(object.metadata) && has(object.metadata.namespace) ? object.metadata.namespace : "")';

/** Whether the object lives in a namespace of the parameter `exemptNamespaces`. */
export const isExempt = `(${namespace} in variables.config.exemptNamespaces)`;

/** Whether the environment is known to be production: rules for production are silent elsewhere. */
export const inProduction = '(variables.environment == "production")';

/** Whether a text names an accelerator. Names without a slash (cpu, memory) are settled before the patterns are tried. */
export function isAccelerator(name: string): string {
  return `(${name}.contains("/") && variables.config.accelerators.exists(a, a == ${name} || (a.endsWith("*") && ${name}.startsWith(a.substring(0, size(a) - 1)))))`;
}

/** A quantity as CEL reads it; YAML also has numbers in its place. */
export function quantityOf(value: string): string {
  return `quantity(string(${value}))`;
}

/** Whether a value can be read as a quantity. */
export function isQuantity(value: string): string {
  return `isQuantity(string(${value}))`;
}

/** Whether a value is a quantity above zero. */
export function isPositive(value: string): string {
  return `(${isQuantity(value)} && ${quantityOf(value)}.isGreaterThan(quantity("0")))`;
}

/** Whether a map of resources (limits or requests) asks for more than none of an accelerator. */
function asksIn(resources: string): string {
  return `${resources}.exists(k, ${isAccelerator("k")} && ${isPositive(`${resources}[k]`)})`;
}

/** Whether a container asks for an accelerator by the name of an extended resource. */
export function asksForDevice(container: string): string {
  return allOf(
    `has(${container}.resources)`,
    anyOf(
      allOf(`has(${container}.resources.limits)`, asksIn(`${container}.resources.limits`)),
      allOf(`has(${container}.resources.requests)`, asksIn(`${container}.resources.requests`)),
    ),
  );
}

/** Whether a container uses claims of dynamic resource allocation. */
export function hasClaims(container: string): string {
  return allOf(has(container, "resources.claims"), `size(${container}.resources.claims) > 0`);
}

/** Whether a container asks for an accelerator: a GPU container. */
export function asksForAccelerator(container: string): string {
  return anyOf(hasClaims(container), asksForDevice(container));
}

/** The three lists of a pod's containers. */
export const containerLists = ["containers", "initContainers", "ephemeralContainers"] as const;

/** Whether one of a pod's containers, in any of its lists, passes the test; `c` is the container. */
export function someContainer(pod: string, test: string): string {
  return anyOf(...containerLists.map((list) => someIn(pod, `spec.${list}`, "c", test)));
}

/** Whether a pod has a container that asks for an accelerator: a GPU pod. */
export function isGpuPod(pod: string): string {
  return someContainer(pod, asksForAccelerator("c"));
}

/** Whether a container is a sidecar: an init container that keeps running. */
export function isSidecar(container: string): string {
  return `(has(${container}.restartPolicy) && ${container}.restartPolicy == "Always")`;
}

/** Every pod of the object, for checks of whole objects. */
export const pods = "variables.pods";

/** Whether the object has a GPU pod. */
export const hasGpuPods = `${pods}.exists(p, ${isGpuPod("p")})`;

/** The value of an object's label or annotation (`field`: "labels" or "annotations"), "" where it is absent. */
export function metadataValue(root: string, field: "labels" | "annotations", key: string): string {
  const map = `${root}.metadata.${field}`;
  return `(${has(root, `metadata.${field}`)} && ${text(key)} in ${map} ? ${map}[${text(key)}] : "")`;
}

/** How a message calls a container: single containers of custom resources may have no name. */
export function nameOf(container: string): string {
  return `(has(${container}.name) ? "container " + ${container}.name : "the container")`;
}

/** How many of one accelerator a container asks for: its limit, else its request; 0 for what is no whole number. */
export function countOf(container: string, key: string): string {
  const whole = (resources: string) =>
    `(${isQuantity(`${resources}[${key}]`)} && ${quantityOf(`${resources}[${key}]`)}.isInteger() ? ${quantityOf(`${resources}[${key}]`)}.asInteger() : 0)`;
  const [limits, requests] = [`${container}.resources.limits`, `${container}.resources.requests`];
  return `(!has(${container}.resources) ? 0 : has(${limits}) && ${key} in ${limits} ? ${whole(limits)} : has(${requests}) && ${key} in ${requests} ? ${whole(requests)} : 0)`;
}

/** How many accelerators of any name a container asks for, with one for each claim of dynamic resource allocation. */
export function acceleratorsOf(container: string): string {
  const [limits, requests] = [`${container}.resources.limits`, `${container}.resources.requests`];
  const counts = (from: string, test: string) =>
    `(has(${from}) ? ${from}.filter(k, ${test}).map(k, ${countOf(container, "k")}).sum() : 0)`;
  const isAlone = allOf(isAccelerator("k"), `(!has(${limits}) || !(k in ${limits}))`);
  const claims = `(has(${container}.resources.claims) ? size(${container}.resources.claims) : 0)`;
  return `(!has(${container}.resources) ? 0 : ${counts(limits, isAccelerator("k"))} + ${counts(requests, isAlone)} + ${claims})`;
}

/** The sum of a number over the containers of a pod that run side by side: main containers and sidecars; `c` is the container. */
export function sumOfRunning(pod: string, number: string): string {
  const init = `${pod}.spec.initContainers`;
  return `((has(${pod}.spec.containers) ? ${pod}.spec.containers.map(c, ${number}).sum() : 0) + (has(${init}) ? ${init}.filter(c, ${isSidecar("c")}).map(c, ${number}).sum() : 0))`;
}
