import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { program, programSecrets } from "../graph/fixtures/program.js";
import { kubernetesYaml } from "../graph/yaml.js";
import { applyRank } from "./order.js";
import { notRendered, objectYamls, stringifyYaml, yamlReport } from "./yaml.js";

describe("the YAML report", () => {
  it("writes the objects in the order of applying, with comments for what is unknown or withheld", () => {
    expect(yamlReport(objectYamls(program))).toBe(`# Known after deployment; the placeholders below are not values:
#   data.arn: aws:eks:NodeGroup serving.gpu.arn
apiVersion: v1
kind: ConfigMap
metadata:
  name: info
  namespace: fraud
data:
  answer: "yes"
  arn: "<unknown: aws:eks:NodeGroup serving.gpu.arn>"
---
# Secret values are withheld (plinth render --show-secrets writes them):
#   data
apiVersion: v1
kind: Secret
metadata:
  name: token
  namespace: fraud
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: model
  namespace: fraud
  labels:
    app: model
spec:
  template:
    spec:
      containers:
        - image: nginx:1.29
          name: server
`);
  });

  it("writes the values of secrets when it is given them", () => {
    const [secret] = objectYamls(program, { secrets: programSecrets }).filter(({ object }) => object.kind === "Secret");
    expect(secret?.withheld).toEqual([]);
    expect(parse(secret?.text ?? "").data).toEqual({ password: "aHVudGVyMg==" });
  });

  it("lists the resources whose objects cannot be seen", () => {
    expect(notRendered(program)).toEqual(["kubernetes:helm.sh:Chart keda"]);
  });

  it("puts namespaces before definitions, these before workloads, and admission last", () => {
    const kinds = ["ValidatingWebhookConfiguration", "NodePool", "Deployment", "Secret", "ServiceAccount", "Namespace"];
    expect([...kinds].sort((a, b) => applyRank(a) - applyRank(b))).toEqual([
      "Namespace",
      "ServiceAccount",
      "Secret",
      "Deployment",
      "NodePool",
      "ValidatingWebhookConfiguration",
    ]);
  });

  it("reads back as the same value by YAML 1.1 and 1.2", () => {
    const tricky = fc.constantFrom(
      "yes",
      "on",
      "y",
      "0644",
      "0o17",
      "1e3",
      "1:30",
      "~",
      "=",
      "<<",
      "2001-01-01",
      "1_000",
      "a\nb\n",
      "# x",
      "%a",
      "---",
    );
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { depthSize: "small" },
        tricky,
        fc.string(),
        fc.integer(),
        fc.boolean(),
        fc.constant(null),
        fc.array(tie("tree")),
        // As a key "<<" merges, quoted or not, in every reader of YAML 1.1; no Kubernetes object has such a field.
        fc.dictionary(
          fc.oneof(tricky, fc.string()).filter((key) => key !== "<<"),
          tie("tree"),
        ),
      ),
    }));
    fc.assert(
      fc.property(tree, (value) => {
        const text = stringifyYaml(value);
        const normal = JSON.parse(JSON.stringify(value));
        expect(JSON.parse(JSON.stringify(parse(text)))).toEqual(normal);
        expect(JSON.parse(JSON.stringify(parse(text, { ...kubernetesYaml, logLevel: "silent" })))).toEqual(normal);
      }),
    );
  });
});
