/** What both engines say when a program fails. Texts of the program itself stand in both; the engines' own differ. */
export interface Failure {
  readonly real: string;
  /** Absent where the embedded engine does not fail; `differences` has the reason. */
  readonly embedded?: string;
}

const both = (text: string): Failure => ({ real: text, embedded: text });
const duplicate = (urn: string): Failure => both(`Duplicate resource URN '${urn}'`);

export const failures: Readonly<Record<string, Failure>> = {
  "bad-timeout": {
    real: "unable to parse customTimeout Value soon",
    embedded: 'customTimeouts.create is "soon", which is not a duration',
  },
  "bad-type-token": both("Type 'bad' is not a valid type token (must have format '*:*:*')"),
  "config-not-a-number": both("Configuration 'p:size' value 'many' is not a valid number"),
  "default-and-named": both("expected entrypoint module to have either a default export or named exports but not both"),
  "disabled-default-provider": both("Default provider for 'test' disabled."),
  "duplicate-hook": both('resource hook already registered for name "twice"'),
  "duplicate-in-twins": duplicate("urn:pulumi:dev::p::test:index:Group$test:index:Thing::kid"),
  "duplicate-urn": duplicate("urn:pulumi:dev::p::test:index:Thing::a"),
  "exit-0": { real: "promises were still active", embedded: "ended while values were still waited for" },
  "exit-3": { real: "Program exited with non-zero exit code: 3", embedded: "ended itself with exit code 3" },
  "failing-hook": both('before hook "refuse" failed: not on my watch'),
  "failing-invoke": {
    real: "invocation of test:index:fail returned an error",
    embedded: "asks the cloud test:index:fail",
  },
  "kubernetes-generate-name": {
    real: "the `.metadata.generateName` field is not supported in Server-Side Apply mode",
    embedded: "metadata.generateName does not work with server-side apply",
  },
  "kubernetes-list": {
    real: "list resources exist for compatibility",
    embedded: "ConfigMapList exists for compatibility and cannot be created",
  },
  "kubernetes-patch-without-name": {
    real: "patch resources require the `.metadata.name` field to be set",
    embedded: "metadata.name is required",
  },
  "missing-config": {
    real: "Missing required configuration variable 'shop:currency'",
    embedded: 'the configuration value "shop:currency" is required',
  },
  "missing-file": {
    real: "Cannot find module './no-such-file'",
    embedded: 'there is no file for the import "./no-such-file"',
  },
  "missing-module": {
    real: "Cannot find module 'not-installed-anywhere'",
    embedded: 'the package "not-installed-anywhere" is not installed',
  },
  "never-resolves": { real: "promises were still active", embedded: "ended while values were still waited for" },
  rejection: both("rejected for a reason"),
  "resource-error": both("this resource is wrong"),
  "run-error": both("the message alone"),
  "syntax-error": both("SyntaxError: Unexpected token ')'"),
  "throw-at-top": both("nothing goes on from here"),
  "throw-in-apply": both("TypeError: cannot use n"),
  "throw-text": both("only a text"),
  "throwing-transform": both("transform failed: Error: this transform is broken"),
  "throwing-transformation": both("this transformation is broken"),
  "type-error": { real: "index.ts(3,7): error TS2322: Type 'number' is not assignable to type 'string'." },
  "unknown-stack": { real: 'unknown stack "organization/nowhere/dev"' },
};
