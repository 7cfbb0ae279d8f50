import type { KubeObject } from "../cluster/objects.js";
import { type Server, sender } from "../cluster/request.js";

interface ApiResource {
  readonly name: string;
  readonly kind: string;
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
}

/** What Kubernetes keeps or puts into a namespace by itself. */
const KUBERNETES_OWN = [/^ConfigMap kube-root-ca\.crt$/, /^ServiceAccount default$/, /^Event /, /^PodMetrics /];

/** Everything of a namespace that somebody put there, over all kinds that can be listed, as `Kind name`, sorted. */
export async function objectsIn(server: Server, namespace: string): Promise<string[]> {
  const send = sender(server);
  const kinds = (await listable(server)).filter(({ resource }) => resource.namespaced);
  const lists = await Promise.all(
    kinds.map(async ({ root, resource }) => {
      const { items } = (await send("GET", `${root}/namespaces/${namespace}/${resource.name}`)) as {
        readonly items: readonly KubeObject[];
      };
      return items.map(({ metadata }) => `${resource.kind} ${metadata.name}`);
    }),
  );
  return lists
    .flat()
    .filter((name) => !KUBERNETES_OWN.some((own) => own.test(name)))
    .sort();
}

/** Everything outside of namespaces with Plinth's label, as `Kind name`, sorted. */
export async function clusterObjects(server: Server): Promise<string[]> {
  const send = sender(server);
  const kinds = (await listable(server)).filter(({ resource }) => !resource.namespaced);
  const lists = await Promise.all(
    kinds.map(async ({ root, resource }) => {
      const query = `labelSelector=${encodeURIComponent("app.kubernetes.io/managed-by=plinth")}`;
      const { items } = (await send("GET", `${root}/${resource.name}?${query}`)) as {
        readonly items: readonly KubeObject[];
      };
      return items.map(({ metadata }) => `${resource.kind} ${metadata.name}`);
    }),
  );
  return lists.flat().sort();
}

/** Each kind once: Events, for instance, are in two groups. */
async function listable(server: Server): Promise<{ readonly root: string; readonly resource: ApiResource }[]> {
  const send = sender(server);
  const { groups } = (await send("GET", "/apis")) as {
    readonly groups: readonly { readonly preferredVersion: { readonly groupVersion: string } }[];
  };
  const roots = ["/api/v1", ...groups.map(({ preferredVersion }) => `/apis/${preferredVersion.groupVersion}`)];
  const found = await Promise.all(
    roots.map(async (root) => {
      const { resources } = (await send("GET", root)) as { readonly resources: readonly ApiResource[] };
      return resources.filter(({ verbs }) => verbs.includes("list")).map((resource) => ({ root, resource }));
    }),
  );
  return found.flat();
}
