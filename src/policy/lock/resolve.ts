import type { Answer, Answers } from "./compare.js";
import { chartRepositories } from "./helm.js";
import { RemoteError } from "./http.js";
import type { Wanted } from "./references.js";
import { type RegistrySettings, registryClient } from "./registry.js";

const AT_A_TIME = 8;

/** Asks the registries and chart repositories what these names stand for; a few at a time. */
export async function resolveAll(wanted: readonly Wanted[], settings: RegistrySettings): Promise<Answers> {
  const registry = registryClient(settings);
  const repositories = chartRepositories(settings);
  const resolve = async ({ target, architectures }: Wanted): Promise<Answer> => {
    try {
      return "image" in target
        ? await registry.resolve(target.image, architectures.size > 0)
        : await repositories.resolve(target.repository, target.chart, target.version);
    } catch (error) {
      if (error instanceof RemoteError) return { failure: error.message };
      throw error;
    }
  };
  const answers = new Map<Wanted, Answer>();
  const queue = wanted.values();
  const work = async () => {
    for (const each of queue) answers.set(each, await resolve(each));
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, work));
  return answers;
}
