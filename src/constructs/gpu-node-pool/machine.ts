import { ArgsError } from "../../core/args-error.js";
import { editDistance } from "../../core/nearest.js";
import type { GpuMachine } from "../../platform/node-pools.js";
import type { Platform } from "../../platform/platform.js";

/**
 * The machine of a name.
 *
 * @throws ArgsError that says what is near when the platform knows no such GPU machine, and why when it has only a
 * fraction of a GPU.
 */
export function findMachine(
  construct: string,
  name: string,
  machines: ReadonlyMap<string, GpuMachine>,
  platform: Pick<Platform, "kind">,
): GpuMachine {
  const machine = machines.get(name);
  if (machine && machine.gpus > 0) return machine;
  const near = nearest(name, [...machines.values()]);
  const message = machine
    ? `"${name}" is not allowed; it has a fraction of one GPU, which needs NVIDIA's vGPU driver: take a whole one, e.g. ${near}`
    : `"${name}" is not allowed; it is no machine with NVIDIA GPUs that ${platform.kind} knows: did you mean ${near}?`;
  throw new ArgsError(construct, [{ field: "machine", given: name, message }]);
}

/** The three names of whole-GPU machines that differ least from one given. */
export function nearest(name: string, machines: readonly GpuMachine[]): string {
  const ranked = machines
    .filter(({ gpus }) => gpus > 0)
    .map((machine) => ({ name: machine.name, far: editDistance(name, machine.name) }))
    .sort((a, b) => a.far - b.far);
  return ranked
    .slice(0, 3)
    .map((entry) => entry.name)
    .join(", ");
}
