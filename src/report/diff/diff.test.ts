import { describe, expect, it } from "vitest";
import type { GraphDiff, PathChange, ResourceChange, Risk } from "../../graph/diff/index.js";
import { diffReports } from "./index.js";

const path = (given: Partial<PathChange>): PathChange => ({
  of: "input",
  path: "spec.replicas",
  change: "changed",
  certain: true,
  replaces: false,
  ...given,
});

const change = (given: Partial<ResourceChange>): ResourceChange => ({
  action: "change",
  urn: "urn:pulumi:prod::shop::kubernetes:apps/v1:Deployment::d",
  type: "kubernetes:apps/v1:Deployment",
  title: "Deployment ml/d",
  kind: "custom",
  certain: true,
  paths: [],
  ...given,
});

function diff(changes: readonly ResourceChange[], risks: readonly Risk[] = [], uncomparedSecrets = 0): GraphDiff {
  const side = { project: "shop", stack: "prod", resources: 1 };
  const count = (action: ResourceChange["action"]) => changes.filter((each) => each.action === action).length;
  const actions = {
    add: count("add"),
    remove: count("remove"),
    replace: count("replace"),
    change: count("change"),
    rename: count("rename"),
  };
  return {
    version: 1,
    base: side,
    head: side,
    changes,
    risks,
    summary: { ...actions, unchanged: 3, risks: risks.length, uncomparedSecrets },
  };
}

const written = (format: string, given: GraphDiff, unicode = true) =>
  diffReports[format]?.({ diff: given, folder: "examples/shop", style: { color: false, unicode } }) ?? "";

const line = (given: Partial<PathChange>) =>
  written("text", diff([change({ paths: [path(given)] })]))
    .split("\n")[1]
    ?.trim();

const risk: Risk = {
  kind: "removal",
  urn: "u",
  title: "aws:s3:Bucket models",
  message: "Removing it deletes the objects in the bucket.",
  certain: true,
};

describe("the text", () => {
  it("puts what can hurt first and names the place in the program", () => {
    const all = diff(
      [
        change({ action: "add", title: "Service ml/new", source: { file: "index.ts", line: 7, column: 1 } }),
        change({ action: "rename", title: "Service ml/b", formerTitle: "Service ml/a" }),
        change({ paths: [path({ before: 1, after: 2 })] }),
        change({
          action: "replace",
          certain: false,
          paths: [
            path({ path: "spec.selector", before: "a", after: { $unknown: "u.b" }, certain: false, replaces: true }),
          ],
        }),
        change({ action: "remove", title: "aws:s3:Bucket models" }),
      ],
      [risk],
      1,
    );
    expect(written("text", all)).toBe(`At risk of data loss
  aws:s3:Bucket models
    Removing it deletes the objects in the bucket.

- aws:s3:Bucket models removed
± Deployment ml/d may be replaced
    spec.selector: "a" → known after deployment (may replace)
~ Deployment ml/d changed
    spec.replicas: 1 → 2
= Service ml/b, was Service ml/a renamed
+ Service ml/new added                                                    examples/shop/index.ts:7:1

1 removed, 1 replaced, 1 changed, 1 renamed, 1 added; 3 unchanged; 1 risk of data loss; 1 secret withheld and not compared
`);
    expect(written("text", all, false)).toMatch(/^-\/\+ Deployment ml\/d may be replaced$/m);
    expect(written("text", diff([]))).toBe("No difference; 3 unchanged; no risk of data loss found\n");
  });

  it("shows values short, and from where they differ", () => {
    expect(line({ change: "added", after: { a: [1, "x"] } })).toBe('spec.replicas: added {"a":[1,"x"]}');
    expect(line({ change: "removed", before: "x" })).toBe('spec.replicas: removed "x"');
    expect(line({ change: "reordered", before: ["a", "b"], after: ["b", "a"] })).toBe(
      'spec.replicas: ["a","b"] → ["b","a"] (order)',
    );
    const long = (end: string) => `${"a".repeat(100)}${end}${"b".repeat(100)}`;
    expect(line({ before: long("1"), after: long("2") })).toBe(
      `spec.replicas: …${"a".repeat(20)}1${"b".repeat(39)}… → …${"a".repeat(20)}2${"b".repeat(39)}…`,
    );
    expect(line({ of: "option", path: "protect", change: "removed", before: true })).toBe(
      "option protect: removed true",
    );
  });

  it("withholds secrets and says what is not known", () => {
    const secret = { $secret: "urn.token" };
    const unknown = { $unknown: "urn.arn" };
    expect(line({ before: secret, after: secret })).toBe("spec.replicas: secret → another secret");
    expect(line({ before: "x", after: unknown, certain: false })).toBe(
      'spec.replicas: "x" → known after deployment (may change)',
    );
    expect(line({ before: unknown, after: { $unknown: "urn.id" }, certain: false })).toBe(
      "spec.replicas: known after deployment, from another resource (may change)",
    );
    expect(line({ before: unknown, after: unknown, certain: false, replaces: true })).toBe(
      "spec.replicas: known after deployment, of a resource that is replaced (may replace)",
    );
    expect(line({ change: "added", after: { a: secret, b: unknown } })).toBe(
      'spec.replicas: added {"a":"secret","b":"known after deployment"}',
    );
  });

  it("shows control characters of a value, and does not send them", () => {
    expect(line({ path: "a\u001b[2J", before: "x", after: "\u202ey" })).toBe('a\\u001b[2J: "x" → "\\u202ey"');
  });
});

describe("the Markdown", () => {
  it("has what can hurt open and the rest behind a click", () => {
    const text = written(
      "markdown",
      diff(
        [
          change({
            action: "replace",
            paths: [path({ path: "spec.selector", before: "a", after: "b", replaces: true })],
          }),
          change({ action: "add", title: "Service ml/new", source: { file: "index.ts", line: 7 } }),
        ],
        [risk],
      ),
    );
    expect(text).toBe(`### Changes: data at risk

1 replaced, 1 added; 3 unchanged; 1 risk of data loss.

| Risk | Resource |  |
| --- | --- | --- |
| removal | aws:s3:Bucket models | Removing it deletes the objects in the bucket. |

|  | Resource | Because of | At |
| --- | --- | --- | --- |
| replaced | Deployment ml/d | <code>spec.selector</code> "a" → "b" |  |

<details><summary>Changed values: 1</summary>

| Resource | Path | Difference |  |
| --- | --- | --- | --- |
| Deployment ml/d | <code>spec.selector</code> | "a" → "b" | replaces |

</details>

<details><summary>Added: 1</summary>

| Resource | At |
| --- | --- |
| Service ml/new | <code>examples/shop/index.ts:7</code> |

</details>
`);
  });

  it("takes no markup from values, and counts what is too much", () => {
    const rows = Array.from({ length: 150 }, () => change({ paths: [path({ before: "|<img>", after: "@all" })] }));
    const text = written("markdown", diff(rows));
    expect(text).not.toMatch(/<img|@all/);
    expect(text).toContain("and 50 more");
    expect(text.length).toBeLessThan(65_536);
  });
});

it("writes JSON that says what it is", () => {
  const given = diff([change({ paths: [path({ before: 1, after: 2 })] })], [risk]);
  expect(JSON.parse(written("json", given))).toEqual(given);
});
