/**
 * Runs `program` and gives every promise rejection that nobody handled meanwhile, and its result unless one came first: after
 * a rejection Pulumi may wait for ever. While it runs, no other listener of the process (of a test runner, or Pulumi's) hears
 * of them. The program's own failure is handed on.
 */
export async function collectRejections<T>(
  program: () => Promise<T>,
): Promise<{ result: T | undefined; rejections: unknown[] }> {
  const listeners = process.listeners("unhandledRejection");
  const rejections = new Set<unknown>();
  process.removeAllListeners("unhandledRejection");
  const first = new Promise<undefined>((resolve) => {
    process.on("unhandledRejection", (reason) => {
      rejections.add(reason);
      resolve(undefined);
    });
  });
  try {
    const result = await Promise.race([program(), first]);
    await settle();
    return { result, rejections: [...rejections] };
  } catch (error) {
    await settle();
    throw error;
  } finally {
    process.removeAllListeners("unhandledRejection");
    for (const listener of listeners) process.on("unhandledRejection", listener);
  }
}

/** Node reports a rejection after the microtasks of its turn: a few turns let the last ones come in. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
