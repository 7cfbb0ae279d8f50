import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const PREFIX = "plinth-cluster-";

/**
 * A new temporary folder for one cluster. Its name has the id of this process, so that folders of processes that were
 * killed are recognised: they are removed here.
 */
export async function makeClusterFolder(): Promise<string> {
  const old = (await readdir(tmpdir())).filter((name) => name.startsWith(PREFIX) && !isAlive(ownerOf(name)));
  // Where its processes are still ending, a folder may not go at once; then it is the next run's.
  await Promise.allSettled(old.map((name) => rm(join(tmpdir(), name), { recursive: true, force: true })));
  return mkdtemp(join(tmpdir(), `${PREFIX}${process.pid}-`));
}

function ownerOf(folder: string): number {
  return Number.parseInt(folder.slice(PREFIX.length), 10);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Another user's process may not be asked, but it is there.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
