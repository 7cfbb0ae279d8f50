import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { type Api, poll } from "./api.js";
import { crdFile } from "./fetch-crds.mjs";
import { hasCondition, type KubeObject } from "./objects.js";

/** Where CustomResourceDefinitions come from. */
export interface CrdOptions {
  /**
   * A folder with `<plural>.<group>.json` files.
   * @default PLINTH_CRDS, else ../shared/crds beside the repository; what it does not have comes from the controllers'
   * own modules
   */
  readonly folder?: string;
}

const DEFAULT_FOLDER = resolve(import.meta.dirname, "../../../../shared/crds");

/** Installs CustomResourceDefinitions, e.g. `rollouts.argoproj.io`, and waits until objects of them can be made. */
export async function installCrds(api: Api, names: readonly string[], options: CrdOptions = {}): Promise<void> {
  const crds = await Promise.all(names.map(async (name) => readCrd(name, options)));
  await Promise.all(crds.map((crd) => api.apply(crd)));
  await Promise.all(crds.map((crd) => established(api, crd)));
}

/** A definition as it would be installed. */
export async function readCrd(name: string, { folder }: CrdOptions = {}): Promise<KubeObject> {
  const given = join(folder ?? process.env.PLINTH_CRDS ?? DEFAULT_FOLDER, `${name}.json`);
  return JSON.parse(await readFile(existsSync(given) ? given : await crdFile(name), "utf8")) as KubeObject;
}

interface CrdSpec {
  readonly group: string;
  readonly names: { readonly kind: string };
  readonly versions: readonly { readonly name: string; readonly served: boolean }[];
}

async function established(api: Api, crd: KubeObject): Promise<void> {
  const { name } = crd.metadata;
  const wait = { seconds: 60, what: `${name} to be established` };
  await api.waitFor<KubeObject>(await api.pathOf(crd), (object) => hasCondition(object, "Established"), wait);

  // The list of kinds that clients find theirs in follows a moment later.
  const { group, names, versions } = crd.spec as CrdSpec;
  for (const version of versions.filter(({ served }) => served)) {
    const path = `/apis/${group}/${version.name}`;
    const listed = await poll(wait.seconds, async () => {
      const found = await api.find<{ readonly resources: readonly { readonly kind: string }[] }>(path);
      return found?.resources.some(({ kind }) => kind === names.kind) ?? false;
    });
    if (!listed) throw new Error(`waited ${wait.seconds} s for ${path} to list ${names.kind}, in vain`);
  }
}
