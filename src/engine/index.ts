export { type RunProgramOptions, runProgram } from "./run-program.js";
