import { compareText } from "../assemble.js";
import { title } from "../describe.js";
import { kubernetesObject } from "../kubernetes.js";
import type { ResourceNode, Value } from "../model.js";
import { isPlainObject, joinPath, secretPlace, unknownPlace } from "../values.js";
import type { Pair } from "./match.js";
import type { ResourceChange, Risk } from "./model.js";
import { childrenAt, pattern } from "./paths.js";
import { kindSettings, type Setting, type Stateful, settings, statefulKinds, statefulTypes } from "./stateful.js";

/** A pair with what becomes of it; undefined when nothing changes. */
export interface Judged extends Pair {
  readonly change?: ResourceChange;
}

/** What the change may lose, in the order of the resources. */
export function risksOf(pairs: readonly Judged[]): Risk[] {
  const gone = new Set(pairs.flatMap(({ base, head }) => (base && !head ? [base.urn] : [])));
  const known = new Set(pairs.flatMap(({ base, head }) => (base && head ? [head.urn] : [])));
  const all = pairs.flatMap(({ base }) => base ?? []);
  return pairs
    .filter(({ base, head }) => (head ?? base)?.kind === "custom")
    .flatMap(({ base, head, change }): Risk[] => {
      if (base && head)
        return [...loss(base, head, change, all), ...optionRisks(base, head), ...settingRisks(base, head)];
      if (base)
        return [...loss(base, undefined, change, all), ...(isAlone(base, gone) ? settingRisks(base, undefined) : [])];
      // A rule that deletes is no risk for a bucket that is new itself.
      return head?.dependencies.some((urn) => known.has(urn)) ? settingRisks(undefined, head) : [];
    })
    .sort(
      (a, b) => compareText(a.urn, b.urn) || compareText(a.path ?? "", b.path ?? "") || compareText(a.kind, b.kind),
    );
}

/** Whether what the resource is about stays, so that its own removal makes a difference. */
function isAlone(node: ResourceNode, gone: ReadonlySet<string>): boolean {
  return !statefulOf(node) && !node.dependencies.some((urn) => gone.has(urn));
}

/** The removal or replacement of what holds data. What Pulumi leaves in the cloud is not lost. */
function loss(
  base: ResourceNode,
  head: ResourceNode | undefined,
  change: ResourceChange | undefined,
  all: readonly ResourceNode[],
): Risk[] {
  const isReplaced = change?.action === "replace";
  const stateful = statefulOf(base) ?? heldBy(base, all);
  if (stateful === undefined || base.options.retainOnDelete === true || (head !== undefined && !isReplaced)) return [];
  const verb = head
    ? change?.certain
      ? "Replacing it deletes"
      : "If it is replaced, that deletes"
    : "Removing it deletes";
  const paths = change?.paths.filter(({ replaces }) => replaces).map(({ path }) => path) ?? [];
  const why = head && paths.length > 0 ? ` (${paths.join(", ")} cannot be changed in place)` : "";
  const now = head ?? base;
  return [
    {
      kind: head ? "replacement" : "removal",
      urn: now.urn,
      title: title(now),
      message: `${verb} ${stateful.holds}${why}.${guardOf(base, stateful)}`,
      certain: head === undefined || change?.certain === true,
    },
  ];
}

function guardOf(base: ResourceNode, { guard, guardDefault = false }: Stateful): string {
  if (base.options.protect === true) return " Pulumi refuses it while the resource is protected.";
  if (base.inputs.deletionPolicy === "PREVENT") return " The provider refuses it while deletionPolicy is PREVENT.";
  if (guard === undefined || (base.inputs[guard] ?? guardDefault) !== true) return "";
  return ` It is refused while ${guard} is on.`;
}

function statefulOf(node: ResourceNode): Stateful | undefined {
  return statefulTypes[node.type] ?? statefulKinds[groupKind(node) ?? ""];
}

/** A namespace takes everything with it; a StatefulSet its claims, when it is told to. */
function heldBy(node: ResourceNode, all: readonly ResourceNode[]): Stateful | undefined {
  const kind = groupKind(node);
  if (kind === "apps/StatefulSet") {
    const [policy] = valuesAt(node.inputs, "spec.persistentVolumeClaimRetentionPolicy.whenDeleted");
    return policy?.value === "Delete" ? { holds: "the volumes of its claims" } : undefined;
  }
  if (kind !== "/Namespace") return undefined;
  const name = kubernetesObject(node)?.name;
  const held = all.filter((other) => {
    const isIn = name !== undefined && kubernetesObject(other)?.namespace === name;
    return isIn && (statefulOf(other) !== undefined || groupKind(other) === "apps/StatefulSet");
  });
  if (held.length === 0) return undefined;
  const named = held.slice(0, 3).map(title).join(", ");
  return {
    holds: `everything in the namespace, also ${named}${held.length > 3 ? ` and ${held.length - 3} more` : ""}`,
  };
}

function groupKind(node: ResourceNode): string | undefined {
  const object = kubernetesObject(node);
  if (object === undefined) return undefined;
  const group = object.apiVersion.includes("/") ? object.apiVersion.split("/")[0] : "";
  return `${group}/${object.kind}`;
}

function optionRisks(base: ResourceNode, head: ResourceNode): Risk[] {
  return (["protect", "retainOnDelete"] as const)
    .filter((option) => base.options[option] === true && head.options[option] !== true)
    .map((option) => ({
      kind: "protection" as const,
      urn: head.urn,
      title: title(head),
      path: option,
      message: `The option ${option} is switched off: a later change can delete it.`,
      certain: true,
    }));
}

function settingRisks(base: ResourceNode | undefined, head: ResourceNode | undefined): Risk[] {
  const node = head ?? base;
  if (node === undefined) return [];
  const table = [...(settings[node.type] ?? []), ...(kindSettings[groupKind(node) ?? ""] ?? [])];
  return table.flatMap((setting) =>
    changesAt(base, head, setting.path).flatMap(({ path, before, after }): Risk[] => {
      const lowered = isLowered(setting, before, after);
      if (lowered === false) return [];
      const from = `${shown(before)} → ${shown(after)}`;
      const message = `${path} is lowered: ${from}. ${consequence[setting.kind]}`;
      const isKnown = lowered === true;
      const told = isKnown ? message : `${path} may be lowered: ${from}. ${consequence[setting.kind]}`;
      return [{ kind: setting.kind, urn: node.urn, title: title(node), path, message: told, certain: isKnown }];
    }),
  );
}

const consequence = {
  protection: "What it kept from being lost no longer is.",
  deletion: "Deleting the resource now also deletes what it holds.",
  retention: "Data is kept for a shorter time.",
};

/** True, false, or undefined when a value known only after deployment decides. */
function isLowered(setting: Setting, before: Value | undefined, after: Value | undefined): boolean | undefined {
  if ("safe" in setting) {
    const [was, is] = [isSafe(setting, before), isSafe(setting, after)];
    // What was not safe before or is safe now is not lowered, whatever the other is.
    return was === false || is === true ? false : was === true && is === false ? true : undefined;
  }
  if (isHidden(before) || isHidden(after)) return undefined;
  const [left, right] = [amount(setting, before), amount(setting, after)];
  return left !== undefined && right !== undefined && right < left;
}

function isHidden(value: Value | undefined): boolean {
  return unknownPlace(value) !== undefined || secretPlace(value) !== undefined;
}

function isSafe(
  { safe, absent }: Extract<Setting, { readonly safe: unknown }>,
  value: Value | undefined,
): boolean | undefined {
  if (isHidden(value)) return undefined;
  const now = value ?? absent;
  return safe.some((one) => one === now || String(one) === now);
}

function amount(setting: Setting, value: Value | undefined): number | undefined {
  if ("later" in setting) {
    if (value === undefined || value === null) return Number.POSITIVE_INFINITY;
    return setting.zeroIsNever && Number(value) === 0 ? Number.POSITIVE_INFINITY : Number(value);
  }
  if (value === undefined || value === null) return "longer" in setting ? setting.absent : undefined;
  return Number(value);
}

interface Found {
  readonly path: string;
  readonly value: Value;
}

/** The values of a setting on both sides, where they differ. */
function changesAt(base: ResourceNode | undefined, head: ResourceNode | undefined, path: string) {
  const [left, right] = [base, head].map((node) => new Map(found(node, path).map((at) => [at.path, at.value])));
  const paths = [...new Set([...(left?.keys() ?? []), ...(right?.keys() ?? [])])];
  return paths
    .map((at) => ({ path: at, before: left?.get(at), after: right?.get(at) }))
    .filter(({ before, after }) => JSON.stringify(before) !== JSON.stringify(after));
}

function found(node: ResourceNode | undefined, path: string): readonly Found[] {
  return node === undefined ? [] : valuesAt(node.inputs, path);
}

/** An entry of a list is called by its id, so that rules in another order are not compared with each other. */
function valuesAt(value: Value, path: string): readonly Found[] {
  return pattern(path).reduce<readonly Found[]>(
    (places, part) =>
      places.flatMap(({ path: at, value: inside }) =>
        childrenAt(inside, part).map((child, index) => ({
          path: part === "*" ? `${at}[${idOf(child) ?? index}]` : joinPath(at, part),
          value: child,
        })),
      ),
    [{ path: "", value }],
  );
}

function idOf(value: Value): string | undefined {
  const id = isPlainObject(value) ? value.id : undefined;
  return typeof id === "string" ? `id=${id}` : undefined;
}

function shown(value: Value | undefined): string {
  if (value === undefined || value === null) return "not set";
  if (unknownPlace(value) !== undefined) return "known after deployment";
  if (typeof value === "object") return secretPlace(value) === undefined ? "a structure" : "a secret";
  return String(value);
}
