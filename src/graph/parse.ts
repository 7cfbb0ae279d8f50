import { Ajv2020 } from "ajv/dist/2020.js";
import { InputError, type ResourceGraph } from "./model.js";
import { graphSchema } from "./schema.js";

/**
 * Reads what `serializeGraph` wrote. Throws InputError that names the file and the first field that is wrong.
 *
 * @param origin what to call the text in the message, usually the file's name
 */
export function parseGraph(text: string, origin = "graph"): ResourceGraph {
  const value = parseJson(text, origin);
  const validate = new Ajv2020({ allowUnionTypes: true }).compile<ResourceGraph>(graphSchema);
  if (validate(value)) return value;
  const [error] = validate.errors ?? [];
  throw new InputError(
    `${origin}: not a resource graph of version 1: ${error?.instancePath || "the document"} ${error?.message ?? "is wrong"}. Write it again with "plinth preview --format json".`,
  );
}

function parseJson(text: string, origin: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new InputError(`${origin}: not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}
