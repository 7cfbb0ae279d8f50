// Preloaded into a measured process: writes its peak resident memory (kB) to file descriptor 3 when it ends.
const { writeSync } = require("node:fs");

process.on("exit", () => {
  try {
    writeSync(3, String(process.resourceUsage().maxRSS));
  } catch {
    // A child of the measured process inherits the preload but not the descriptor.
  }
});
