import { isPlain, type Json } from "./comparable.js";
import type { Disagreement } from "./compare.js";

/** One kind of disagreement that stays, with its reason. The README of `src/engine` has the same table for users. */
export interface Difference {
  readonly id: string;
  /** The programs in which it is seen; each of them must show it. */
  readonly programs: readonly string[];
  readonly what: string;
  readonly reason: string;
  /** Which disagreements it explains; a difference between failing and not failing explains none. */
  readonly explains: (found: Disagreement) => boolean;
}

const isUnknown = (value: Json | undefined): boolean => isPlain(value) && value.$ === "unknown";
const isSecretUnknown = (value: Json | undefined): boolean =>
  isPlain(value) && value.$ === "secret" && isUnknown(value.value);
const isValue = ({ field }: Disagreement): boolean => /^(inputs|outputs)\./.test(field);

const isEmpty = (value: Json | undefined): boolean =>
  value === false || value === "" || (typeof value === "object" && value !== null && Object.keys(value).length === 0);

const UNITS: Readonly<Record<string, number>> = {
  "": 1,
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
};

function amount(value: Json | undefined): number {
  const [, digits = "", unit = ""] = /^(\d+(?:\.\d+)?)([A-Za-z]*)$/.exec(String(value)) ?? [];
  return Number(digits || "NaN") * (UNITS[unit] ?? Number.NaN);
}

const sameQuantity = (real: Json | undefined, embedded: Json | undefined): boolean => amount(real) === amount(embedded);

/** Fields in which the engines must agree: no difference may explain a disagreement there. */
export const isIdentity = ({ field }: Disagreement): boolean =>
  field === "" || /^(type|name|kind|parent|provider|dependencies|propertyDependencies)\b/.test(field);

export const differences: readonly Difference[] = [
  {
    id: "secret-unknowns",
    programs: ["secrets-unknown", "options-all", "provider-config-unknown", "kubernetes-secrets", "aws-iam"],
    what: "A value that is both secret and unknown is a secret unknown; the real preview shows it as unknown only.",
    reason:
      "The SDK drops the secretness of unknown values on the wire (newer ones do not); after deployment it is secret.",
    explains: (found) => isValue(found) && isUnknown(found.real) && isSecretUnknown(found.embedded),
  },
  {
    id: "cloud-names",
    programs: ["aws-iam", "aws-network", "fraud-detection", "fraud-detection-prod"],
    what: "Names that the AWS and Google Cloud providers would make up are absent, and unknown where they are used.",
    reason: "They are random in each preview, and each resource type has rules of its own for them.",
    explains: (found) =>
      isValue(found) &&
      (found.embedded === undefined || isUnknown(found.embedded)) &&
      typeof found.real === "string" &&
      /\w-[0-9a-f]{7}(?![0-9a-f])/.test(found.real),
  },
  {
    id: "data-sources",
    programs: ["invoke-unanswered"],
    what: "What a data source would answer is unknown, unless `plinth.invokes.json` has the answer.",
    reason: "There is no cloud to ask.",
    explains: (found) => isValue(found) && found.real !== undefined && isUnknown(found.embedded),
  },
  {
    id: "data-sources-of-unknown-providers",
    programs: ["invoke-provider-unknown"],
    what: "A data source in Output form whose provider has unknown settings is unknown; the real preview answers with an empty object.",
    reason: "Parts of an empty object are undefined and vanish, although they have values after deployment.",
    explains: (found) => isValue(found) && isUnknown(found.embedded),
  },
  {
    id: "closed-components",
    programs: ["remote-component", "kubernetes-charts"],
    what: "Charts, kustomizations and components of plugins have the inputs that the program gave, no outputs and no children.",
    reason: "The plugin that declares what is inside does not run; the real engine records what the plugin registers.",
    explains: (found) =>
      isValue(found) && (found.field.startsWith("inputs.") ? found.real === undefined : found.embedded === undefined),
  },
  {
    id: "helm-releases",
    programs: ["kubernetes-charts"],
    what: "A Helm release has the inputs that the program gave, without the provider's defaults and the chart's version.",
    reason: "The provider reads the chart, also from repositories, to fill them in.",
    explains: (found) => /::kubernetes:helm\.sh\/v3:Release::/.test(found.urn) && /^inputs\.\w+$/.test(found.field),
  },
  {
    id: "kubernetes-normal-form",
    programs: ["kubernetes-normal-form", "existing-cluster", "fraud-detection", "fraud-detection-prod"],
    what: "Empty lists and objects, `false` and long forms of quantities (`1000m`) stay in Kubernetes objects as the program wrote them.",
    reason:
      "The provider turns objects without unknown values into Go types and back, which drops or shortens these; to Kubernetes both forms are the same.",
    explains: (found) =>
      /[:$]kubernetes:/.test(found.urn) &&
      found.field.startsWith("inputs.") &&
      (found.real === undefined ? isEmpty(found.embedded) : sameQuantity(found.real, found.embedded)),
  },
  {
    id: "methods",
    programs: ["remote-component"],
    what: "The result of a resource's method is unknown.",
    reason: "The plugin that has the method does not run.",
    explains: (found) => isValue(found) && found.real !== undefined && isUnknown(found.embedded),
  },
  {
    id: "type-errors",
    programs: ["type-error"],
    what: "TypeScript is not type-checked; the real engine refuses a program with type errors.",
    reason:
      "Checking types takes longer than the preview; `tsc` does it. PULUMI_NODEJS_TRANSPILE_ONLY=false turns it on.",
    explains: () => false,
  },
  {
    id: "unknown-stacks",
    programs: ["unknown-stack"],
    what: "A reference to a stack that does not exist is unknown; the real preview fails.",
    reason: "Other stacks cannot be seen.",
    explains: () => false,
  },
];
