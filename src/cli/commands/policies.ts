import { relative, resolve } from "node:path";
import { assembleGraph } from "../../graph/assemble.js";
import { kubernetesType } from "../../graph/kubernetes.js";
import { InputError, type Properties } from "../../graph/model.js";
import { type AdmissionObject, admissionPolicies, type ValidationAction } from "../../policy/admission/index.js";
import { resolvePolicy } from "../../policy/config/resolve.js";
import { environments, severities } from "../../policy/config/schema.js";
import { writeFolder } from "../../report/folder.js";
import { type ObjectYaml, objectYamls, yamlReport } from "../../report/yaml.js";
import type { Environment, Severity } from "../../rules/index.js";
import { exit, type Io } from "../io.js";
import { type OptionSpecs, optionHelp, type ParsedArguments, readArguments } from "../options.js";
import { policyOption, readPolicy, waiversFor } from "../policy.js";
import { tellFolder } from "../tell.js";
import { version } from "../version.js";

const actions: readonly ValidationAction[] = ["Deny", "Warn", "Audit"];

const options: OptionSpecs = {
  out: { value: "DIR", short: "o", help: "write one file per object there; default: print them all" },
  policy: policyOption,
  environment: {
    value: "NAME",
    choices: environments,
    help: "where the cluster stands; default what the policy file says",
  },
  "validation-action": {
    value: "ACTION",
    repeats: true,
    choices: actions,
    help: "what happens to what breaks a rule; Warn and Audit can be given together; default Deny",
  },
  "deny-from": { value: "SEVERITY", choices: severities, help: "rules of a lower severity warn instead; default low" },
  "failure-policy": {
    value: "POLICY",
    choices: ["Fail", "Ignore"],
    help: "whether a request that cannot be judged is refused; default Fail",
  },
  "exempt-namespace": {
    value: "NAME",
    repeats: true,
    help: "a namespace in which nothing is judged; default those of Kubernetes and GKE themselves",
  },
  controller: {
    value: "USER",
    repeats: true,
    help: "a user whose requests are not judged; default the controllers of Kubernetes",
  },
  name: { value: "NAME", help: "name of the parameters and start of the policies' names; default plinth" },
  help: { short: "h", help: "this help" },
};

const help = `Write the rules on single objects as policies that an API server itself enforces.

Usage: plinth policies emit [FOLDER] --out DIR

Makes ValidatingAdmissionPolicies with their bindings, one PolicyParameters (parameters, waivers and environment of the
policy file in FOLDER) and its CustomResourceDefinition, for Kubernetes 1.35 or newer. Rules across objects and on
cloud resources stay with "plinth check". Waivers that have expired are left out: emit and apply again every day.

${optionHelp(options)}

Examples:
  plinth policies emit --out policies --validation-action Warn --validation-action Audit
  plinth policies emit --environment production --out policies && kubectl apply -f policies
`;

export async function run(args: readonly string[], io: Io): Promise<number> {
  const parsed = readArguments("policies", args, options);
  if (parsed.values.help) {
    io.stdout(help);
    return exit.ok;
  }
  const { objects, leftOut } = await emitted(parsed, io);
  const yamls = objectYamls(graphOf(objects));
  const [out] = parsed.values.out ?? [];
  if (out === undefined) io.stdout(yamlReport(yamls));
  else await write(out, yamls, io);
  for (const { what, why } of leftOut) io.stderr(`plinth: the ${what} does not count in the cluster: ${why}\n`);
  return exit.ok;
}

async function emitted(parsed: ParsedArguments, io: Io) {
  const { positionals, values } = parsed;
  const [action, folder = ".", ...more] = positionals;
  if (action !== "emit") {
    throw new InputError(
      `plinth policies has only "emit"${action === undefined ? "" : `, not "${action}"`}: plinth policies emit --out DIR.`,
    );
  }
  if (more.length > 0) throw new InputError(`Give one folder: ${[folder, ...more].join(" ")}.`);
  const validationActions = (values["validation-action"] ?? ["Deny"]) as ValidationAction[];
  if (validationActions.includes("Deny") && validationActions.includes("Warn")) {
    throw new InputError("--validation-action cannot be Deny and Warn at once: what is denied needs no warning.");
  }
  const directory = resolve(io.directory, folder);
  const { read, rules } = await readPolicy(parsed, directory, io);
  const [environment] = (values.environment ?? []) as Environment[];
  const policy = resolvePolicy(rules, read, environment);
  const [failurePolicy] = (values["failure-policy"] ?? []) as ("Fail" | "Ignore")[];
  const [denyFrom] = (values["deny-from"] ?? []) as Severity[];
  const [name] = values.name ?? [];
  return admissionPolicies(policy.rules, {
    environment: policy.environment,
    parameters: policy.parameters,
    waivers: waiversFor(read, policy.environment),
    exempt: policy.exempt,
    today: new Date().toISOString().slice(0, 10),
    version: version(),
    validationActions,
    ...(failurePolicy && { failurePolicy }),
    ...(denyFrom && { denyFrom }),
    ...(name !== undefined && { name }),
    ...(values["exempt-namespace"] && { exemptNamespaces: values["exempt-namespace"] }),
    ...(values.controller && { controllers: values.controller }),
  });
}

async function write(out: string, yamls: readonly ObjectYaml[], io: Io): Promise<void> {
  const folder = resolve(io.directory, out);
  const shown = relative(io.directory, folder) || ".";
  tellFolder(shown, await writeFolder(folder, yamls), io);
  io.stdout(`Apply them twice, since the first time defines the kind of the parameters: kubectl apply -f ${shown}\n`);
}

/** The objects as the graph that is written as YAML. */
function graphOf(objects: readonly AdmissionObject[]) {
  const nodes = objects.map((object) => {
    const { apiVersion, kind, metadata } = object;
    const type = kubernetesType(apiVersion, kind);
    return {
      urn: `urn:pulumi:policies::plinth::${type}::${metadata.name}`,
      type,
      name: metadata.name,
      kind: "custom" as const,
      inputs: object as unknown as Properties,
      options: {},
      dependencies: [],
      propertyDependencies: {},
    };
  });
  return assembleGraph({ origin: "manifests", project: "plinth", stack: "policies", nodes });
}
