#!/usr/bin/env node
import { text } from "node:stream/consumers";
import { run } from "./run.js";

// A reader that has seen enough (`plinth preview | head`) is no error.
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(0);
    throw error;
  });
}

const status = await run(process.argv.slice(2), {
  stdout: (output) => process.stdout.write(output),
  stderr: (output) => process.stderr.write(output),
  stdin: () => text(process.stdin),
  env: process.env,
  directory: process.cwd(),
  isTerminal: process.stdout.isTTY === true,
});

// Ends even when something of the user's program keeps a handle open, but not before a pipe has taken everything.
process.stdout.write("", () => process.stderr.write("", () => process.exit(status)));
