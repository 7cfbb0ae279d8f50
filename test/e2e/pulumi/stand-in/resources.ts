import { createHash } from "node:crypto";
import { isUnknown, unwrapSecret, type Wire, type WireObject } from "../../../../src/engine/wire.js";

// What clouds do to resources, as far as programs of these tests see it: names they give, ids and properties they
// compute, and changes they cannot make in place. The facts are those of the packages' schemas (`autoname`, `required`
// outputs, `replaceOnChanges`/`willReplaceOnChanges`) at the versions that package.json pins.

const ACCOUNT = "123456789012";

/** What is special about one type; the rest of its behaviour follows the general rule. */
interface TypeFacts {
  /** The property that gets a name when the program sets none: the resource's own and seven random characters. */
  readonly autoname?: string;
  /** Properties whose change makes a new resource. */
  readonly replaces?: readonly string[];
  /** The id, from inputs that have all names. */
  readonly id?: (inputs: WireObject, random: string) => string;
  /** Properties that exist after deployment only; `before` is there when the resource is updated. */
  readonly computed?: (resource: Made, before: WireObject | undefined) => WireObject;
}

/** A resource while its outputs are computed. */
interface Made {
  readonly id: string;
  readonly inputs: WireObject;
  /** As many hexadecimal characters as wanted, the same each time for the same resource. */
  readonly random: string;
}

const text = (value: Wire | undefined): string => String(unwrapSecret(value ?? ""));

const FACTS: Readonly<Record<string, TypeFacts>> = {
  "aws:s3/bucket:Bucket": {
    autoname: "bucket",
    replaces: ["bucket", "bucketPrefix", "objectLockEnabled"],
    id: ({ bucket }) => text(bucket),
    computed: ({ id }) => ({
      arn: `arn:aws:s3:::${id}`,
      bucketDomainName: `${id}.s3.amazonaws.com`,
      hostedZoneId: "Z1BKCTXD74EZPE",
    }),
  },
  "aws:s3/bucketPolicy:BucketPolicy": { replaces: ["bucket"], id: ({ bucket }) => text(bucket) },
  "aws:iam/role:Role": {
    autoname: "name",
    replaces: ["name", "namePrefix", "path"],
    id: ({ name }) => text(name),
    computed: ({ id, random }) => ({
      arn: `arn:aws:iam::${ACCOUNT}:role/${id}`,
      uniqueId: `AROA${random.slice(0, 16).toUpperCase()}`,
    }),
  },
  "aws:iam/rolePolicy:RolePolicy": {
    autoname: "name",
    replaces: ["name", "namePrefix", "role"],
    id: ({ role, name }) => `${text(role)}:${text(name)}`,
  },
  "aws:iam/rolePolicyAttachment:RolePolicyAttachment": {
    replaces: ["policyArn", "role"],
    id: ({ role, policyArn }) => `${text(role)}/${text(policyArn)}`,
  },
  "aws:ec2/launchTemplate:LaunchTemplate": {
    autoname: "name",
    replaces: ["name", "namePrefix"],
    id: (_, random) => `lt-${random.slice(0, 17)}`,
    computed: (_, before) => {
      const latestVersion = Number(before?.latestVersion ?? 0) + 1;
      return { latestVersion, defaultVersion: latestVersion };
    },
  },
  "aws:eks/nodeGroup:NodeGroup": {
    autoname: "nodeGroupName",
    replaces: [
      "amiType",
      "capacityType",
      "clusterName",
      "diskSize",
      "instanceTypes",
      "nodeGroupName",
      "nodeRoleArn",
      "remoteAccess",
      "subnetIds",
    ],
    id: ({ clusterName, nodeGroupName }) => `${text(clusterName)}:${text(nodeGroupName)}`,
    computed: ({ inputs, random }) => ({
      status: "ACTIVE",
      resources: [
        {
          autoscalingGroups: [{ name: `eks-${text(inputs.nodeGroupName)}-${random.slice(0, 8)}` }],
          remoteAccessSecurityGroupId: "",
        },
      ],
    }),
  },
  "aws:eks/podIdentityAssociation:PodIdentityAssociation": {
    replaces: ["clusterName", "namespace", "serviceAccount"],
    id: (_, random) => `a-${random.slice(0, 17)}`,
    computed: ({ id, inputs }) => ({
      associationId: id,
      associationArn: `arn:aws:eks:${text(inputs.region)}:${ACCOUNT}:podidentityassociation/${text(inputs.clusterName)}/${id}`,
    }),
  },
  "aws:autoscaling/tag:Tag": {
    replaces: ["autoscalingGroupName"],
    id: ({ autoscalingGroupName, tag }) =>
      `${text(autoscalingGroupName)},${text((unwrapSecret(tag ?? null) as WireObject | null)?.key)}`,
  },
};

/** Sixteen and more hexadecimal characters that depend on nothing but the seed. */
export function randomOf(seed: string | Uint8Array): string {
  return createHash("sha256").update(seed).digest("hex");
}

/** Inputs as the cloud's provider completes them: the name a resource has, or gets now. */
export function checkInputs(
  type: string,
  name: string,
  inputs: WireObject,
  before: WireObject,
  random: string,
): WireObject {
  const property = FACTS[type]?.autoname;
  if (property === undefined || inputs[property] !== undefined || inputs[`${property}Prefix`] !== undefined)
    return inputs;
  return { ...inputs, [property]: before[property] ?? `${name}-${random.slice(0, 7)}` };
}

/** The id of a new resource. */
export function idOf(type: string, inputs: WireObject, random: string): string {
  const [, , kind = "resource"] = type.split(":");
  return FACTS[type]?.id?.(inputs, random) ?? `${kind.toLowerCase()}-${random.slice(0, 12)}`;
}

/** Everything the cloud says of a resource that is there. */
export function outputsOf(type: string, id: string, inputs: WireObject, before?: WireObject): WireObject {
  const random = randomOf(`${type} ${id}`);
  return {
    ...general(type, id, inputs),
    ...inputs,
    ...FACTS[type]?.computed?.({ id, inputs, random }, before),
  };
}

/** AWS gives nearly everything an ARN. */
function general(type: string, id: string, inputs: WireObject): WireObject {
  const [pkg, module = "", kind = ""] = type.split(":");
  if (pkg !== "aws") return {};
  const service = module.split("/")[0];
  return {
    arn: `arn:aws:${service}:${text(inputs.region)}:${ACCOUNT}:${kind.toLowerCase()}/${id}`,
    tagsAll: inputs.tags ?? {},
  };
}

/** A change of one property. */
export interface Change {
  readonly property: string;
  readonly kind: "add" | "delete" | "update";
  readonly replaces: boolean;
}

/** The properties that differ. Whether a value is secret is no difference. */
export function changesOf(type: string, before: WireObject, after: WireObject): Change[] {
  const replacing = FACTS[type]?.replaces ?? [];
  const properties = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return properties
    .filter((property) => !same(before[property], after[property]))
    .map((property) => ({
      property,
      kind: before[property] === undefined ? "add" : after[property] === undefined ? "delete" : "update",
      replaces: replacing.includes(property),
    }));
}

/** Whether the replacement cannot be made beside the old one, because it has the same name, which the program gave. */
export function blocksItself(type: string, name: string, before: WireObject, after: WireObject): boolean {
  const property = FACTS[type]?.autoname;
  if (property === undefined) return false;
  const given = text(after[property]);
  return given === text(before[property]) && !new RegExp(`^${name}-[0-9a-f]{7}$`).test(given);
}

function same(a: Wire | undefined, b: Wire | undefined): boolean {
  const [left, right] = [unwrapSecret(a ?? null), unwrapSecret(b ?? null)];
  // An unknown value is the same as nothing, not even as itself.
  if (isUnknown(left) || isUnknown(right)) return false;
  if (typeof left !== "object" || typeof right !== "object" || left === null || right === null) return left === right;
  if (Array.isArray(left) !== Array.isArray(right)) return false;
  const keys = [...new Set([...Object.keys(left), ...Object.keys(right)])];
  return keys.every((key) => same((left as WireObject)[key], (right as WireObject)[key]));
}
