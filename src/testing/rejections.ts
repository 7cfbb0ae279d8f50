/**
 * Runs `program` and gives, beside its result, every promise rejection that nobody handled meanwhile. While it runs, no other
 * listener of the process (of a test runner, or Pulumi's) hears of them.
 */
export async function collectRejections<T>(program: () => Promise<T>): Promise<{ result: T; rejections: unknown[] }> {
  const listeners = process.listeners("unhandledRejection");
  const rejections = new Set<unknown>();
  const collect = (reason: unknown) => rejections.add(reason);
  process.removeAllListeners("unhandledRejection");
  process.on("unhandledRejection", collect);
  try {
    const result = await program();
    // Node reports a rejection after the microtasks of its turn: two turns let the last ones come in.
    await nextTurn();
    await nextTurn();
    return { result, rejections: [...rejections] };
  } finally {
    process.off("unhandledRejection", collect);
    for (const listener of listeners) process.on("unhandledRejection", listener);
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
