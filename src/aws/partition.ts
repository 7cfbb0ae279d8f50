/** An AWS partition: the first part of every ARN in it, and the domain of its services. */
export interface Partition {
  readonly name: string;
  readonly domain: string;
}

/** Partitions other than the commercial one, by how their regions start (AWS SDK partitions.json). */
const PARTITIONS: readonly (readonly [prefix: string, partition: Partition])[] = [
  ["cn-", { name: "aws-cn", domain: "amazonaws.com.cn" }],
  ["us-gov-", { name: "aws-us-gov", domain: "amazonaws.com" }],
  ["us-iso-", { name: "aws-iso", domain: "c2s.ic.gov" }],
  ["us-isob-", { name: "aws-iso-b", domain: "sc2s.sgov.gov" }],
  ["us-isof-", { name: "aws-iso-f", domain: "csp.hci.ic.gov" }],
  ["eu-isoe-", { name: "aws-iso-e", domain: "cloud.adc-e.uk" }],
  ["eusc-", { name: "aws-eusc", domain: "amazonaws.eu" }],
];

/** The partition of a region. */
export function partitionOf(region: string): Partition {
  const found = PARTITIONS.find(([prefix]) => region.startsWith(prefix));
  return found?.[1] ?? { name: "aws", domain: "amazonaws.com" };
}
