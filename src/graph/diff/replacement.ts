import { kubernetesObject } from "../kubernetes.js";
import type { ResourceNode, Value } from "../model.js";
import { concerns, pattern, type Segment } from "./paths.js";

/**
 * The inputs of a resource whose change makes the provider delete it and make it anew, as property paths. A change
 * anywhere below one of them counts. Types that are not in the tables are known by nothing but the option
 * `replaceOnChanges`, so a replacement may be missing there; `pulumi preview` asks the provider and knows.
 *
 * @param provider the provider that makes the resource, where the graph has it; "kubectl" for manifests, of which those
 *   fields are named that the API server refuses to change, so that somebody has to replace the object
 */
export function replacingInputs(node: ResourceNode, provider: ResourceNode | "kubectl" | undefined): readonly string[] {
  if (node.type.startsWith("kubernetes:")) return kubernetesInputs(node, provider);
  // terraform-provider-aws, internal/provider/sdkv2/region.go, forceNewIfRegionChanges: the region of any resource.
  if (node.type.startsWith("aws:")) return ["region", ...(aws[node.type] ?? [])];
  return google[node.type] ?? [];
}

/** Whether a change at this place is one of what these property paths name; `*` names everything. */
export function isAmong(
  paths: readonly string[],
  segments: readonly Segment[],
  values: readonly (Value | undefined)[],
): boolean {
  return paths.some((path) => concerns(segments, pattern(path), values));
}

/**
 * Source: pulumi-kubernetes provider/v4, provider/pkg/provider/diff.go (forceNew, forceNewProperties) and provider.go
 * (Diff): the name and the namespace of every object and what is listed here. Other fields that the API refuses to change
 * (`volumeMode` of a claim, `reclaimPolicy` of a class) are not replaced: the deployment fails.
 */
function kubernetesInputs(node: ResourceNode, provider: ResourceNode | "kubectl" | undefined): readonly string[] {
  if (node.type.startsWith("kubernetes:helm.sh/")) return node.type.endsWith(":Release") ? ["name", "namespace"] : [];
  const { apiVersion = "", kind = "" } = kubernetesObject(node) ?? {};
  const identity = ["metadata.name", "metadata.namespace"];
  const key = `${apiVersion}/${kind}`;
  const isImmutable = node.inputs.immutable === true;
  if (key === "v1/ConfigMap") {
    return [...identity, ...(isOn(provider, "enableConfigMapMutable") && !isImmutable ? [] : ["data", "binaryData"])];
  }
  if (key === "v1/Secret") {
    return [
      ...identity,
      "type",
      ...(isOn(provider, "enableSecretMutable") && !isImmutable ? [] : ["data", "stringData"]),
    ];
  }
  const known = [...identity, ...(kubernetes[key] ?? [])];
  return provider === "kubectl" ? known.filter((path) => !mutable[key]?.includes(path)) : known;
}

/**
 * What the provider replaces although the API server would change it. Source: Kubernetes 1.36,
 * pkg/apis/apps/validation (ValidateStatefulSetUpdate), pkg/apis/batch/validation (ValidateJobSpecUpdate: completions only
 * of indexed jobs) and pkg/apis/core/validation (ValidatePodUpdate).
 */
const mutable: { readonly [object: string]: readonly string[] } = {
  "apps/v1/StatefulSet": ["spec.revisionHistoryLimit"],
  "batch/v1/Job": ["spec.parallelism"],
  "v1/Pod": ["spec.containers[*].image", "spec.initContainers[*].image"],
};

/** Settings of the provider are booleans or, from configuration and the environment, text. */
function isOn(provider: ResourceNode | "kubectl" | undefined, setting: string): boolean {
  return provider === "kubectl" || provider?.inputs[setting] === true || provider?.inputs[setting] === "true";
}

const statefulSet = [
  "spec.podManagementPolicy",
  "spec.revisionHistoryLimit",
  "spec.selector",
  "spec.serviceName",
  "spec.volumeClaimTemplates",
];

const volumeSources = [
  ...["awsElasticBlockStore", "azureDisk", "azureFile", "cephfs", "cinder", "csi", "fc", "flexVolume", "flocker"],
  ...["gcePersistentDisk", "glusterfs", "hostPath", "iscsi", "local", "nfs", "photonPersistentDisk", "portworxVolume"],
  ...["quobyte", "rbd", "scaleIO", "storageos", "vsphereVolume"],
];

const podFields = [
  ...["affinity", "automountServiceAccountToken", "dnsConfig", "dnsPolicy", "enableServiceLinks", "hostAliases"],
  ...["hostIPC", "hostNetwork", "hostPID", "hostname", "imagePullSecrets", "nodeName", "nodeSelector", "overhead"],
  ...["preemptionPolicy", "priority", "priorityClassName", "readinessGates", "restartPolicy", "runtimeClassName"],
  ...["schedulerName", "securityContext", "serviceAccount", "serviceAccountName", "shareProcessNamespace", "subdomain"],
  ...["terminationGracePeriodSeconds", "volumes"],
];

const containerFields = [
  ...["args", "command", "env", "image", "imagePullPolicy", "lifecycle", "livenessProbe", "ports", "readinessProbe"],
  ...["resources", "securityContext", "stdin", "stdinOnce", "terminationMessagePath", "terminationMessagePolicy"],
  ...["tty", "volumeDevices", "volumeMounts", "workingDir"],
];

const kubernetes: { readonly [object: string]: readonly string[] } = {
  "apps/v1/DaemonSet": ["spec.selector"],
  "apps/v1/Deployment": ["spec.selector"],
  "apps/v1/StatefulSet": statefulSet,
  "apps/v1beta2/DaemonSet": ["spec.selector"],
  "apps/v1beta2/Deployment": ["spec.selector"],
  "apps/v1beta2/StatefulSet": statefulSet,
  "batch/v1/Job": ["spec.completions", "spec.parallelism", "spec.selector", "spec.template"],
  "policy/v1beta1/PodDisruptionBudget": ["spec"],
  "rbac.authorization.k8s.io/v1/ClusterRoleBinding": ["roleRef"],
  "rbac.authorization.k8s.io/v1/RoleBinding": ["roleRef"],
  "storage.k8s.io/v1/StorageClass": ["parameters", "provisioner"],
  "v1/PersistentVolume": volumeSources.map((source) => `spec.${source}`),
  "v1/PersistentVolumeClaim": ["spec.accessModes", "spec.selector", "spec.storageClassName", "spec.volumeName"],
  "v1/Pod": [
    ...podFields.map((field) => `spec.${field}`),
    ...["containers", "initContainers"].flatMap((list) => containerFields.map((field) => `spec.${list}[*].${field}`)),
  ],
  "v1/ResourceQuota": ["spec.scopes"],
  "v1/Service": ["spec.clusterIP"],
};

const s3Bucket = ["bucket", "bucketPrefix", "objectLockEnabled"];
const ofBucket = ["bucket"];

/**
 * Source: the schemas of terraform-provider-aws 6 (`ForceNew`, `RequiresReplace`) under internal/service, by the names
 * they have in @pulumi/aws 7. The types that Plinth's nouns make and those that hold data.
 */
const aws: { readonly [type: string]: readonly string[] } = {
  "aws:autoscaling/tag:Tag": ["autoscalingGroupName", "tag.key"],
  "aws:dynamodb/table:Table": ["name", "hashKey", "rangeKey", "localSecondaryIndexes"],
  "aws:ec2/launchTemplate:LaunchTemplate": ["name", "namePrefix"],
  "aws:eks/cluster:Cluster": [
    "name",
    "roleArn",
    "bootstrapSelfManagedAddons",
    "accessConfig.bootstrapClusterCreatorAdminPermissions",
    "kubernetesNetworkConfig.ipFamily",
    "kubernetesNetworkConfig.serviceIpv4Cidr",
  ],
  "aws:eks/nodeGroup:NodeGroup": [
    ...["amiType", "capacityType", "clusterName", "diskSize", "instanceTypes", "nodeGroupName", "nodeGroupNamePrefix"],
    ...["nodeRoleArn", "remoteAccess", "subnetIds", "launchTemplate.id", "launchTemplate.name"],
  ],
  "aws:eks/podIdentityAssociation:PodIdentityAssociation": ["clusterName", "namespace", "serviceAccount"],
  "aws:elasticache/replicationGroup:ReplicationGroup": [
    ...["replicationGroupId", "atRestEncryptionEnabled", "dataTieringEnabled", "globalReplicationGroupId", "kmsKeyId"],
    ...["networkType", "port", "securityGroupNames", "snapshotArns", "snapshotName", "subnetGroupName"],
  ],
  "aws:iam/policy:Policy": ["name", "namePrefix", "path", "description"],
  "aws:iam/role:Role": ["name", "namePrefix", "path"],
  "aws:iam/rolePolicy:RolePolicy": ["name", "namePrefix", "role"],
  "aws:iam/rolePolicyAttachment:RolePolicyAttachment": ["role", "policyArn"],
  "aws:rds/cluster:Cluster": [
    ...["availabilityZones", "clusterIdentifier", "clusterIdentifierPrefix", "clusterScalabilityType", "databaseName"],
    ...["dbSubnetGroupName", "dbSystemId", "engine", "engineMode", "kmsKeyId", "masterUsername"],
    ...["restoreToPointInTime", "s3Import", "snapshotIdentifier", "storageEncrypted"],
  ],
  // The identifier of an instance is changed in place since version 5.
  "aws:rds/instance:Instance": [
    ...["availabilityZone", "characterSetName", "customIamInstanceProfile", "dbName", "engine", "kmsKeyId"],
    ...["ncharCharacterSetName", "restoreToPointInTime", "s3Import", "snapshotIdentifier", "storageEncrypted"],
    ...["timezone", "username"],
  ],
  "aws:s3/bucket:Bucket": s3Bucket,
  "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": ofBucket,
  "aws:s3/bucketPolicy:BucketPolicy": ofBucket,
  "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": ofBucket,
  "aws:s3/bucketV2:BucketV2": s3Bucket,
  "aws:s3/bucketVersioning:BucketVersioning": ofBucket,
};

/**
 * Source: terraform-provider-google e03b7622a26cf4e878f90bdccaca6aa3d03a7999, google/services (`ForceNew`), by the names
 * they have in @pulumi/gcp 9.
 */
const google: { readonly [type: string]: readonly string[] } = {
  "gcp:artifactregistry/repository:Repository": ["project", "location", "repositoryId", "format", "mode", "kmsKeyName"],
  "gcp:bigquery/dataset:Dataset": ["project", "location", "datasetId", "externalDatasetReference"],
  "gcp:bigquery/table:Table": ["project", "datasetId", "tableId", "encryptionConfiguration", "tableReplicationInfo"],
  "gcp:bigtable/instance:Instance": ["project", "name"],
  "gcp:compute/disk:Disk": ["project", "name", "zone", "type", "image", "snapshot", "sourceDisk", "diskEncryptionKey"],
  "gcp:container/cluster:Cluster": [
    ...["project", "name", "location", "network", "subnetwork", "networkingMode", "ipAllocationPolicy"],
    ...["clusterIpv4Cidr", "datapathProvider", "defaultMaxPodsPerNode", "description", "enableAutopilot", "enableTpu"],
    ...["enableKubernetesAlpha", "confidentialNodes", "initialNodeCount"],
  ],
  "gcp:container/nodePool:NodePool": [
    ...["project", "location", "cluster", "name", "namePrefix", "initialNodeCount", "maxPodsPerNode"],
    ...["placementPolicy", "queuedProvisioning"],
    ...["guestAccelerators", "localSsdCount", "ephemeralStorageLocalSsdConfig", "localNvmeSsdBlockConfig"].map(inNodes),
    ...["secondaryBootDisks", "metadata", "minCpuPlatform", "oauthScopes", "preemptible", "reservationAffinity"].map(
      inNodes,
    ),
    ...["spot", "serviceAccount", "shieldedInstanceConfig", "sandboxConfig", "bootDiskKmsKey"].map(inNodes),
  ],
  "gcp:filestore/instance:Instance": ["project", "location", "name", "tier", "protocol", "kmsKeyName", "networks"],
  "gcp:kms/cryptoKey:CryptoKey": ["name", "keyRing", "purpose", "importOnly", "destroyScheduledDuration"],
  "gcp:redis/instance:Instance": [
    ...["project", "region", "name", "tier", "locationId", "alternativeLocationId", "authorizedNetwork", "connectMode"],
    ...["customerManagedKey", "reservedIpRange", "transitEncryptionMode"],
  ],
  "gcp:secretmanager/secret:Secret": ["project", "secretId", "replication"],
  "gcp:serviceaccount/account:Account": ["project", "accountId"],
  "gcp:sql/database:Database": ["project", "instance", "name"],
  "gcp:sql/databaseInstance:DatabaseInstance": ["project", "region", "name", "encryptionKeyName"],
  "gcp:storage/bucket:Bucket": ["project", "name", "location", "hierarchicalNamespace", "enableObjectRetention"],
};

function inNodes(field: string): string {
  return `nodeConfig.${field}`;
}
