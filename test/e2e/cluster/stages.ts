import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fromModule } from "./module-files.mjs";

/**
 * What simulated nodes and pods go through, as files of kwok's own module: nodes become Ready and stay it; pods become
 * Running and Ready at once, those of Jobs succeed, and deleted ones go away.
 */
const STAGES = [
  "node/fast/node-initialize.yaml",
  "node/heartbeat-with-lease/node-heartbeat-with-lease.yaml",
  "pod/fast/pod-ready.yaml",
  "pod/fast/pod-complete.yaml",
  "pod/fast/pod-delete.yaml",
];

/** The file with kwok's stages. */
export async function stagesFile(): Promise<string> {
  const folder = await fromModule({
    tool: "kwok",
    module: "sigs.k8s.io/kwok",
    what: "stages",
    async fill(moduleFolder, target) {
      const texts = await Promise.all(
        STAGES.map((file) => readFile(join(moduleFolder, "kustomize/stage", file), "utf8")),
      );
      await writeFile(join(target, "stages.yaml"), texts.join("\n---\n"));
    },
  });
  return join(folder, "stages.yaml");
}
