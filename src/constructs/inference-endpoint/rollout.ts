/** Pods are replaced one at a time, in place. */
export interface RollingRollout {
  readonly kind: "rolling";
  /**
   * Pods started before old ones stop. With 0, one old pod stops first and its capacity is missing until the new one
   * answers. @default 0 with GPUs, because a full pool has none for one pod more; 1 without
   */
  readonly surge?: number;
}

/** How a new version replaces the old one. Made by `rollout.rolling()`. */
export type Rollout = RollingRollout;

/** The ways to roll out. */
export const rollout = {
  /** Pods are replaced one at a time, in place. */
  rolling: (args: Omit<RollingRollout, "kind"> = {}): RollingRollout => ({ ...args, kind: "rolling" }),
} as const;

/** Pods that are started beyond the wanted number while rolling out. */
export function surgeOf(chosen: Rollout, hasGpu: boolean): number {
  return chosen.surge ?? (hasGpu ? 0 : 1);
}

/** The strategy of a Deployment. One of the two numbers is 0 and the other is not, so a rollout always goes on. */
export function deploymentStrategy(surge: number) {
  return { type: "RollingUpdate", rollingUpdate: { maxSurge: surge, maxUnavailable: surge === 0 ? 1 : 0 } } as const;
}
