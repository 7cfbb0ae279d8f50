import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { said } from "../fixtures/judged.js";
import { keysOf } from "../paths.js";
import { podSecurity } from "./pod-security.js";
import { BASELINE_CAPABILITIES, HOST_FIELDS, SAFE_SYSCTLS } from "./pod-standard.js";

type Json = { [key: string]: unknown };

const context = { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } };
const container = { name: "c", securityContext: context };
const safe = {
  securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
  containers: [container],
};

const pod = (spec: Json, metadata: Json = {}) => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "p", ...metadata },
  spec,
});
const paths = (spec: Json, config: Json = {}, metadata: Json = {}) =>
  said(stringify(pod(spec, metadata)), [podSecurity], { parameters: { SEC001: config } }).map((line) =>
    line.replace("SEC001 violation Pod/p ", ""),
  );
const baseline = { level: "baseline" };
const withContainer = (fields: Json) => ({ ...safe, containers: [{ ...container, ...fields }] });
const withContext = (fields: Json) => withContainer({ securityContext: { ...context, ...fields } });
const withPodContext = (fields: Json) => ({ ...safe, securityContext: { ...safe.securityContext, ...fields } });
const at = (field: string) => `spec.containers[0].${field}`;
const deep = (path: string, value: unknown) =>
  path.split(".").reduceRight<unknown>((inner, key) => ({ [key]: inner }), value) as Json;

describe("SEC001", () => {
  it("asks a bare pod for four things at level restricted and for nothing at level baseline", () => {
    expect(paths({ containers: [{ name: "c" }] })).toEqual([
      "spec.securityContext.seccompProfile.type",
      "spec.securityContext.runAsNonRoot",
      at("securityContext.allowPrivilegeEscalation"),
      at("securityContext.capabilities.drop"),
    ]);
    expect(paths({ containers: [{ name: "c" }] }, baseline)).toEqual([]);
    expect(paths(safe)).toEqual([]);
  });

  it.each<[string, Json, string[]]>([
    ["host network", { ...safe, hostNetwork: true }, ["spec.hostNetwork"]],
    ["host PID and IPC", { ...safe, hostPID: true, hostIPC: true }, ["spec.hostPID", "spec.hostIPC"]],
    [
      "a folder of the node",
      { ...safe, volumes: [{ name: "v", hostPath: { path: "/" } }] },
      ["spec.volumes[0].hostPath"],
    ],
    ["privileged", withContext({ privileged: true }), [at("securityContext.privileged")]],
    ["an unmasked /proc", withContext({ procMount: "Unmasked" }), [at("securityContext.procMount")]],
    [
      "a host port",
      withContainer({
        ports: [
          { containerPort: 1, hostPort: 0 },
          { containerPort: 2, hostPort: 2 },
        ],
      }),
      [at("ports[1].hostPort")],
    ],
    [
      "SYS_ADMIN",
      withContext({ capabilities: { drop: ["ALL"], add: ["SYS_ADMIN"] } }),
      [at("securityContext.capabilities.add")],
    ],
    ["a SELinux type", withContext({ seLinuxOptions: { type: "spc_t" } }), [at("securityContext.seLinuxOptions.type")]],
    [
      "a SELinux user and role",
      withPodContext({ seLinuxOptions: { user: "u", role: "r" } }),
      ["spec.securityContext.seLinuxOptions.user", "spec.securityContext.seLinuxOptions.role"],
    ],
    [
      "no AppArmor",
      withPodContext({ appArmorProfile: { type: "Unconfined" } }),
      ["spec.securityContext.appArmorProfile.type"],
    ],
    [
      "no seccomp in a container",
      withContext({ seccompProfile: { type: "Unconfined" } }),
      [at("securityContext.seccompProfile.type")],
    ],
    [
      "no seccomp in the pod",
      withPodContext({ seccompProfile: { type: "Unconfined" } }),
      ["spec.securityContext.seccompProfile.type"],
    ],
    [
      "a sysctl",
      withPodContext({
        sysctls: [
          { name: "kernel.shm_rmid_forced", value: "1" },
          { name: "kernel.msgmax", value: "1" },
        ],
      }),
      ["spec.securityContext.sysctls[1].name"],
    ],
    [
      "a HostProcess pod",
      withPodContext({ windowsOptions: { hostProcess: true } }),
      ["spec.securityContext.windowsOptions.hostProcess"],
    ],
  ])("finds %s at both levels", (_, spec, expected) => {
    expect(paths(spec)).toEqual(expected);
    expect(paths(spec, baseline)).toEqual(expected);
  });

  it.each<[string, Json, string[]]>([
    ["escalation", withContext({ allowPrivilegeEscalation: true }), [at("securityContext.allowPrivilegeEscalation")]],
    [
      "capabilities that baseline has",
      withContext({ capabilities: { drop: ["ALL"], add: ["CHOWN"] } }),
      [at("securityContext.capabilities.add")],
    ],
    ["drops by name", withContext({ capabilities: { drop: ["NET_RAW"] } }), [at("securityContext.capabilities.drop")]],
    [
      "drops in lower case",
      withContext({ capabilities: { drop: ["all"] } }),
      [at("securityContext.capabilities.drop")],
    ],
    ["root by the pod", withPodContext({ runAsNonRoot: false }), ["spec.securityContext.runAsNonRoot"]],
    ["root by a container", withContext({ runAsNonRoot: false }), [at("securityContext.runAsNonRoot")]],
    ["user 0 of the pod", withPodContext({ runAsUser: 0 }), ["spec.securityContext.runAsUser"]],
    ["user 0 of a container", withContext({ runAsUser: 0 }), [at("securityContext.runAsUser")]],
    ["an NFS volume", { ...safe, volumes: [{ name: "v", nfs: { server: "s", path: "/" } }] }, ["spec.volumes[0].nfs"]],
    ["an iSCSI volume", { ...safe, volumes: [{ name: "v", iscsi: {} }] }, ["spec.volumes[0]"]],
  ])("finds %s at level restricted only", (_, spec, expected) => {
    expect(paths(spec)).toEqual(expected);
    expect(paths(spec, baseline)).toEqual([]);
  });

  it.each<[string, Json]>([
    ["NET_BIND_SERVICE", withContext({ capabilities: { drop: ["ALL"], add: ["NET_BIND_SERVICE"] } })],
    ["every safe sysctl", withPodContext({ sysctls: SAFE_SYSCTLS.map((name) => ({ name, value: "1" })) })],
    ["a SELinux type of containers", withContext({ seLinuxOptions: { type: "container_engine_t" } })],
    ["a profile of the node", withPodContext({ seccompProfile: { type: "Localhost", localhostProfile: "p" } })],
    [
      "volumes of every allowed kind",
      {
        ...safe,
        volumes: [
          { name: "a", emptyDir: {} },
          { name: "b", csi: {} },
          { name: "c", image: {} },
          { name: "d", ephemeral: {} },
        ],
      },
    ],
    ["a masked /proc", withContext({ procMount: "Default" })],
  ])("lets %s pass", (_, spec) => {
    expect(paths(spec)).toEqual([]);
  });

  it("takes fields that every container sets in place of the pod's, and asks the pod when one does not", () => {
    const own = { ...context, runAsNonRoot: true, seccompProfile: { type: "Localhost" } };
    const containers = (...contexts: Json[]) => ({
      containers: contexts.map((securityContext, index) => ({ name: `c${index}`, securityContext })),
    });
    expect(paths(containers(own, own))).toEqual([]);
    expect(paths(containers(own, context))).toEqual([
      "spec.securityContext.seccompProfile.type",
      "spec.securityContext.runAsNonRoot",
    ]);
  });

  it("judges init and ephemeral containers", () => {
    expect(
      paths({
        ...safe,
        initContainers: [{ name: "i", securityContext: { ...context, privileged: true } }],
        ephemeralContainers: [{ name: "e" }],
      }),
    ).toEqual(
      [
        "spec.ephemeralContainers[0].securityContext.allowPrivilegeEscalation",
        "spec.ephemeralContainers[0].securityContext.capabilities.drop",
        "spec.initContainers[0].securityContext.privileged",
      ].sort((a, b) => order(a) - order(b)),
    );
  });

  it.each(HOST_FIELDS)("finds another host in %s", (field) => {
    expect(paths(withContainer(deep(field, "10.0.0.1")), baseline)).toEqual([at(field)]);
    expect(paths(withContainer(deep(field, "")), baseline)).toEqual([]);
  });

  it("asks Windows pods for no fields of Linux, and lets root be root in a user namespace", () => {
    const windows = { os: { name: "windows" }, containers: [{ name: "c" }], securityContext: { runAsNonRoot: true } };
    expect(paths(windows)).toEqual([]);
    const inNamespace = { ...withContext({ runAsUser: 0, runAsNonRoot: false }), hostUsers: false };
    expect(paths(inNamespace)).toEqual([]);
    const unmasked = { ...withContext({ procMount: "Unmasked" }), hostUsers: false };
    expect(paths(unmasked, baseline)).toEqual([]);
    expect(paths(unmasked)).toEqual([at("securityContext.procMount")]);
  });

  it("reads the older annotations of AppArmor", () => {
    const annotations = (value: string) => ({
      annotations: { "container.apparmor.security.beta.kubernetes.io/c": value },
    });
    expect(paths(safe, baseline, annotations("unconfined"))).toEqual([
      'metadata.annotations["container.apparmor.security.beta.kubernetes.io/c"]',
    ]);
    expect(paths(safe, baseline, annotations("localhost/p"))).toEqual([]);
    expect(paths(safe, baseline, annotations("runtime/default"))).toEqual([]);
  });

  it("does not judge exempt namespaces", () => {
    expect(paths({ containers: [{ name: "c" }] }, {}, { namespace: "kube-system" })).toEqual([]);
    expect(paths({ containers: [{ name: "c" }] }, { exemptNamespaces: [] }, { namespace: "kube-system" })).toHaveLength(
      4,
    );
  });

  it("is undecided for what is unknown, and still finds what is certain", () => {
    const yaml = `apiVersion: v1
kind: Pod
metadata: { name: p }
spec:
  securityContext: { runAsNonRoot: !unknown, seccompProfile: { type: RuntimeDefault } }
  containers:
    - { name: c, securityContext: { allowPrivilegeEscalation: false, privileged: true, capabilities: { drop: [ALL] } } }
`;
    expect(said(yaml, [podSecurity])).toEqual([
      "SEC001 undecided Pod/p spec.securityContext.runAsNonRoot",
      "SEC001 violation Pod/p spec.containers[0].securityContext.privileged",
    ]);
  });
});

const order = (path: string) =>
  ["initContainers", "containers", "ephemeralContainers"].findIndex((list) => path.includes(`.${list}[`));

/** Applies patches as the command line does; for what this fix gives. */
function patched(object: Json, path: string): Json {
  const copy = structuredClone(object);
  for (const patch of podSecurity.fix?.(object, { path }) ?? []) {
    const last = patch.path.at(-1) ?? "";
    const parent = patch.path.slice(0, -1).reduce<Json>((value, key) => {
      value[key] ??= {};
      return value[key] as Json;
    }, copy);
    if (patch.op === "remove") delete parent[last];
    else parent[last] = patch.value;
  }
  return copy;
}

const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const contexts = fc.record(
  {
    allowPrivilegeEscalation: fc.boolean(),
    privileged: fc.boolean(),
    runAsNonRoot: fc.boolean(),
    runAsUser: fc.constantFrom(0, 1000),
    seccompProfile: fc.record({
      type: fc.constantFrom("Unconfined", "Localhost", "RuntimeDefault"),
      localhostProfile: maybe(fc.constant("p")),
    }),
    capabilities: fc.record(
      {
        add: fc.subarray([...BASELINE_CAPABILITIES, "SYS_ADMIN"], { maxLength: 2 }),
        drop: fc.subarray(["ALL", "NET_RAW"]),
      },
      { requiredKeys: [] },
    ),
  },
  { requiredKeys: [] },
);
const pods = fc.tuple(maybe(contexts), fc.array(maybe(contexts), { minLength: 1, maxLength: 2 })).map(([own, each]) =>
  pod({
    ...(own && { securityContext: own }),
    containers: each.map((c, index) => ({ name: `c${index}`, ...(c && { securityContext: c }) })),
  }),
);

describe("the fix of SEC001", () => {
  const found = (object: Json) => said(stringify(object), [podSecurity]).map((line) => line.split(" ").at(-1) ?? "");

  it("mends a finding or leaves the object alone, adds none, and does no more when it is done", () => {
    fc.assert(
      fc.property(pods, (object) => {
        const before = found(object);
        for (const path of before) {
          const fixed = patched(object, path);
          const after = found(fixed);
          const isMended = (podSecurity.fix?.(object, { path }) ?? []).length > 0;
          expect(after).toEqual(isMended ? before.filter((other) => other !== path) : before);
          if (isMended) expect(patched(fixed, path)).toEqual(fixed);
        }
      }),
      { numRuns: 60 },
    );
  });

  it("drops all capabilities beside those that are dropped already, and takes the profile of the node away", () => {
    expect(
      podSecurity.fix?.(pod(withContext({ capabilities: { drop: ["NET_RAW"] } })), {
        path: at("securityContext.capabilities.drop"),
      }),
    ).toEqual([{ op: "set", path: keysOf(at("securityContext.capabilities.drop")), value: ["NET_RAW", "ALL"] }]);
    expect(
      podSecurity.fix?.(pod(withPodContext({ seccompProfile: { type: "x", localhostProfile: "p" } })), {
        path: "spec.securityContext.seccompProfile.type",
      }),
    ).toEqual([
      { op: "set", path: ["spec", "securityContext", "seccompProfile", "type"], value: "RuntimeDefault" },
      { op: "remove", path: ["spec", "securityContext", "seccompProfile", "localhostProfile"] },
    ]);
  });

  it("leaves containers alone that need what it would take", () => {
    const fix = (spec: Json, path: string) => podSecurity.fix?.(pod(spec), { path });
    expect(
      fix(
        withContext({ privileged: true, allowPrivilegeEscalation: true }),
        at("securityContext.allowPrivilegeEscalation"),
      ),
    ).toEqual([]);
    expect(fix(withContext({ runAsUser: 0, runAsNonRoot: false }), at("securityContext.runAsNonRoot"))).toEqual([]);
    expect(fix({ ...safe, hostNetwork: true }, "spec.hostNetwork")).toEqual([]);
  });
});
