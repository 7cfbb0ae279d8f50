import { z } from "zod";
import { allOf, anyOf, containerLists, everyIn, has, isExempt, nameOf, not, text, texts } from "../cel.js";
import { changed, cpuPod } from "../examples.js";
import { type Check, defineObjectRule } from "../rule.js";
import { fixPodSecurity } from "./pod-security.fix.js";
import {
  APPARMOR_ANNOTATION,
  BASELINE_CAPABILITIES,
  HOST_FIELDS,
  PROFILE_TYPES,
  RESTRICTED_CAPABILITIES,
  RESTRICTED_VOLUMES,
  SAFE_SYSCTLS,
  SELINUX_TYPES,
} from "./pod-standard.js";

const judged = not(isExempt);
const isRestricted = '(variables.config.level == "restricted")';

/** The API server refuses fields of Linux in Windows pods, so the standard does not ask for them there. */
const isLinux = not(allOf(has("pod.spec", "os.name"), 'pod.spec.os.name == "windows"'));

/** Root in a user namespace is nobody outside it: the standard asks less of such pods since 1.35. */
const hasUserNamespace = "(has(pod.spec.hostUsers) && !pod.spec.hostUsers)";

interface Owner {
  readonly each: "pod" | "container";
  readonly root: string;
  readonly prefix: string;
  /** CEL: how a message calls it. */
  readonly name: string;
}

/** A pod has a security context with fields that its containers can have too. */
const pod: Owner = { each: "pod", root: "pod.spec", prefix: "spec.", name: text("the pod") };
const container: Owner = { each: "container", root: "container", prefix: "", name: nameOf("container") };

interface Demand {
  /** CEL that reads the value is put in. */
  readonly test: (value: string) => string;
  /** For the message. */
  readonly allowed: string;
  readonly when?: readonly string[];
}

/** A field that passes when it is absent. */
function mayBe(owner: Owner, field: string, { test, allowed, when = [] }: Demand): Check {
  const value = `${owner.root}.${field}`;
  return {
    each: owner.each,
    when: allOf(judged, has(owner.root, field), ...when),
    expression: test(value),
    path: `${owner.prefix}${field}`,
    message: `${owner.name} + ": ${field} is " + string(${value}) + "; allowed is ${allowed}"`,
  };
}

const isOneOf = (values: readonly string[]) => (value: string) => `${value} in ${texts(values)}`;
const named = (values: readonly string[]) => values.filter((value) => value !== "").join(", ");
const isFalse: Demand = { test: (value) => `!${value}`, allowed: "false" };
const isEmpty: Demand = { test: (value) => `${value} == ""`, allowed: "nothing" };
const isProfile: Demand = { test: isOneOf(PROFILE_TYPES), allowed: named(PROFILE_TYPES) };

const onBoth = [pod, container].flatMap((owner) => [
  mayBe(owner, "securityContext.windowsOptions.hostProcess", isFalse),
  mayBe(owner, "securityContext.seLinuxOptions.type", { test: isOneOf(SELINUX_TYPES), allowed: named(SELINUX_TYPES) }),
  mayBe(owner, "securityContext.seLinuxOptions.user", isEmpty),
  mayBe(owner, "securityContext.seLinuxOptions.role", isEmpty),
  mayBe(owner, "securityContext.appArmorProfile.type", isProfile),
  mayBe(owner, "securityContext.seccompProfile.type", isProfile),
  mayBe(owner, "securityContext.runAsUser", {
    test: (value) => `${value} != 0`,
    allowed: "another user than 0",
    when: [isRestricted, not(hasUserNamespace)],
  }),
]);

const onPods: readonly Check[] = [
  ...["hostNetwork", "hostPID", "hostIPC"].map((field) => mayBe(pod, field, isFalse)),
  {
    each: "pod",
    within: { list: "spec.securityContext.sysctls" },
    when: allOf(judged, "has(item.name)"),
    expression: isOneOf(SAFE_SYSCTLS)("item.name"),
    path: "name",
    message: `"the sysctl " + item.name + " is not one of the safe ones: ${named(SAFE_SYSCTLS)}"`,
  },
  {
    each: "pod",
    within: { keys: "metadata.annotations" },
    when: allOf(judged, `key.startsWith(${text(APPARMOR_ANNOTATION)})`),
    expression: `[pod.metadata.annotations[key]].all(profile, profile == "" || profile == "runtime/default" || profile.startsWith("localhost/"))`,
    path: "",
    message:
      '"the annotation " + key + " takes a container out of AppArmor; allowed are runtime/default and localhost/<profile>"',
  },
  {
    each: "pod",
    within: { list: "spec.volumes" },
    when: judged,
    expression: "!has(item.hostPath)",
    path: "hostPath",
    message: `"the volume " + item.name + " is a folder of the node; allowed are ${named(RESTRICTED_VOLUMES)}"`,
  },
  ...["nfs", ""].map(
    (source): Check => ({
      each: "pod",
      within: { list: "spec.volumes" },
      when: allOf(judged, isRestricted, "!has(item.hostPath)", source === "" ? "!has(item.nfs)" : "has(item.nfs)"),
      expression: anyOf(...RESTRICTED_VOLUMES.map((allowed) => `has(item.${allowed})`)),
      path: source,
      message: `"the volume " + item.name + " has a source that is not allowed; allowed are ${named(RESTRICTED_VOLUMES)}"`,
    }),
  ),
];

const onContainers: readonly Check[] = [
  mayBe(container, "securityContext.privileged", isFalse),
  mayBe(container, "securityContext.procMount", {
    test: isOneOf(["Default"]),
    allowed: "Default",
    when: [anyOf(isRestricted, not(hasUserNamespace))],
  }),
  ...HOST_FIELDS.map((field) => mayBe(container, field, isEmpty)),
  {
    each: "container",
    within: { list: "ports" },
    when: allOf(judged, "has(item.hostPort)"),
    expression: "item.hostPort == 0",
    path: "hostPort",
    message: `${container.name} + ": port " + string(item.hostPort) + " of the node is taken; allowed is no hostPort"`,
  },
  {
    each: "container",
    when: allOf(judged, has("container", "securityContext.capabilities.add")),
    expression: `container.securityContext.capabilities.add.all(added, ${isRestricted} && ${isLinux} ? added in ${texts(RESTRICTED_CAPABILITIES)} : added in ${texts(BASELINE_CAPABILITIES)})`,
    path: "securityContext.capabilities.add",
    message: `${container.name} + ": securityContext.capabilities.add has " + container.securityContext.capabilities.add.join(", ") + "; allowed is " + (${isRestricted} && ${isLinux} ? "${named(RESTRICTED_CAPABILITIES)}" : "${named(BASELINE_CAPABILITIES)}")`,
  },
  {
    each: "container",
    when: allOf(judged, isRestricted, isLinux),
    expression: allOf(
      has("container", "securityContext.allowPrivilegeEscalation"),
      "!container.securityContext.allowPrivilegeEscalation",
    ),
    path: "securityContext.allowPrivilegeEscalation",
    message: `${container.name} + ": securityContext.allowPrivilegeEscalation is not false"`,
  },
  {
    each: "container",
    when: allOf(judged, isRestricted, isLinux),
    expression: allOf(
      has("container", "securityContext.capabilities.drop"),
      'container.securityContext.capabilities.drop.exists(dropped, dropped == "ALL")',
    ),
    path: "securityContext.capabilities.drop",
    message: `${container.name} + ": securityContext.capabilities.drop has no ALL"`,
  },
];

const everyContainerHas = (field: string) =>
  allOf(...containerLists.map((list) => everyIn("pod", `spec.${list}`, "c", has("c", field))));

/** CEL: the containers that do not have the field themselves. */
const lackingContainers = (field: string) =>
  `(${containerLists
    .map(
      (list) => `(has(pod.spec.${list}) ? pod.spec.${list}.filter(c, !${has("c", field)}).map(c, ${nameOf("c")}) : [])`,
    )
    .join(" + ")}).join(", ")`;

/**
 * Fields that the pod sets for all containers, or each container for itself. Where one has neither the finding is at the
 * pod, once: there it is mended for all. k8s.io/pod-security-admission names each container, but in one message too.
 */
const onEither: readonly Check[] = [
  {
    each: "pod",
    when: allOf(judged, isRestricted, isLinux),
    expression: anyOf(
      has("pod", "spec.securityContext.seccompProfile.type"),
      everyContainerHas("securityContext.seccompProfile.type"),
    ),
    path: "spec.securityContext.seccompProfile.type",
    message: `"securityContext.seccompProfile.type is set neither by the pod nor by " + ${lackingContainers("securityContext.seccompProfile.type")} + "; allowed are RuntimeDefault and Localhost"`,
  },
  {
    each: "pod",
    when: allOf(judged, isRestricted, not(hasUserNamespace)),
    expression: `(${has("pod", "spec.securityContext.runAsNonRoot")} ? pod.spec.securityContext.runAsNonRoot : ${everyContainerHas("securityContext.runAsNonRoot")})`,
    path: "spec.securityContext.runAsNonRoot",
    message: `${has("pod", "spec.securityContext.runAsNonRoot")} ? "the pod sets securityContext.runAsNonRoot to false; allowed is true" : "securityContext.runAsNonRoot is set neither by the pod nor by " + ${lackingContainers("securityContext.runAsNonRoot")} + "; allowed is true"`,
  },
  mayBe(container, "securityContext.runAsNonRoot", {
    test: (value) => value,
    allowed: "true",
    when: [isRestricted, not(hasUserNamespace)],
  }),
];

/** SEC001: the Pod Security Standards. */
export const podSecurity = defineObjectRule({
  id: "SEC001",
  name: "pod-security",
  pack: "security",
  severity: "high",
  statement: "Pods keep the Pod Security Standard `restricted` (or `baseline`, where that is configured).",
  why: "A container that is root on its node, or can become so, reads the models, data and credentials of every other pod there.",
  source: "https://kubernetes.io/docs/concepts/security/pod-security-standards/",
  semantics:
    "Every field of the standard as it is in Kubernetes 1.36, for init, main and ephemeral containers, with its exceptions: Windows pods (spec.os.name) need no fields of Linux, pods with hostUsers: false may run as root. One finding for each field. runAsNonRoot and seccompProfile may be set by the pod or by every container; where one container is left without, the finding is at the pod's field and names it. Labels of namespaces that enforce the standard are not looked at. Objects in `exemptNamespaces` are not judged.",
  parameters: z.strictObject({
    level: z.enum(["restricted", "baseline"]).default("restricted").describe("The standard that pods must keep."),
    exemptNamespaces: z
      .array(z.string().min(1))
      .default(["kube-system", "gpu-operator"])
      .describe("Namespaces of node agents, which are not judged."),
  }),
  bad: changed(cpuPod, "allowPrivilegeEscalation: false, ", ""),
  good: cpuPod,
  fix: fixPodSecurity,
  checks: [...onEither, ...onPods, ...onBoth, ...onContainers],
});
