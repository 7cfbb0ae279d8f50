export type { Program, Variables } from "./compile.js";
export { environment, forList, program } from "./environment.js";
export { type CelFault, celVariables, checkCelSubset } from "./subset.js";
export {
  type Cell,
  type CelMap,
  type CelValue,
  type Converter,
  converter,
  Failure,
  isList,
  isMap,
  type Result,
  Unknown,
} from "./values.js";
