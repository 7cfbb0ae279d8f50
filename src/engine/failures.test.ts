// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the texts are programs.
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { failure, run, runFiles, urn, writeProgram } from "./fixtures/harness.js";
import { runProgram } from "./run-program.js";

describe.concurrent("programs that fail end with a message for the user", () => {
  const cases: readonly [string, string, string | RegExp][] = [
    ["a throw", 'const x = 1;\nthrow new Error("boom");', "index.js:2: boom"],
    ["a TypeError", "undefined.x;", "index.js:1: TypeError: Cannot read properties of undefined (reading 'x')"],
    [
      "a throw in apply",
      'const r = new R("r", { a: 1 });\nr.a.apply(() => {\n  throw new Error("late");\n});',
      "index.js:3: late",
    ],
    ["a rejection", 'Promise.reject(new Error("no"));', "index.js:1: no"],
    ["a thrown string", 'throw "just text";', "just text"],
    [
      "process.exit(3)",
      'new R("r", {});\nprocess.exit(3);',
      /^The program ended itself with exit code 3 before it was done\. Look for "process.exit"\.$/,
    ],
    [
      "process.exit(0) before the end",
      'new R("r", {});\nprocess.exit(0);',
      /^The program ended while values were still waited for|^The program ended itself with exit code 0/,
    ],
    [
      "an input that never resolves",
      'new R("ok", {});\nnew R("stuck", { a: new Promise(() => {}) });',
      'The program ended while values were still waited for: an input that never resolves, a dependency cycle, or an early process.exit.\nindex.js:2: t:i:R "stuck" was never registered',
    ],
    [
      "a duplicate name",
      'new R("same", { a: 1 });\nnew R("same", { a: 2 });',
      `index.js:2: Duplicate resource URN '${urn("t:i:R", "same")}': two resources of type t:i:R have the name "same", at index.js:1 and index.js:2. Give one of them another name.`,
    ],
    [
      "one child name under two components of a type",
      'for (const n of ["a", "b"]) new R("kid", {}, { parent: new C(n) });',
      /two resources of type t:i:R have the name "kid", at index\.js:1 \(twice\)\. Give one of them another name; the names of parents do not make names unique/,
    ],
    [
      "Outputs in strings",
      'const r = new R("r", { a: 1 });\nnew R(`x-${r.a}`, {});\nnew R("y", { deep: [`v-${r.a}`] });\nexports.bad = `${r.a}`;',
      /^The output "bad" of the stack was made from an Output as if it were a string[^\n]*\nindex\.js:2: t:i:R: the resource's name was made from an Output[^\n]*\nindex\.js:3: t:i:R "y": "deep" was made from an Output/,
    ],
    [
      "missing configuration",
      'const c = new pulumi.Config();\nc.require("size");',
      'index.js:2: the configuration value "p:size" is required and Pulumi.dev.yaml does not have it. Set it with "pulumi config set p:size <value> --stack dev", or give --config p:size=<value>.',
    ],
    [
      "a missing package",
      'require("no-such-package");',
      'index.js:1: the package "no-such-package" is not installed. Run "npm install" in the program\'s folder, or "npm install no-such-package" if it is not in package.json yet.',
    ],
    ["a missing file", 'require("./nothing");', 'index.js:1: there is no file for the import "./nothing".'],
    [
      "a bad type token",
      'class B extends pulumi.CustomResource { constructor() { super("bad", "b", {}); } }\nnew B();',
      "index.js:1: failed to register new resource b [bad]: Type 'bad' is not a valid type token (must have format '*:*:*')",
    ],
    [
      "a timeout that is no duration",
      'new R("r", {}, { customTimeouts: { create: "soon" } });',
      'index.js:1: failed to register new resource r [t:i:R]: customTimeouts.create is "soon", which is not a duration such as "10m" or "1h30m"',
    ],
    [
      "a throwing transform",
      'new R("r", {}, { transforms: [() => { throw new Error("mine"); }] });',
      /^index\.js:1: failed to register new resource r \[t:i:R\]: .*transform failed: Error: mine$/,
    ],
    [
      "a failing hook",
      'const h = new pulumi.ResourceHook("h", () => { throw new Error("refused"); }, { onDryRun: true });\nnew R("r", {}, { hooks: { beforeCreate: [h] } });',
      /^before hook "h" failed: refused/,
    ],
    [
      "a plain data source",
      'async function main() {\n  await pulumi.runtime.invoke("aws:ec2/getVpc:getVpc", { default: true });\n}\nmain();',
      'index.js:2: The program asks the cloud aws:ec2/getVpc:getVpc and needs the answer at once (plain form), which a preview without credentials does not have. Either call getVpcOutput, or write the answer into plinth.invokes.json beside Pulumi.yaml:\n{ "invokes": [ { "token": "aws:ec2/getVpc:getVpc", "args": {"default":true}, "result": { … } } ] }',
    ],
    [
      "generateName",
      'new k8s.core.v1.ConfigMap("c", { metadata: { generateName: "x-" } });',
      'index.js:1: kubernetes:core/v1:ConfigMap "c": metadata.generateName does not work with server-side apply, the default: give metadata.name, or leave both out.',
    ],
  ];
  for (const [name, code, expected] of cases) {
    test(name, async () => {
      const message = await failure(run(code));
      if (typeof expected === "string") expect(message).toBe(expected);
      else expect(message).toMatch(expected);
    });
  }

  test("a program that never ends is stopped at the limit", async () => {
    const started = performance.now();
    const message = await failure(run('new R("r", {});\nsetInterval(() => {}, 1000);', { timeoutSeconds: 2 }));
    expect(message).toBe(
      'The program did not end within 2 s and was stopped. The last resource it declared was t:i:R "r" at index.js:1. Something keeps it running: a timer, a server, an open connection or a loop. If it only needs longer, raise --timeout.',
    );
    expect(performance.now() - started).toBeLessThan(10_000);
  });

  test("missing configuration is reported within two seconds", async () => {
    const directory = writeProgram({ "index.js": 'new (require("@pulumi/pulumi").Config)().require("x");' });
    const started = performance.now();
    expect(await failure(runProgram({ directory }))).toContain('"p:x" is required');
    expect(performance.now() - started).toBeLessThan(4000);
  });

  test("a syntax error names file and line, in JavaScript and TypeScript", async () => {
    expect(await failure(runFiles({ "index.js": "const a = 1;\nconst b = ;\n" }))).toMatch(
      /^index\.js:2: SyntaxError: Unexpected token/,
    );
    expect(await failure(runFiles({ "index.ts": "const a = 1;\nconst b = ;\n" }))).toMatch(
      /^index\.ts(:2|\(2,11\)): /m,
    );
  });

  test("a secret value never reaches a message", async () => {
    const files = { "Pulumi.yaml": "name: p\nruntime: nodejs\nconfig:\n  pw: { secret: true, default: hunter22 }\n" };
    const code = 'throw new Error("wrong password " + new pulumi.Config().get("pw"));';
    expect(await failure(run(code, { files }))).toBe("index.js:1: wrong password [secret]");
  });

  test("encrypted configuration: text is a secret unknown, numbers must be given", async () => {
    const files = { "Pulumi.dev.yaml": "config:\n  p:token: { secure: AAAA }\n  p:size: { secure: BBBB }\n" };
    const { node, graph } = await run(
      'const c = new pulumi.Config(); new R("r", { a: c.requireSecret("token"), b: "x" + c.get("token") });',
      { files },
    );
    const unknown = { $secret: { $unknown: "config:p:token" } };
    expect(node("r").inputs).toEqual({ a: unknown, b: unknown });
    expect(graph.notices.map(({ code }) => code)).toEqual(["placeholder-config", "placeholder-config"]);
    const number = 'const c = new pulumi.Config();\nexports.n = c.requireNumber("size");';
    expect(await failure(run(number, { files }))).toBe(
      'index.js:2: the program reads "p:size" as a number, but Pulumi.dev.yaml holds it encrypted, so a preview does not know it. Give --config p:size=<value>.',
    );
    const given = await run(number, { files, config: { size: "12" } });
    expect(given.outputs).toEqual({ n: 12 });
  });
});

describe("projects that cannot be run", () => {
  const files = { "index.js": "" };
  test("another runtime is refused by name", async () => {
    expect(await failure(runFiles({ ...files, "Pulumi.yaml": "name: p\nruntime: python\n" }))).toBe(
      'Pulumi.yaml: the runtime is "python"; only programs for the runtime nodejs (TypeScript or JavaScript) can be previewed.',
    );
  });

  test("several stacks without dev need a choice", async () => {
    expect(await failure(runFiles({ ...files, "Pulumi.prod.yaml": "", "Pulumi.test.yaml": "" }))).toBe(
      "The stack is not clear: this project has prod, test. Choose one with --stack.",
    );
  });

  test("a file that does not parse or fit names the place", async () => {
    expect(await failure(runFiles({ ...files, "Pulumi.yaml": "name: p\nruntime: [nodejs\n" }))).toMatch(
      /^Pulumi\.yaml:\d+:\d+: /,
    );
    expect(await failure(runFiles({ ...files, "Pulumi.yaml": "name: 3\nruntime: nodejs\n" }))).toMatch(
      /^Pulumi\.yaml:1:7: name: /,
    );
    expect(
      await failure(runFiles({ ...files, "plinth.invokes.json": '{ "invokes": [ { "token": 1, "result": {} } ] }' })),
    ).toMatch(/^plinth\.invokes\.json:1:\d+: invokes\.0\.token: /);
  });

  test("no folder, no Pulumi.yaml, no SDK, no main, a wrong timeout", async () => {
    const empty = mkdtempSync(join(tmpdir(), "plinth-empty-"));
    expect(await failure(runProgram({ directory: join(empty, "none") }))).toMatch(
      /^There is no folder ".*none"\. Give the folder/,
    );
    expect(await failure(runProgram({ directory: empty }))).toMatch(/has no Pulumi\.yaml/);
    writeFileSync(join(empty, "Pulumi.yaml"), "name: p\nruntime: nodejs\n");
    writeFileSync(join(empty, "index.js"), "");
    expect(await failure(runProgram({ directory: empty }))).toMatch(
      /^The Pulumi SDK is not installed for this program\. Run "npm install"/,
    );
    expect(await failure(runFiles({ ...files, "Pulumi.yaml": "name: p\nruntime: nodejs\nmain: gone\n" }))).toBe(
      'Pulumi.yaml: main is "gone", which does not exist. Give a folder or a file of the program.',
    );
    expect(await failure(runProgram({ directory: empty, timeoutSeconds: 0 }))).toBe(
      "--timeout is 0; give a number of seconds above 0.",
    );
  });
});
