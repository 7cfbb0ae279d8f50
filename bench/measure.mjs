// How the benchmarks measure: whole child processes, alternating between the things compared so that a slow minute
// of the machine falls on all of them, and medians of wall time and of the child's own peak memory.
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const RSS_REPORTER = fileURLToPath(new URL("./report-peak-memory.cjs", import.meta.url));

/** Runs one Node program; resolves to `{ seconds, megabytes, stdout }`, the memory being the process's own peak. */
export function runNode(args, options = {}) {
  return new Promise((resolve, reject) => {
    const started = process.hrtime.bigint();
    const child = spawn(process.execPath, ["--require", RSS_REPORTER, ...args], {
      ...options,
      stdio: ["ignore", "pipe", "pipe", "pipe"],
    });
    let stdout = "";
    let stderr = "";
    let memory = "";
    child.stdout.on("data", (chunk) => (stdout += chunk));
    child.stderr.on("data", (chunk) => (stderr += chunk));
    child.stdio[3].on("data", (chunk) => (memory += chunk));
    child.on("error", reject);
    child.on("close", (status) => {
      const seconds = Number(process.hrtime.bigint() - started) / 1e9;
      if (status === 0) resolve({ seconds, megabytes: Number(memory) / 1024, stdout });
      else reject(new Error(`${args.join(" ")} ended with status ${status}\n${stderr}${stdout}`));
    });
  });
}

/** Measures the named contenders in turn, `runs` times each; resolves to medians by name. */
export async function compare(contenders, runs) {
  const results = Object.fromEntries(Object.keys(contenders).map((name) => [name, []]));
  for (let run = 0; run < runs; run++) {
    for (const [name, contender] of Object.entries(contenders)) results[name].push(await contender());
  }
  return Object.fromEntries(
    Object.entries(results).map(([name, all]) => [
      name,
      { seconds: median(all.map((one) => one.seconds)), megabytes: median(all.map((one) => one.megabytes)) },
    ]),
  );
}

export function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Prints a line for each contender and the ratio of the first to the second with its target. */
export function printRatio(title, medians, target) {
  const [[firstName, first], [secondName, second]] = Object.entries(medians);
  const ratio = first.seconds / second.seconds;
  console.log(`${title}`);
  for (const [name, one] of Object.entries(medians)) {
    console.log(`  ${name.padEnd(28)} ${one.seconds.toFixed(2)} s  ${one.megabytes.toFixed(0)} MB`);
  }
  console.log(
    `  ${firstName} / ${secondName}: time ${ratio.toFixed(2)}x, memory ${(first.megabytes / second.megabytes).toFixed(2)}x (target: ${target})`,
  );
}
