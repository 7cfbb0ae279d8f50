import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { describeObject, type KubeObject } from "./objects.js";
import { ApiError, type Send, type Server, sender } from "./request.js";

export { ApiError } from "./request.js";

/** What to wait for: how long, and the words for it in the error when it does not happen. */
export interface Wait {
  readonly seconds: number;
  readonly what: string;
}

/**
 * A thin client of one API server. Paths are API paths, e.g. `/apis/apps/v1/namespaces/shop/deployments/web`; a type
 * parameter is what the caller expects there, the client does not check it. A request that fails throws an `ApiError`
 * with the server's own message.
 */
export interface Api {
  /** The object at a path. */
  get<T = KubeObject>(path: string): Promise<T>;
  /** The object at a path; undefined where there is none. */
  find<T = KubeObject>(path: string): Promise<T | undefined>;
  /** The objects at a collection's path, which may have a query such as `?labelSelector=app%3Dweb`. */
  list<T = KubeObject>(path: string): Promise<T[]>;
  /** Creates the object; unknown and duplicate fields are refused. */
  create<T = KubeObject>(object: KubeObject): Promise<T>;
  /** Server-side apply, taking over the fields of others; unknown and duplicate fields are refused. */
  apply<T = KubeObject>(object: KubeObject, options?: { readonly manager?: string }): Promise<T>;
  /** A merge patch of an object or, with `/status` at the end of its path, of its status. */
  patch<T = KubeObject>(path: string, patch: unknown): Promise<T>;
  /** Asks for the deletion, in the background for what the object owns; what is already gone is fine. */
  remove(target: KubeObject | string): Promise<void>;
  /** The object at the path once the predicate holds; an object that is not there yet is waited for too. */
  waitFor<T = KubeObject>(path: string, predicate: (object: T) => boolean, wait: Wait): Promise<T>;
  /** Waits until nothing is at the path. */
  waitUntilGone(path: string, wait: Wait): Promise<void>;
  /** The path of an object, found by asking the server which kinds it has. */
  pathOf(object: KubeObject): Promise<string>;
}

const MANAGER = "plinth-e2e";
const POLL_MS = 100;

/** A client of the server. */
export function connect(server: Server): Api {
  const send = sender(server);
  const kinds = discovery(send);

  const api: Api = {
    get: <T>(path: string) => send("GET", path) as Promise<T>,
    find: <T>(path: string) => orUndefined(api.get<T>(path)),
    async list<T>(path: string) {
      const { items, apiVersion, kind } = (await send("GET", path)) as ObjectList<T>;
      // Items of a list come without the kind they all have.
      return items.map((item) => ({ apiVersion, kind: kind.replace(/List$/, ""), ...item }));
    },
    async create<T>(object: KubeObject) {
      const { collection } = await kinds.find(object);
      return (await send("POST", `${collection}?${strict(MANAGER)}`, object)) as T;
    },
    async apply<T>(object: KubeObject, { manager = MANAGER } = {}) {
      const query = `${strict(manager)}&force=true`;
      return (await send("PATCH", `${await api.pathOf(object)}?${query}`, object, "application/apply-patch+yaml")) as T;
    },
    patch: <T>(path: string, patch: unknown) =>
      send("PATCH", `${path}?${strict(MANAGER)}`, patch, "application/merge-patch+json") as Promise<T>,
    async remove(target) {
      const path = typeof target === "string" ? target : await api.pathOf(target);
      await orUndefined(
        send("DELETE", path, { kind: "DeleteOptions", apiVersion: "v1", propagationPolicy: "Background" }),
      );
    },
    async waitFor<T>(path: string, predicate: (object: T) => boolean, wait: Wait) {
      let last: T | undefined;
      const holds = await poll(wait.seconds, async () => {
        last = await api.find<T>(path);
        return last !== undefined && predicate(last);
      });
      if (!holds) throw new Error(`waited ${wait.seconds} s for ${wait.what}, in vain; ${path} is ${outline(last)}`);
      return last as T;
    },
    async waitUntilGone(path, wait) {
      let last: KubeObject | undefined;
      const gone = await poll(wait.seconds, async () => {
        last = await api.find(path);
        return last === undefined;
      });
      if (!gone) throw new Error(`waited ${wait.seconds} s for ${wait.what}, in vain; ${path} is ${outline(last)}`);
    },
    async pathOf(object) {
      const { collection } = await kinds.find(object);
      return `${collection}/${object.metadata.name}`;
    },
  };
  return api;
}

interface ObjectList<T> {
  readonly apiVersion: string;
  readonly kind: string;
  readonly items: readonly T[];
}

function strict(manager: string): string {
  return `fieldManager=${encodeURIComponent(manager)}&fieldValidation=Strict`;
}

async function orUndefined<T>(found: Promise<T>): Promise<T | undefined> {
  try {
    return await found;
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return undefined;
    throw error;
  }
}

/** What a failed wait shows of the object: its status, since that is what tests wait for. */
function outline(object: unknown): string {
  if (object === undefined) return "not there";
  const { status, metadata } = object as { readonly status?: unknown; readonly metadata?: KubeObject["metadata"] };
  return JSON.stringify(status ?? metadata, null, 2);
}

/** Asks again and again until the answer is yes or the time is over; whether it was yes. */
export async function poll(seconds: number, ask: () => Promise<boolean>): Promise<boolean> {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    if (await ask()) return true;
    if (Date.now() > end) return false;
    await sleep(POLL_MS);
  }
}

interface ApiResource {
  readonly name: string;
  readonly kind: string;
  readonly namespaced: boolean;
}

/** Which kinds the server has, asked once for each group and version, and again for a kind that is not there. */
function discovery(send: Send) {
  const known = new Map<string, readonly ApiResource[]>();

  async function resourcesOf(root: string): Promise<readonly ApiResource[]> {
    const answer = (await orUndefined(send("GET", root))) as { readonly resources: readonly ApiResource[] } | undefined;
    const resources = answer?.resources.filter(({ name }) => !name.includes("/")) ?? [];
    known.set(root, resources);
    return resources;
  }

  return {
    async find(object: KubeObject): Promise<{ readonly collection: string }> {
      const { apiVersion, kind, metadata } = object;
      const root = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
      const isKind = (resource: ApiResource) => resource.kind === kind;
      const resource = known.get(root)?.find(isKind) ?? (await resourcesOf(root)).find(isKind);
      if (resource === undefined) {
        throw new Error(`the API server has no ${kind} of ${apiVersion}; is its CustomResourceDefinition installed?`);
      }
      if (!resource.namespaced) return { collection: `${root}/${resource.name}` };
      if (metadata.namespace === undefined) throw new Error(`${describeObject(object)} needs a metadata.namespace`);
      return { collection: `${root}/namespaces/${metadata.namespace}/${resource.name}` };
    },
  };
}

/** A namespace of one's own. */
export interface Namespace {
  readonly name: string;
  /** Asks for its deletion with all that is in it, without waiting for that. */
  remove(): Promise<void>;
}

/** A new namespace with a unique name, ready for pods. */
export async function makeNamespace(api: Api, prefix: string): Promise<Namespace> {
  const name = `${prefix}-${randomBytes(4).toString("hex")}`;
  await api.create({ apiVersion: "v1", kind: "Namespace", metadata: { name } });
  // Pods are refused before their service account exists.
  await api.waitFor(`/api/v1/namespaces/${name}/serviceaccounts/default`, () => true, {
    seconds: 30,
    what: `the default service account of namespace ${name}`,
  });
  return { name, remove: () => api.remove(`/api/v1/namespaces/${name}`) };
}

/** Runs the body in a namespace of its own and asks for the namespace's deletion at the end. */
export async function withNamespace<T>(api: Api, prefix: string, body: (namespace: string) => Promise<T>): Promise<T> {
  const namespace = await makeNamespace(api, prefix);
  try {
    return await body(namespace.name);
  } finally {
    await namespace.remove();
  }
}
