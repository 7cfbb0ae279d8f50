import { keysOf, plainAt } from "../paths.js";
import type { Fix, Patch } from "../rule.js";

type Keys = readonly (string | number)[];

/**
 * Mends what can be mended without knowing the program: fields that forbid what hardly any program needs. What a pod was
 * given on purpose (capabilities, host namespaces, volumes of the node) is left to its author. A container that is
 * privileged or runs as user 0 is left alone where the API server or the kubelet would refuse the mended pod.
 */
export const fixPodSecurity: Fix = (object, { path }) => {
  const keys = keysOf(path);
  const owner = keys.slice(0, keys.indexOf("securityContext"));
  const context = plainAt(object, [...owner, "securityContext"]);
  const set = (value: unknown): readonly Patch[] => [{ op: "set", path: keys, value }];
  switch (keys.slice(owner.length + 1).join(".")) {
    case "allowPrivilegeEscalation":
      return needsPrivilege(context) ? [] : set(false);
    case "capabilities.drop": {
      const found = plainAt(context, ["capabilities", "drop"]);
      const dropped = Array.isArray(found) ? (found as unknown[]) : [];
      return dropped.includes("ALL") ? [] : set([...dropped, "ALL"]);
    }
    case "runAsNonRoot":
      return runsAsRoot(object, owner) ? [] : set(true);
    case "seccompProfile.type":
      return [
        { op: "set", path: keys, value: "RuntimeDefault" },
        ...(plainAt(context, ["seccompProfile", "localhostProfile"]) === undefined
          ? []
          : [{ op: "remove" as const, path: [...keys.slice(0, -1), "localhostProfile"] }]),
      ];
    default:
      return [];
  }
};

/** https://kubernetes.io/docs/tasks/configure-pod-container/security-context/: escalation is always allowed to these. */
function needsPrivilege(context: unknown): boolean {
  const added = plainAt(context, ["capabilities", "add"]);
  return (
    plainAt(context, ["privileged"]) === true ||
    (Array.isArray(added) && added.some((capability) => capability === "SYS_ADMIN" || capability === "CAP_SYS_ADMIN"))
  );
}

/** Whether the pod or one of its containers says that it runs as user 0. */
function runsAsRoot(object: unknown, owner: Keys): boolean {
  const list = owner.findIndex(
    (key) => key === "containers" || key === "initContainers" || key === "ephemeralContainers",
  );
  const pod = plainAt(object, list < 0 ? owner : owner.slice(0, list));
  const contexts = ["containers", "initContainers", "ephemeralContainers"].flatMap((name) => {
    const containers = plainAt(pod, [name]);
    return Array.isArray(containers) ? containers.map((each) => plainAt(each, ["securityContext", "runAsUser"])) : [];
  });
  return [plainAt(pod, ["securityContext", "runAsUser"]), ...contexts].includes(0);
}
