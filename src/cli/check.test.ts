import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { runIn } from "./fixtures/run-in.js";

const PINNED = `nginx@sha256:${"a".repeat(64)}`;
const job = (name: string, image: string) =>
  `apiVersion: batch/v1\nkind: Job\nmetadata: { name: ${name}, namespace: ml }\nspec: { template: { spec: { restartPolicy: Never, containers: [{ name: c, image: "${image}" }] } } }\n`;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "plinth-check-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const write = (name: string, text: string) => writeFileSync(join(folder, name), text);

async function plinth(args: readonly string[], stdin = "") {
  const { status, stdout, stderr } = await runIn(folder, args, { stdin });
  return { status, out: stdout, err: stderr };
}

/** `RULE verdict path`, only of one pack of ids. */
async function judged(args: readonly string[], id: RegExp, stdin = "") {
  const { status, out, err } = await plinth(["check", ...args, "--format", "json"], stdin);
  const { findings } = JSON.parse(out) as { findings: { rule: string; verdict: string; path: string }[] };
  const lines = findings.filter(({ rule }) => id.test(rule)).map((each) => `${each.rule} ${each.verdict} ${each.path}`);
  return { status, err, lines };
}

const IMAGE = "spec.template.spec.containers[0].image";

describe("plinth check of manifests", () => {
  it("gives findings and exit status 1; with a pinned image the finding is gone", async () => {
    write("job.yaml", job("train", "nginx:1.29"));
    expect(await judged(["job.yaml"], /^IMG/)).toEqual({
      status: 1,
      err: "",
      lines: [`IMG001 violation ${IMAGE}`],
    });
    write("job.yaml", job("train", PINNED));
    expect((await judged(["job.yaml"], /^IMG/)).lines).toEqual([]);
  });

  it("reads standard input", async () => {
    const { lines } = await judged(["-"], /^IMG/, job("train", "nginx:latest"));
    expect(lines).toEqual([`IMG001 violation ${IMAGE}`, `IMG002 violation ${IMAGE}`]);
  });

  it("ends with 0 when nothing is at or above --fail-on", async () => {
    write("job.yaml", job("train", "nginx:1.29"));
    expect((await plinth(["check", "job.yaml", "--fail-on", "critical"])).status).toBe(0);
    expect((await plinth(["check", "job.yaml", "--fail-on", "high"])).status).toBe(1);
  });

  it("judges the rest and ends with 2 when one file cannot be read", async () => {
    write("a.yaml", job("train", "nginx:1.29"));
    write("b.yaml", "a: 1\na: 2\n");
    const { status, lines, err } = await judged(["."], /^IMG/);
    expect({ status, lines }).toEqual({ status: 2, lines: [`IMG001 violation ${IMAGE}`] });
    expect(err).toMatch(/^plinth: b\.yaml:2:1: Map keys must be unique/);
  });

  it("reads the policy file of the folder: parameters, exemptions, waivers, rules of the team's own", async () => {
    write("job.yaml", `${job("train", "nginx:1.29")}---\n${job("other", "nginx:1.29")}`);
    write(
      "plinth.policy.yaml",
      `rules: { SEC001: off, CST005: off, SEC002: off, QTA001: off }
exempt: [{ name: other, reason: a test }]
waivers: [{ rule: IMG001, resource: Job/ml/train, reason: mirrored, expires: 2999-01-01 }]
own:
  - id: ACME001
    severity: low
    statement: Jobs have a label app.
    kinds: [Job]
    expression: has(object.metadata.labels) && "app" in object.metadata.labels
    path: metadata.labels
`,
    );
    expect(await judged(["."], /./)).toEqual({
      status: 0,
      err: "",
      lines: [`IMG001 waived ${IMAGE}`, "ACME001 violation metadata.labels"],
    });
  });

  it("refuses a text of an own rule that no API server would compile, with file, line and column", async () => {
    write("job.yaml", job("train", PINNED));
    write("plinth.policy.yaml", "own:\n  - { id: ACME001, statement: x, expression: object.spec.foo( }\n");
    const { status, err } = await plinth(["check", "."]);
    expect(status).toBe(2);
    expect(err).toMatch(/^plinth: plinth\.policy\.yaml:2: own\[0\]\.expression: column \d+ of the text: /);
  });

  it("counts only what a baseline does not have", async () => {
    write("job.yaml", job("train", "nginx:1.29"));
    write("baseline.json", (await plinth(["check", "job.yaml", "--format", "json"])).out);
    expect((await judged(["job.yaml", "--baseline", "baseline.json"], /./)).lines).toEqual([]);
    write("job.yaml", job("train", "nginx:latest"));
    const { status, lines } = await judged(["job.yaml", "--baseline", "baseline.json"], /./);
    expect({ status, lines }).toEqual({ status: 1, lines: [`IMG002 violation ${IMAGE}`] });
    write("baseline.json", "{}");
    const { err } = await plinth(["check", "job.yaml", "--baseline", "baseline.json"]);
    expect(err).toBe('plinth: the baseline baseline.json is not the output of "plinth check --format json".\n');
  });

  it("writes other reports beside the one it prints", async () => {
    write("job.yaml", job("train", "nginx:1.29"));
    mkdirSync(join(folder, "out"));
    await plinth(["check", "job.yaml", "--report", "sarif=out/a.sarif", "--report", "junit=out/b.xml"]);
    const { runs } = JSON.parse(readFileSync(join(folder, "out/a.sarif"), "utf8"));
    expect(runs[0].results[0].locations[0].physicalLocation.artifactLocation.uri).toBe("job.yaml");
    expect(readFileSync(join(folder, "out/b.xml"), "utf8")).toContain(
      '<testsuite name="IMG001" tests="1" failures="1"',
    );
    const { err } = await plinth(["check", "job.yaml", "--report", "pdf=x"]);
    expect(err).toMatch(/^plinth: --report is "pdf=x"; write FORMAT=FILE with one of text, json, sarif/);
  });
});

describe("plinth check of what Pulumi wrote", () => {
  it("judges a state export like the manifests of its objects", async () => {
    const urn = "urn:pulumi:dev::p::kubernetes:batch/v1:Job::train";
    const object = {
      apiVersion: "batch/v1",
      kind: "Job",
      metadata: { name: "train", namespace: "ml" },
      spec: { template: { spec: { restartPolicy: "Never", containers: [{ name: "c", image: "nginx:1.29" }] } } },
    };
    const resources = [{ urn, type: "kubernetes:batch/v1:Job", custom: true, inputs: object }];
    write("state.json", JSON.stringify({ version: 3, deployment: { resources } }));
    write("job.yaml", job("train", "nginx:1.29"));
    const [fromState, fromManifest] = [await judged(["state.json"], /./), await judged(["job.yaml"], /./)];
    expect(fromState).toEqual(fromManifest);
    expect(fromState.lines.length).toBeGreaterThan(3);
  });
});

describe("plinth rules and explain", () => {
  it("list every rule, as text by pack and as data", async () => {
    const { rules } = JSON.parse((await plinth(["rules", "--format", "json"])).out) as { rules: { id: string }[] };
    expect(rules).toHaveLength(60);
    const { out } = await plinth(["rules", "--pack", "gpu"]);
    expect(out.match(/GPU\d{3}/g)).toEqual(Array.from({ length: 9 }, (_, index) => `GPU00${index + 1}`));
  });

  it("explain one rule by id or name, and name the nearest for a slip", async () => {
    expect((await plinth(["explain", "digest-pinned"])).out).toBe((await plinth(["explain", "img001"])).out);
    expect((await plinth(["explain", "GPU0012"])).err).toBe(
      'plinth: there is no rule GPU0012. Did you mean GPU001? "plinth rules" lists them.\n',
    );
  });
});
