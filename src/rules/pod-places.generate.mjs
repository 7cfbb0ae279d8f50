// Makes pod-places.ts from the walk over the schemas of the kinds: node src/rules/pod-places.generate.mjs pod-templates.json
import { readFileSync, writeFileSync } from "node:fs";

const facts = JSON.parse(readFileSync(process.argv[2], "utf8"));

const containerLists = ["initContainers", "containers", "ephemeralContainers"];

/** What the schemas do not say, by group and kind. The source of each is the comment in the type that it extends. */
const known = {
  "sparkoperator.k8s.io/SparkApplication": sparkTemplates("spec"),
  "sparkoperator.k8s.io/ScheduledSparkApplication": sparkTemplates("spec.template"),
  "sparkoperator.k8s.io/SparkConnect": [podTemplate("spec.server.template"), podTemplate("spec.executor.template")],
  // The trainer of a TrainJob is the main container of the runtime's pods; its resources are called resourcesPerNode.
  "trainer.kubeflow.org/TrainJob": [
    {
      spec: "spec",
      lists: [],
      fields: [],
      containers: [
        {
          path: "trainer",
          list: "containers",
          fields: ["command", "args", "env", "resources"],
          names: { resources: "resourcesPerNode" },
        },
      ],
    },
  ],
  // The service itself is the container; its image is told in parts.
  "apps.nvidia.com/NIMService": [nimContainer("spec")],
  "apps.nvidia.com/NIMPipeline": [nimContainer("spec.services[*].spec")],
};

function podTemplate(path) {
  return { spec: `${path}.spec`, metadata: `${path}.metadata` };
}

function sparkTemplates(path) {
  return [podTemplate(`${path}.driver.template`), podTemplate(`${path}.executor.template`)];
}

function nimContainer(spec) {
  return {
    spec,
    lists: [],
    labels: `${spec}.labels`,
    annotations: `${spec}.annotations`,
    fields: ["nodeSelector", "affinity", "tolerations", "priorityClassName", "schedulerName", "runtimeClassName"],
    containers: [{ path: "", list: "containers", fields: ["env", "resources", "command", "args"] }],
  };
}

function podsOf(entry, key) {
  const pods = (entry.podSpecs ?? []).map(({ path, lists, metadata, labels, annotations }) => ({
    spec: path,
    ...(metadata && { metadata }),
    ...(labels && { labels }),
    ...(annotations && { annotations }),
    ...(lists.length < 3 && { lists }),
    containers: [],
  }));
  const settings = entry.podSettings ?? [];
  for (const found of containersOf(entry)) {
    const owner = longest(
      pods.filter(({ spec }) => isBelow(found.path, spec)),
      ({ spec }) => spec,
    );
    const place = longest(
      settings.filter(({ path }) => isBelow(found.path, path)),
      ({ path }) => path,
    );
    if (found.fields && !owner && !place) continue;
    const pod =
      owner && (!place || owner.spec.length >= place.path.length)
        ? owner
        : synthetic(pods, place, found.path, settings);
    const { path, ...rest } = found;
    pod.containers.push({ path: path.slice(pod.spec.length).replace(/^\./, ""), ...rest });
  }
  const told = known[key] ?? [];
  return [
    ...pods.filter(({ spec }) => !told.some((pod) => pod.spec === spec)),
    ...told,
    ...pods.flatMap(inlineTemplates),
  ].map(({ containers = [], ...pod }) => ({ ...pod, ...(containers.length > 0 && { containers }) }));
}

function containersOf(entry) {
  return [
    ...(entry.containers ?? []).map((path) => ({ path, list: "containers" })),
    ...(entry.containerLists ?? []).map((path) => ({
      path,
      list: path.endsWith("initContainers[*]") ? "initContainers" : "containers",
    })),
    ...(entry.partialContainers ?? []).map(({ path, fields }) => ({ path, list: "containers", fields })),
  ];
}

/** A pod whose settings and containers stand side by side; what it does not set comes from the places around it. */
function synthetic(pods, place, path, settings) {
  const spec = place?.path ?? path.slice(0, path.lastIndexOf("."));
  const existing = pods.find((pod) => pod.spec === spec && pod.lists?.length === 0);
  if (existing) return existing;
  const around = settings
    .map((other) => other.path)
    .filter((other) => other !== spec && (isBelow(spec, other) || isDefaultsOf(spec, other)))
    .sort((a, b) => b.length - a.length);
  const said = [place, ...settings.filter(({ path }) => around.includes(path))].flatMap((each) => each?.fields ?? []);
  const isArgo = /templates\[\*\]$|templateDefaults$|tasks\{\*\}$/.test(spec);
  const isSpark = /\.(driver|executor)$/.test(spec);
  const pod = {
    spec,
    lists: [],
    // The walk looked for some pod settings only; Argo's templates have this one too.
    fields: [...new Set([...said.map(podField), ...(isArgo ? ["automountServiceAccountToken"] : [])])].filter(
      isPodField,
    ),
    ...fieldNames(said),
    ...(around.length > 0 && { around }),
    ...(isArgo && { metadata: `${spec}.metadata` }),
    // Argo puts the workflow's podMetadata on every pod, and what the template says over it.
    ...(isArgo &&
      around.length > 0 && {
        metadataAround: around.map((path) =>
          /templateDefaults$/.test(path) ? `${path}.metadata` : `${path}.podMetadata`,
        ),
      }),
    ...(isSpark && { labels: `${spec}.labels`, annotations: `${spec}.annotations` }),
    containers: [],
  };
  pods.push(pod);
  return pod;
}

const otherNames = { securityContext: "podSecurityContext", serviceAccountName: "serviceAccount" };

function podField(name) {
  return Object.keys(otherNames).find((usual) => otherNames[usual] === name) ?? name;
}

function isPodField(name) {
  return !containerLists.includes(name);
}

function fieldNames(said) {
  const names = Object.entries(otherNames).filter(([, other]) => said.includes(other));
  return names.length > 0 ? { names: Object.fromEntries(names) } : {};
}

/** Argo: a template takes what it does not set from templateDefaults, then from the workflow. */
function isDefaultsOf(spec, other) {
  return spec.endsWith("templates[*]") && other === spec.replace("templates[*]", "templateDefaults");
}

/** Argo: a step or a task may hold a whole template. */
function inlineTemplates(pod) {
  if (!pod.spec.endsWith("templates[*]") || !pod.around) return [];
  return ["steps[*][*].inline", "dag.tasks[*].inline"].map((path) => ({
    ...pod,
    spec: `${pod.spec}.${path}`,
    metadata: `${pod.spec}.${path}.metadata`,
  }));
}

function isBelow(path, folder) {
  return path === folder || path.startsWith(`${folder}.`);
}

function longest(items, length) {
  return items.sort((a, b) => length(b).length - length(a).length)[0];
}

function withoutVersion(apiVersion) {
  return apiVersion.includes("/") ? apiVersion.split("/")[0] : "";
}

const merged = new Map();
for (const entry of facts.kinds) {
  const group = withoutVersion(entry.apiVersion);
  const pods = podsOf(entry, `${group}/${entry.kind}`);
  const inContainers = new Set(
    (entry.partialContainers ?? [])
      .filter(({ path }) =>
        pods.some((pod) => pod.containers?.some((each) => [pod.spec, each.path].filter(Boolean).join(".") === path)),
      )
      .map(({ path }) => `${path}.image`),
  );
  const images = (entry.images ?? []).filter((path) => !inContainers.has(path));
  const volumes = (entry.imageVolumes ?? []).filter((path) => typeof path === "string");
  const place = {
    group,
    kind: entry.kind,
    ...(pods.length > 0 && { pods }),
    ...(images.length + volumes.length > 0 && { images: [...images, ...volumes] }),
    ...(entry.imageObjects && { imageObjects: entry.imageObjects.map(({ path, fields }) => ({ path, fields })) }),
    ...(entry.source.endsWith("built-in") && { core: true }),
  };
  const text = JSON.stringify(place);
  const same = merged.get(text);
  const version = entry.apiVersion.split("/").at(-1);
  if (same) same.versions.push(version);
  else merged.set(text, { ...place, versions: [version] });
}

const rows = [...merged.values()]
  .sort((a, b) => (a.group < b.group ? -1 : a.group > b.group ? 1 : a.kind < b.kind ? -1 : a.kind > b.kind ? 1 : 0))
  .map(({ group, kind, versions, ...rest }) => `  ${JSON.stringify({ group, kind, versions, ...rest })},`);

writeFileSync(
  new URL("./pod-places.ts", import.meta.url),
  `// Made by pod-places.generate.mjs from the schemas of Kubernetes v1.36 and of the custom resources' own releases. Do not edit.
import type { KindPlaces } from "./pods.js";

/** Where each kind keeps its pods, containers and images. */
// biome-ignore format: one kind a line
export const podPlaces: readonly KindPlaces[] = [
${rows.join("\n")}
];
`,
);
