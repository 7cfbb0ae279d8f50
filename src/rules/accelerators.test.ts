import { describe, expect, it } from "vitest";
import { AWS_GPU_MACHINES } from "../aws/machines.js";
import { GCP_GPU_MACHINES } from "../gcp/machines.js";
import {
  ACCELERATORS,
  acceleratorCount,
  ec2Accelerator,
  gcpAccelerator,
  isAccelerator,
  migProfilesOf,
} from "./accelerators.js";

describe("the names of accelerators", () => {
  it.each([
    ["nvidia.com/gpu", true],
    ["nvidia.com/gpu.shared", true],
    ["nvidia.com/mig-1g.10gb", true],
    ["aws.amazon.com/neuroncore", true],
    ["aws.amazon.com/neuron", true],
    ["google.com/tpu", true],
    ["nvidia.com/gpus", false],
    ["nvidia.com/gpu.product", false],
    ["cpu", false],
    ["vpc.amazonaws.com/efa", false],
  ])("%s: %s", (name, expected) => {
    expect(isAccelerator(name, ACCELERATORS)).toBe(expected);
  });
});

describe("the table of machines", () => {
  it("counts as the platforms' own tables do", () => {
    const counted = [...AWS_GPU_MACHINES.values(), ...GCP_GPU_MACHINES.values()].filter(({ gpus }) => gpus > 0);
    expect(counted.length).toBeGreaterThan(80);
    expect(counted.filter(({ name, gpus }) => acceleratorCount(name) !== gpus)).toEqual([]);
  });

  it("knows the family of every machine of the platforms' tables", () => {
    expect([...AWS_GPU_MACHINES.keys()].filter((name) => ec2Accelerator(name) !== "nvidia.com/gpu")).toEqual([]);
    expect([...GCP_GPU_MACHINES.keys()].filter((name) => gcpAccelerator(name) !== "nvidia.com/gpu")).toEqual([]);
  });

  it.each([
    ["inf2.xlarge", "aws.amazon.com/neuron"],
    ["g4ad.xlarge", "amd.com/gpu"],
    ["g6", "nvidia.com/gpu"],
    ["m7g.large", undefined],
    ["c6gn.large", undefined],
  ])("%s has %s", (type, resource) => {
    expect(ec2Accelerator(type)).toBe(resource);
  });

  it.each([
    ["ct5lp-hightpu-4t", "google.com/tpu"],
    ["g2-standard-4", "nvidia.com/gpu"],
    ["n1-standard-4", undefined],
    ["c4-standard-4", undefined],
  ])("%s has %s", (type, resource) => {
    expect(gcpAccelerator(type)).toBe(resource);
  });
});

describe("the MIG profiles of a product", () => {
  it.each([
    ["NVIDIA-A100-SXM4-40GB", "1g.5gb"],
    ["NVIDIA-A100-SXM4-80GB", "1g.10gb"],
    ["NVIDIA-A100-80GB-PCIe", "1g.10gb"],
    ["NVIDIA-H100-80GB-HBM3", "1g.10gb"],
    ["NVIDIA-H100-NVL", "1g.12gb"],
    ["NVIDIA-H200", "1g.18gb"],
    ["NVIDIA-GB200", "1g.23gb"],
    ["NVIDIA-GH200-480GB", "1g.12gb"],
    ["NVIDIA-A100-SXM4-80GB-MIG-1g.10gb", "1g.10gb"],
    ["NVIDIA-RTX-PRO-6000-Blackwell-Server-Edition", "1g.24gb"],
  ])("%s begin with %s", (product, profile) => {
    expect(migProfilesOf(product)?.[0]).toBe(profile);
  });

  it("are none for GPUs without MIG and not known for others", () => {
    expect(["NVIDIA-L4", "Tesla-T4", "NVIDIA-A10G", "NVIDIA-L40S", "Tesla-V100-SXM2-16GB"].map(migProfilesOf)).toEqual([
      [],
      [],
      [],
      [],
      [],
    ]);
    expect(migProfilesOf("NVIDIA-X999")).toBeUndefined();
  });
});
