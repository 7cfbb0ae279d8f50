import type { Rule } from "../rule.js";
import { modelUriPinned } from "./model-uri.js";
import { digestPinned, noFloatingTag, registryAllowlist } from "./pinned.js";
import { registryImmutableScanned } from "./registry.js";
import { noRemoteCode } from "./remote-code.js";
import { weightsNotInImage } from "./weights.js";

/** Images, models and the registries they come from. */
export const images: readonly Rule[] = [
  digestPinned,
  noFloatingTag,
  registryAllowlist,
  weightsNotInImage,
  modelUriPinned,
  registryImmutableScanned,
  noRemoteCode,
];
