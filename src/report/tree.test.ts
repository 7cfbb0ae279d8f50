import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { assembleGraph } from "../graph/assemble.js";
import { nodeGroupUrn, program } from "../graph/fixtures/program.js";
import { judge } from "../policy/judge.js";
import { rules } from "../rules/index.js";
import { columns, wrap } from "./text.js";
import { treeReport } from "./tree.js";

const plain = { color: false, unicode: true };

describe("the tree", () => {
  it("shows the resources, their count by group and everything a reviewer has to know", () => {
    expect(treeReport(program, judge(program, rules), plain)).toBe(`fraud, stack dev
├─ GpuNodePool serving  (1 resource)                                                     index.ts:12
│  └─ aws:eks:NodeGroup serving.gpu  (protected)
├─ ConfigMap fraud/info  (1 unknown)                                                     index.ts:20
├─ Secret fraud/token                                                                    index.ts:25
├─ Deployment fraud/model                                                                index.ts:30
└─ kubernetes:helm.sh:Chart keda  (contents not visible before deployment)               index.ts:40

6 resources: 3 Kubernetes, 1 AWS, 2 components

Outputs
  poolArn: known after deployment (aws:eks:NodeGroup serving.gpu.arn)

Known after deployment
  aws:eks:NodeGroup serving.gpu
    arn → ConfigMap fraud/info data.arn
        → stack output poolArn

Questions to the cloud without an answer (plinth.invokes.json can answer them)
  aws:ec2/getSubnets:getSubnets  index.ts:5:17

Images that are not pinned by digest (IMG001)
  nginx:1.29 has no sha256 digest; allowed is name@sha256:<64 hexadecimal digits>
    Deployment fraud/model spec.template.spec.containers[0].image

Notices
  warning  the\\u001b[31m program warns

Secrets: 1 value withheld
`);
  });

  it("is plain ASCII and has no colour codes where these are not wanted", () => {
    const text = treeReport(program, judge(program, rules), { color: false, unicode: false });
    expect(text.split("\n").slice(1, 4)).toEqual([
      "|- GpuNodePool serving  (1 resource)                                                     index.ts:12",
      "|  `- aws:eks:NodeGroup serving.gpu  (protected)",
      "|- ConfigMap fraud/info  (1 unknown)                                                     index.ts:20",
    ]);
    expect(text).toMatch(/^[\n -~]*$/);
  });

  it("differs with colours only by the colours", () => {
    const findings = judge(program, rules);
    const colored = treeReport(program, findings, { color: true, unicode: true });
    expect(colored).toContain("\u001b[");
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colour codes are control characters
    expect(colored.replace(/\u001b\[\d+m/g, "")).toBe(treeReport(program, findings, plain));
  });

  it("begins a notice that has no place of its own with the resource it belongs to", () => {
    const notices = [{ severity: "warning", code: "log", message: "it is small", urn: nodeGroupUrn } as const];
    expect(treeReport({ ...program, notices }, judge(program, []), plain)).toContain(
      "\n  warning  aws:eks:NodeGroup serving.gpu: it is small\n",
    );
  });

  it("says of an empty program that it has no resources, and nothing else", () => {
    const empty = assembleGraph({ origin: "program", project: "p", stack: "s", nodes: [] });
    expect(treeReport(empty, judge(empty, rules), plain)).toBe("p, stack s\n\n0 resources\n");
  });
});

describe("wrap", () => {
  it("keeps every word in order and breaks only lines that would be too wide", () => {
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[a-z]{1,130}$/), { minLength: 1 }), (words) => {
        const lines = wrap(words.join(" "), "* ", "  ");
        expect(lines.flatMap((line) => line.slice(2).split(" "))).toEqual(words);
        for (const line of lines) expect(line.length <= columns || !line.slice(2).includes(" ")).toBe(true);
      }),
    );
  });
});
