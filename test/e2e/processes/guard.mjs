// The guard: a small process in a session of its own that is told through its standard input which sessions its parent
// has started (`+pid`) and which have ended (`-pid`), one a line. The pipe closes when the parent ends, whatever ended
// it, and then the guard ends what is left. One that takes the place of another gets the sessions there are as arguments.

import { createInterface } from "node:readline";
import { endSession } from "./sessions.mjs";

const sessions = new Set(process.argv.slice(2).map(Number));
for await (const line of createInterface({ input: process.stdin })) {
  const session = Number(line.slice(1));
  if (line.startsWith("+")) sessions.add(session);
  else sessions.delete(session);
}
await Promise.allSettled([...sessions].map((session) => endSession(session)));
