import type { KindPlaces } from "../../rules/pods.js";
import type { Check } from "../../rules/rule.js";
import { canLack, settable } from "./pods.js";

/** A check as an API server reads it: one text for all its subjects. */
export interface Quantified {
  /** CEL: whether every subject passes. */
  readonly holds: string;
  /** CEL text: what was found, of every subject that does not. */
  readonly found: string;
}

/**
 * One loop: over what, as which variable, and for which of them. The innermost text stands inside all loops, where the
 * text of a rule finds the variables that it has at preview.
 */
interface Loop {
  readonly variable: string;
  readonly list: string;
  readonly when?: string | undefined;
}

/** The object without its schema, so that the text of a rule on several kinds has no wrong types. */
const object: Loop = { variable: "object", list: "[variables.object]" };
const pod: Loop = { variable: "pod", list: "variables.pods" };
const list: Loop = { variable: "list", list: '["containers", "initContainers", "ephemeralContainers"]' };
const container: Loop = { variable: "container", list: "(list in pod.spec ? pod.spec[list] : [])" };

/** Kubernetes' own kinds name an image in every container; for others its absence is their operator's matter. */
const imaged: Loop = {
  ...container,
  when: '(variables.isCore || (has(container.image) && type(container.image) == string && container.image != ""))',
};
const image: Loop = { variable: "image", list: '[has(container.image) ? container.image : ""]' };
const otherImage: Loop = { variable: "image", list: "variables.images" };

/** Volumes can be images too. Of pods that are put together the table has the places itself. */
const volumeImageLoops: readonly Loop[] = [
  { ...pod, when: `(!has(pod.${settable}))` },
  {
    variable: "volume",
    list: "(has(pod.spec.volumes) ? pod.spec.volumes : [])",
    when: "(has(volume.image) && has(volume.image.reference))",
  },
  { variable: "image", list: "[volume.image.reference]" },
];

/** A check of images gives one for each place where images stand and everything is that its text reads. */
export function quantifiedChecks(check: Check, places: readonly KindPlaces[]): readonly Quantified[] {
  const hasOthers = places.some(({ images, imageObjects }) => images || imageObjects);
  const ways =
    check.each === "image"
      ? [imageLoops, volumeImageLoops, ...(hasOthers ? [[otherImage]] : [])]
      : [loopsTo[check.each]];
  return ways
    .filter(
      (loops) =>
        check.each !== "image" || ["pod", "container"].every((name) => has(loops, name) || !reads(check, name)),
    )
    .map((loops) => sayable(check, loops, places))
    .map((loops) => [...needed(check, loops), ...loops, ...inside(check)])
    .map((loops) => ({
      holds: guarded(check, quantified(loops, asked(check))),
      found: said(loops, check),
    }));
}

const imageLoops = [pod, list, imaged, image];
const loopsTo: { readonly [each in Exclude<Check["each"], "image">]: readonly Loop[] } = {
  object: [],
  pod: [pod],
  container: [pod, list, container],
};

function needed(check: Check, loops: readonly Loop[]): readonly Loop[] {
  return reads(check, "object") || loops.length === 0 ? [object] : [];
}

function has(loops: readonly Loop[], variable: string): boolean {
  return loops.some((loop) => loop.variable === variable);
}

/** Whether a text of the check has the variable: a word outside quotes that is no field. */
function reads({ when = "", expression, message }: Check, variable: string): boolean {
  const texts = [when, expression, message].map((text) => text.replace(/"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'/g, '""'));
  return texts.some((text) => new RegExp(`(?<![\\w.])${variable}\\b`).test(text));
}

/** Where custom resources offer only some fields, what cannot be set is not judged. */
function sayable(check: Check, loops: readonly Loop[], places: readonly KindPlaces[]): readonly Loop[] {
  const inner = check.within ? ("list" in check.within ? check.within.list : check.within.keys) : check.path;
  const words = inner.split(/[.[]/);
  const field = check.each === "container" ? words[0] : words[0] === "spec" ? words[1] : "";
  if (!field || (check.each !== "pod" && check.each !== "container")) return loops;
  if (!canLack(places, check.each, field)) return loops;
  const canSay = `(!has(${check.each}.${settable}) || ${JSON.stringify(field)} in ${check.each}.${settable})`;
  return loops.map((loop) => (loop.variable === check.each ? { ...loop, when: canSay } : loop));
}

/** The loops over a list or the keys of a map below the subject; each `[*]` on the way is one more. */
function inside({ each, within }: Check): readonly Loop[] {
  if (!within) return [];
  const isList = "list" in within;
  const parts = (isList ? within.list : within.keys).split("[*]");
  return parts.map((part, at) => {
    const isLast = at === parts.length - 1;
    const { guard, value } = fieldAt(at === 0 ? each : `part${at - 1}`, part);
    const empty = isLast && !isList ? "{}" : "[]";
    return {
      variable: isLast ? (isList ? "item" : "key") : `part${at}`,
      list: guard === "" ? value : `(${guard} ? ${value} : ${empty})`,
    };
  });
}

/** The reading of a field, and what must hold for it. Keys that are no words stand in brackets and quotes. */
function fieldAt(from: string, path: string): { readonly guard: string; readonly value: string } {
  const keys = path.match(/[^.[\]"]+|"(?:[^"\\]|\\.)*"/g) ?? [];
  const guards: string[] = [];
  const value = keys.reduce((at, key) => {
    guards.push(key.startsWith('"') ? `${key} in ${at}` : `has(${at}.${key})`);
    return key.startsWith('"') ? `${at}[${key}]` : `${at}.${key}`;
  }, from);
  return { guard: guards.join(" && "), value };
}

/** What holds passes even if it is not certain that it is asked, as at preview. */
function asked({ when, expression }: Check): string {
  return when === undefined ? `(${expression})` : `(!(${when}) || (${expression}))`;
}

function quantified(loops: readonly Loop[], text: string): string {
  return loops.reduceRight(
    (inner, { variable, list: of, when }) =>
      `${of}.all(${variable}, ${when === undefined ? inner : `!${when} || ${inner}`})`,
    text,
  );
}

/** `Deployment` is every group's, `apps/Deployment` one's. */
function guarded({ kinds }: Check, text: string): string {
  if (!kinds) return text;
  const alone = kinds.filter((kind) => !kind.includes("/"));
  const grouped = kinds.filter((kind) => kind.includes("/"));
  const tests = [
    ...(alone.length > 0 ? [`object.kind in ${JSON.stringify(alone)}`] : []),
    ...(grouped.length > 0 ? [`variables.groupKind in ${JSON.stringify(grouped)}`] : []),
  ];
  return `!(${tests.join(" || ")}) || ${text}`;
}

function said(loops: readonly Loop[], check: Check): string {
  const fails = `!${asked(check)}`;
  return loops.reduceRight((inner, { variable, list: of, when }) => {
    const some = when === undefined ? of : `${of}.filter(${variable}, ${when})`;
    const texts =
      inner === ""
        ? `${some}.filter(${variable}, ${fails}).map(${variable}, string(${check.message}))`
        : `${some}.map(${variable}, ${inner}).filter(s, s != "")`;
    return `${texts}.join("; ")`;
  }, "");
}
