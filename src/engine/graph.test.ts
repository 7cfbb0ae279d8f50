import { describe, expect, test } from "vitest";
import { run, runFiles, stack, urn } from "./fixtures/harness.js";

const r = (name: string): string => urn("t:i:R", name);

describe.concurrent("what a program declares", () => {
  test("components in components give type chains, plain answers and registered outputs", async () => {
    const { node, graph } = await run(`
const a = new C("a", {}, { size: 3 });
const b = new C("b", { parent: a });
const c = new R("c", { x: 1 }, { parent: b });
const d = new R("d", {}, { parent: c });
a.registerOutputs({ made: c.x, urn: d.urn });`);
    expect(node("c").urn).toBe(urn("t:i:C$t:i:C$t:i:R", "c"));
    expect(node("d").urn).toBe(urn("t:i:C$t:i:C$t:i:R$t:i:R", "d"));
    expect(node("d").parent).toBe(node("c").urn);
    expect(node("a")).toEqual({
      urn: urn("t:i:C", "a"),
      type: "t:i:C",
      name: "a",
      kind: "component",
      parent: stack,
      inputs: { size: 3 },
      outputs: { made: 1, urn: node("d").urn },
      options: {},
      dependencies: [],
      propertyDependencies: {},
      source: { file: "index.js", line: 1, column: expect.any(Number) },
    });
    expect(graph.edges.filter((edge) => edge.from === node("d").urn)).toEqual([
      { from: node("d").urn, to: node("c").urn, kind: "parent" },
      { from: node("d").urn, to: urn("pulumi:providers:t", "default"), kind: "provider" },
    ]);
    expect(graph.complete).toBe(true);
  });

  test("dependsOn a component means all custom descendants; dependsOn one's parent means nothing", async () => {
    const { node } = await run(`
const a = new C("a"); const b = new C("b", { parent: a });
new R("c", {}, { parent: b }); new R("d", {}, { parent: a });
new R("e", {}, { dependsOn: a }); 
const g = new C("g"); new R("f", {}, { parent: g, dependsOn: g });`);
    expect(node("e").dependencies).toEqual([urn("t:i:C$t:i:C$t:i:R", "c"), urn("t:i:C$t:i:R", "d")]);
    expect(node("f").dependencies).toEqual([]);
  });

  test("all options are recorded, times in seconds", async () => {
    const { node } = await run(`
const other = new R("other", {});
new R("r", { secretly: 1 }, { protect: true, retainOnDelete: true, deleteBeforeReplace: false, deletedWith: other,
  ignoreChanges: ["a"], replaceOnChanges: ["b"], hideDiffs: ["c"], additionalSecretOutputs: ["out"], import: "id-1",
  customTimeouts: { create: "10m", delete: "1h30m" }, replaceWith: [other], replacementTrigger: "v1",
  aliases: ["urn:pulumi:dev::p::t:i:Old::r", { name: "old" }, { type: "t:i:Older" }, { parent: pulumi.rootStackResource }] });`);
    expect(node("r").options).toEqual({
      protect: true,
      retainOnDelete: true,
      deleteBeforeReplace: false,
      deletedWith: r("other"),
      ignoreChanges: ["a"],
      replaceOnChanges: ["b"],
      hideDiffs: ["c"],
      additionalSecretOutputs: ["out"],
      importId: "id-1",
      customTimeouts: { create: 600, delete: 5400 },
      replaceWith: [r("other")],
      replacementTrigger: "v1",
      aliases: [
        "urn:pulumi:dev::p::t:i:Old::r",
        { name: "old", parent: stack },
        { type: "t:i:Older", parent: stack },
        { noParent: true },
      ],
    });
  });

  test("children inherit protect, retainOnDelete and deletedWith unless they say otherwise", async () => {
    const { node } = await run(`
const other = new R("other", {});
const a = new C("a", { protect: true, retainOnDelete: true, deletedWith: other });
new R("b", {}, { parent: a }); new R("c", {}, { parent: a, protect: false, retainOnDelete: false });`);
    expect(node("b").options).toEqual({ protect: true, retainOnDelete: true, deletedWith: r("other") });
    expect(node("c").options).toEqual({ deletedWith: r("other") });
  });

  test("explicit providers are passed down through components, with secret configuration withheld", async () => {
    const { node, secrets } = await run(`
class P extends pulumi.ProviderResource { constructor(n, p, o) { super("t", n, p, o); } }
const prov = new P("prov", { token: pulumi.secret("s3cr3t"), region: "eu" }, { version: "1.2.3" });
const a = new C("a", { providers: [prov] }); const b = new C("b", { parent: a });
new R("c", {}, { parent: b }); new R("d", {}, { provider: prov });`);
    const prov = urn("pulumi:providers:t", "prov");
    expect([node("c").provider, node("d").provider]).toEqual([prov, prov]);
    expect(node("a").options).toEqual({ providers: { t: prov } });
    expect(node("prov")).toMatchObject({
      kind: "provider",
      inputs: { token: { $secret: `${prov}.token` }, region: "eu", version: "1.2.3" },
    });
    expect(secrets.get(`${prov}.token`)).toBe("s3cr3t");
  });

  test("default providers are one for each version and server, with the package's configuration", async () => {
    const { graph } = await run(
      `
new R("a", {}, { version: "1.2.3" }); new R("b", {}, { version: "1.2.3-beta.1+x" }); new R("c", {});
new R("d", {}, { version: "1.2.3", pluginDownloadURL: "https://example.com/plug" });`,
      { config: { "t:region": "eu" } },
    );
    expect(graph.nodes.filter(({ kind }) => kind === "provider").map(({ name, inputs }) => [name, inputs])).toEqual([
      ["default", { region: "eu" }],
      ["default_1_2_3", { region: "eu", version: "1.2.3" }],
      ["default_1_2_3_beta_1_x", { region: "eu", version: "1.2.3-beta.1+x" }],
      ["default_1_2_3_https_/example.com/plug", { region: "eu", version: "1.2.3" }],
    ]);
  });

  test("unknown values name the resource and property they come from, through lifting, apply, interpolation and other resources", async () => {
    const { node, outputs } = await run(`
const a = new R("a", { known: "k" });
const b = new R("b", { direct: a.out, lifted: a.out.deep.x, list: a.out.items[0], applied: a.out.apply((v) => v + "!"), id: 1,
  text: pulumi.interpolate\`\${a.known}/\${a.out}\`, all: pulumi.all([a.known, a.out.y]).apply(([x, y]) => x + y), theId: a.id, kept: a.known });
new R("c", { again: b.direct, inner: pulumi.output("x").apply(() => a.out) });
exports.out = b.text; exports.known = a.known;`);
    expect(node("b").inputs).toEqual({
      direct: { $unknown: `${r("a")}.out` },
      lifted: { $unknown: `${r("a")}.out.deep.x` },
      list: { $unknown: `${r("a")}.out.items[0]` },
      applied: { $unknown: `${r("a")}.out` },
      text: { $unknown: `${r("a")}.out` },
      all: { $unknown: `${r("a")}.out.y` },
      theId: { $unknown: `${r("a")}.id` },
      kept: "k",
    });
    expect(node("b").propertyDependencies.text).toEqual([r("a")]);
    expect(node("c").inputs).toEqual({ again: { $unknown: `${r("a")}.out` }, inner: { $unknown: r("a") } });
    expect(outputs).toEqual({ known: "k", out: { $unknown: `${r("a")}.out` } });
  });

  test("secrets are withheld at any depth and kept beside the graph; a secret unknown stays both", async () => {
    const { node, secrets, graph, outputs } = await run(
      `
const config = new pulumi.Config(); const pw = config.requireSecret("pw");
const a = new R("a", { deep: { list: [pw, "open"] }, text: pulumi.interpolate\`x-\${pw}\`, open: pulumi.unsecret(pw).apply((v) => v.length) }, { additionalSecretOutputs: ["out"] });
new R("b", { hidden: pulumi.secret(a.id), out2: a.out });
exports.pw = pw; console.log("the password is hunter22");`,
      {
        files: {
          "Pulumi.yaml": "name: p\nruntime: nodejs\nconfig:\n  pw: { type: string, secret: true, default: hunter22 }\n",
        },
      },
    );
    expect(node("a").inputs).toEqual({
      deep: { list: [{ $secret: `${r("a")}.deep.list[0]` }, "open"] },
      text: { $secret: `${r("a")}.text` },
      open: 8,
    });
    expect(secrets.get(`${r("a")}.deep.list[0]`)).toBe("hunter22");
    expect(secrets.get(`${r("a")}.text`)).toBe("x-hunter22");
    expect(node("b").inputs).toEqual({
      hidden: { $secret: { $unknown: `${r("a")}.id` } },
      out2: { $secret: { $unknown: `${r("a")}.out` } },
    });
    expect(outputs).toEqual({ pw: { $secret: `${stack}.outputs.pw` } });
    expect(JSON.stringify(graph)).not.toContain("hunter22");
  });

  test("configuration getters see the stack's file, the project's defaults and overrides", async () => {
    const { outputs } = await run(
      `
const c = new pulumi.Config(), o = new pulumi.Config("other");
module.exports = { s: c.get("s"), n: c.requireNumber("n"), b: c.requireBoolean("b"), obj: c.requireObject("obj"), d: c.get("d"), x: o.get("x"), none: c.get("none") ?? "none", stack: pulumi.getStack(), org: pulumi.getOrganization(), project: pulumi.getProject() };`,
      {
        stack: "prod",
        config: { s: "over", "other:x": "y" },
        files: {
          "Pulumi.yaml": "name: p\nruntime: { name: nodejs }\nconfig: { d: standard, 'p:n': 1 }\n",
          "Pulumi.prod.yaml": "config:\n  p:s: file\n  p:n: 5\n  p:b: true\n  p:obj: { a: [1, two] }\n",
        },
      },
    );
    expect(outputs).toEqual({
      s: "over",
      n: 5,
      b: true,
      obj: { a: [1, "two"] },
      d: "standard",
      x: "y",
      none: "none",
      stack: "prod",
      org: "organization",
      project: "p",
    });
  });

  test("assets, archives, references and stack outputs of every kind are recorded", async () => {
    const { node, outputs } = await run(`
const a = new R("a", {});
new R("b", { ref: a, file: new pulumi.asset.FileAsset("./package.json"), empty: new pulumi.asset.StringAsset(""), text: new pulumi.asset.StringAsset("hi"),
  uri: new pulumi.asset.RemoteAsset("https://x/y"), zip: new pulumi.asset.FileArchive("./dir"), none: undefined, nil: null, list: [undefined, 1] });
exports.f = () => 1; exports.a = a; exports.n = null; exports.list = [1, "x"]; exports.u = undefined;`);
    expect(node("b").inputs).toMatchObject({
      ref: { $resource: r("a") },
      file: { $asset: { kind: "file", at: "./package.json" } },
      text: { $asset: { kind: "text", at: "sha256:8f434346648f6b96df89dda901c5176b10a6d83961dd3c1ac88b59b2dc327aa4" } },
      uri: { $asset: { kind: "uri", at: "https://x/y" } },
      zip: { $asset: { kind: "archive", at: "./dir" } },
      nil: null,
      list: [null, 1],
    });
    expect(outputs).toMatchObject({ list: [1, "x"] });
  });

  test("transformations and transforms run in the engine's order: own, parent's, stack's", async () => {
    const { node } = await run(`
const tag = (t) => (args) => args.type === "t:i:R" ? ({ props: { ...args.props, order: [...(args.props.order ?? []), t] }, opts: args.opts }) : undefined;
pulumi.runtime.registerResourceTransform(tag("stack"));
pulumi.runtime.registerStackTransformation((a) => a.type === "t:i:R" ? { props: { ...a.props, old: true }, opts: a.opts } : undefined);
pulumi.runtime.registerResourceTransform((args) => args.type === "t:i:R" ? { props: args.props, opts: pulumi.mergeOptions(args.opts, { protect: true }) } : undefined);
const src = new R("src", {});
const a = new C("a", { transforms: [tag("parent")] });
new R("r", { from: src.out, pw: pulumi.secret("s") }, { parent: a, transforms: [tag("own")] });
new R("plain", { from: src.out }, { parent: a });`);
    expect(node("r").inputs).toEqual({
      order: ["own", "parent", "stack"],
      old: true,
      from: { $unknown: `${r("src")}.out` },
      pw: { $secret: expect.any(String) },
    });
    // What a callback of the SDK answers when nobody set it, and what the real engine then records.
    expect(node("r").options).toEqual({ protect: true, deleteBeforeReplace: false });
    expect(node("r").dependencies).toEqual([r("src")]);
    expect(node("r").propertyDependencies).toEqual({});
    expect(node("plain").propertyDependencies).toEqual({ from: [r("src")] });
  });

  test("transforms of ancestors and of the stack cannot change what a resource waits for; its own can", async () => {
    const { node } = await run(`
const src = new R("src", {});
const wait = (args) => args.custom ? { props: args.props, opts: pulumi.mergeOptions(args.opts, { dependsOn: [src] }) } : undefined;
const a = new C("a", { transforms: [wait] });
new R("below", { x: 1 }, { parent: a }); new R("own", { x: 1 }, { transforms: [wait] });`);
    expect(node("below").dependencies).toEqual([]);
    expect(node("own").dependencies).toEqual([r("src")]);
  });

  test("a reference to a new resource comes back as its URN, from transforms and from the resource that was given it", async () => {
    const { node } = await run(`
pulumi.runtime.registerResourceTransform((args) => args.name === "by-transform" ? { props: { ...args.props, seen: true }, opts: args.opts } : undefined);
const a = new R("a", {});
new R("by-transform", { ref: a }); const b = new R("b", { ref: a }); new R("c", { again: b.ref });`);
    expect(node("by-transform").inputs).toEqual({ ref: r("a"), seen: true });
    expect(node("b").inputs).toEqual({ ref: { $resource: r("a") } });
    expect(node("c").inputs).toEqual({ again: r("a") });
  });

  test("a stash gives out what it was given", async () => {
    const { node } = await run(`
const known = new pulumi.Stash("known", { input: { a: 1 } }), hidden = new pulumi.Stash("hidden", { input: pulumi.secret("s3cr3t") });
new R("r", { known: known.output, part: known.output.a, hidden: hidden.output });`);
    expect(node("r").inputs).toEqual({ known: { a: 1 }, part: 1, hidden: { $secret: `${r("r")}.hidden` } });
  });

  test("an archive is named by its assets, in whatever order they were given", async () => {
    const { node } = await run(`
const one = new pulumi.asset.StringAsset("1"), two = new pulumi.asset.StringAsset("2");
new R("a", { zip: new pulumi.asset.AssetArchive({ one, two }) }); new R("b", { zip: new pulumi.asset.AssetArchive({ two, one }) });
new R("c", { zip: new pulumi.asset.AssetArchive({ one, two: one }) });`);
    expect(node("a").inputs).toEqual({ zip: { $asset: { kind: "archive", at: expect.stringMatching(/^sha256:/) } } });
    expect(node("b").inputs).toEqual(node("a").inputs);
    expect(node("c").inputs).not.toEqual(node("a").inputs);
  });

  test("providers without a version are of the package's: the parameterized one, else the installed one", async () => {
    const { node } = await run(`
const proto = require("@pulumi/pulumi/proto/resource_pb.js");
const parameterization = new proto.Parameterization(); parameterization.setName("sub"); parameterization.setVersion("2.3.4");
const request = new proto.RegisterPackageRequest(); request.setName("base"); request.setVersion("1.0.0"); request.setParameterization(parameterization);
const ref = new Promise((resolve, reject) => pulumi.runtime.getMonitor().registerPackage(request, (error, answer) => error ? reject(error) : resolve(answer.getRef())));
new (class extends pulumi.ProviderResource {})("sub", "sub", {}, {}, false, ref);
new (class extends pulumi.ProviderResource {})("kubernetes", "installed", {});
new (class extends pulumi.ProviderResource {})("elsewhere", "none", {});`);
    expect(node("sub").inputs).toEqual({ version: "2.3.4" });
    expect(node("installed").inputs).toEqual({ version: expect.stringMatching(/^4\./) });
    expect(node("none").inputs).toEqual({});
  });

  test("the default provider of a remote component and of a look-up in the state is there", async () => {
    const { graph, node } = await run(`
const src = new R("src", {});
new (class extends pulumi.ComponentResource {})("far:i:Remote", "rem", { in: src.out }, {}, true);
module.exports = (async () => {
  const urn = await new Promise((resolve) => src.urn.apply(resolve));
  new (class extends pulumi.CustomResource {})("t:i:R", "src", {}, { urn });
})();`);
    const providers = graph.nodes.filter(({ kind }) => kind === "provider").map(({ type }) => type);
    expect(providers).toEqual(["pulumi:providers:far", "pulumi:providers:pulumi", "pulumi:providers:t"]);
    expect(node("rem").propertyDependencies).toEqual({});
    expect(node("rem").dependencies).toEqual([r("src")]);
  });

  test("hooks run before and after creation when they asked for previews", async () => {
    const { logs, node } = await run(`
const say = (text) => (args) => console.log(text, args.name, JSON.stringify(args.newInputs));
const on = new pulumi.ResourceHook("on", say("before"), { onDryRun: true }), after = new pulumi.ResourceHook("after", say("after"), { onDryRun: true });
const off = new pulumi.ResourceHook("off", say("never"), {});
new R("r", { x: 1 }, { hooks: { beforeCreate: [on, off], afterCreate: [after] } });`);
    expect(logs.filter((line) => line.includes(" r "))).toEqual(['before r {"x":1}', 'after r {"x":1}']);
    expect(node("r").options.hooks).toEqual({ beforeCreate: ["on", "off"], afterCreate: ["after"] });
  });

  test("reads, stack references, remote components and methods stay unknown and are listed", async () => {
    const { node, graph, outputs } = await run(
      `
class Got extends pulumi.CustomResource { constructor(n, o) { super("t:i:Got", n, { x: undefined }, o); } }
const got = new Got("got", { id: "i-1" });
const ref = new pulumi.StackReference("acme/net/prod"), known = new pulumi.StackReference("acme/dns/prod");
class Remote extends pulumi.ComponentResource { constructor(n, p) { super("t:i:Remote", n, { out: undefined, ...p }, {}, true); } }
const rem = new Remote("rem", { in: got.x });
const called = pulumi.runtime.call("t:i:Remote/go", { a: 1 }, rem);
exports.all = [got.x, ref.getOutput("vpc"), known.getOutput("zone"), rem.out, called.y];`,
      {
        files: { "plinth.invokes.json": '{ "stackReferences": { "acme/dns/prod": { "zone": "example.com" } } }' },
      },
    );
    expect(node("got")).toMatchObject({ kind: "read", inputs: { id: "i-1" } });
    expect(node("rem")).toMatchObject({
      kind: "remote",
      opaque: true,
      inputs: { in: { $unknown: `${urn("t:i:Got", "got")}.x` } },
    });
    expect(node("rem").provider).toBeUndefined();
    expect(outputs).toEqual({
      all: [
        { $unknown: `${urn("t:i:Got", "got")}.x` },
        { $unknown: `${urn("pulumi:pulumi:StackReference", "acme/net/prod")}` },
        "example.com",
        { $unknown: `${urn("t:i:Remote", "rem")}.out` },
        { $unknown: "t:i:Remote/go.y" },
      ],
    });
    expect(graph.notices.map(({ code }) => code)).toEqual(["opaque", "unanswered-stack-reference", "opaque"]);
  });

  test("dynamic resources echo their inputs; late registrations count; logs and warnings are kept", async () => {
    const { node, graph, logs } = await run(`
class D extends pulumi.dynamic.Resource { constructor(n, p) { super({ create: async () => ({ id: "x", outs: {} }) }, n, { made: undefined, ...p }); } }
const d = new D("d", { size: 2 });
setTimeout(() => new R("late", { size: d.size, made: d.made }), 50);
let once = false; process.on("beforeExit", () => { if (!once) { once = true; new R("last", {}); } });
pulumi.log.warn("careful", d); pulumi.log.error("bad"); console.log("printed"); process.stdout.write("no newline");`);
    expect(node("d").type).toBe("pulumi-nodejs:dynamic:Resource");
    expect(node("late").inputs).toEqual({ size: 2, made: { $unknown: `${node("d").urn}.made` } });
    expect(node("last").kind).toBe("custom");
    expect(graph.notices).toEqual(
      [
        { severity: "error", code: "log", message: "bad" },
        { severity: "warning", code: "log", message: "careful", urn: node("d").urn },
      ].sort((a, b) => ((a.urn ?? "") < (b.urn ?? "") ? -1 : 1)),
    );
    expect(logs).toEqual(expect.arrayContaining(["printed", "no newline", "careful", "bad"]));
  });

  test("two runs of one program give the same bytes", async () => {
    const code = `
const src = new R("src", {}); for (let i = 0; i < 30; i++) new R("r" + i, { from: i % 2 ? src.out : i });
new k8s.core.v1.ConfigMap("c", { data: { a: src.out } }); pulumi.runtime.invokeOutput("t:i:ask", { a: 1 }); pulumi.log.warn("w");`;
    const [one, two] = await Promise.all([run(code), run(code)]);
    expect(JSON.stringify(one.graph)).toBe(JSON.stringify(two.graph));
  });
});

describe.concurrent("program shapes", () => {
  const body = (imports: string): string =>
    `${imports}\nclass R extends pulumi.CustomResource { constructor(n${imports.includes("ts") ? ": string" : ""}) { super("t:i:R", n, {}); } }\nfunction make() { return new R("r"); }\n`;

  test("TypeScript gives the line of the source", async () => {
    const { node } = await runFiles({
      "index.ts":
        'import * as pulumi from "@pulumi/pulumi";\ninterface A { x: number }\nclass R extends pulumi.CustomResource {\n  constructor(n: string, a: A) { super("t:i:R", n, a); }\n}\n[1].forEach((x) => {\n  new R("r", { x });\n});\nconst wrong: string = 1;\n',
    });
    expect(node("r").source).toMatchObject({ file: "index.ts", line: 7 });
  });

  test("an ES module with a default export", async () => {
    const { node, outputs } = await runFiles({
      "package.json": '{ "name": "p", "type": "module", "main": "main.mjs" }',
      "main.mjs": `${body('import * as pulumi from "@pulumi/pulumi";')}export default async () => ({ u: make().urn });`,
    });
    expect(outputs).toEqual({ u: r("r") });
    expect(node("r").source).toMatchObject({ file: "main.mjs", line: 3 });
  });

  test("main names a folder or a file, and stackConfigDir where the stacks are", async () => {
    const code = `${body('const pulumi = require("@pulumi/pulumi");')}make(); exports.cwd = require("path").basename(process.cwd()); exports.v = new pulumi.Config().require("v");`;
    const files = {
      "Pulumi.yaml": "name: p\nruntime: nodejs\nmain: app\nstackConfigDir: stacks\n",
      "stacks/Pulumi.dev.yaml": "config: { 'p:v': one }",
      "app/index.js": code,
    };
    const folder = await runFiles(files);
    expect(folder.outputs).toEqual({ cwd: "app", v: "one" });
    expect(folder.node("r").source).toMatchObject({ file: "app/index.js", line: 3 });
    const file = await runFiles({
      ...files,
      "Pulumi.yaml": "name: p\nruntime: nodejs\nmain: app/other.js\nstackConfigDir: stacks\n",
      "app/other.js": code,
    });
    expect(file.outputs).toEqual({ cwd: "app", v: "one" });
  });
});
