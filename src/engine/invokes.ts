import { parseAllDocuments } from "yaml";
import type { InvokeRecord, SourcePosition } from "../graph/model.js";
import { kubernetesYaml } from "../graph/yaml.js";
import { answersFile } from "./answers.js";
import { isNamespaced } from "./kubernetes.js";
import { policyDocument } from "./policy-document.js";
import type { InvokeRequest } from "./protocol.js";
import { knownProviderInputs, resolveProvider } from "./provider-resources.js";
import type { Session } from "./session.js";
import { fromStackText } from "./source.js";
import {
  fromStruct,
  isObject,
  type Struct,
  toStruct,
  UNKNOWN,
  unwrapSecret,
  type Wire,
  type WireObject,
} from "./wire.js";

/** Data sources that need no cloud: from arguments and the provider's inputs to the result. */
const computed: Readonly<Record<string, (args: WireObject, provider: WireObject) => WireObject | undefined>> = {
  "aws:iam/getPolicyDocument:getPolicyDocument": policyDocument,
  "aws:index/getRegion:getRegion": regionResult,
  "aws:index/getPartition:getPartition": partitionResult,
  "kubernetes:yaml:decode": decodeYaml,
  // Charts and kustomizations need their own programs; the component stays without children and is marked opaque.
  "kubernetes:helm:template": () => ({ result: [] }),
  "kubernetes:kustomize:directory": () => ({ result: [] }),
};

/** The answer that the preload turns into a wholly unknown Output. */
export const unknownAnswer = { return: toStruct({ __plinthUnknown: true }) };

export async function invoke(session: Session, request: InvokeRequest): Promise<object> {
  const { args, options } = await transformInvoke(session, request);
  const { outputForm, source } = readTag(request.parentStackTraceHandle, session);
  const record = (answer: InvokeRecord["answer"]): void => {
    session.invokes.push({ token: request.tok, answer, args, ...(source ? { source } : {}) });
  };
  const provider = resolveProvider(session, {
    ...request,
    ...options,
    type: request.tok,
    parent: undefined,
    providers: {},
  });
  if (request.tok === "pulumi:pulumi:getResource")
    return { return: toStruct(resourceState(session, String(args.urn))) };
  const settings = knownProviderInputs(session, provider);
  const fromFile = session.answers.invoke(request.tok, args);
  if (fromFile) {
    record("file");
    return { return: toStruct(fromFile) };
  }
  const result = settings && computed[request.tok]?.(args, settings);
  if (result) {
    record("computed");
    return { return: toStruct(result) };
  }
  // As the real engine answers for a provider that does not exist yet.
  if (settings === undefined && !outputForm) {
    record("unknown");
    return { return: toStruct({}) };
  }
  if (outputForm) {
    record("unknown");
    session.notices.push({
      severity: "info",
      code: "unanswered-invoke",
      message: `${request.tok} is unknown until deployment. To give an answer for the preview, put ${stanza(request.tok, args)} into "invokes" of ${answersFile}.`,
      ...(source ? { source } : {}),
    });
    return unknownAnswer;
  }
  return session.abort({
    message: `The program asks the cloud ${request.tok} and needs the answer at once (plain form), which a preview without credentials does not have. Either call ${outputFormOf(request.tok)}, or write the answer into ${answersFile} beside Pulumi.yaml:\n{ "invokes": [ ${stanza(request.tok, args)} ] }`,
    ...(source ? { source } : {}),
  });
}

const stanza = (token: string, args: WireObject): string =>
  `{ "token": ${JSON.stringify(token)}, "args": ${JSON.stringify(args)}, "result": { … } }`;

/** `aws:ec2/getVpc:getVpc` is called as `getVpcOutput` when it may be unknown. */
const outputFormOf = (token: string): string => `${token.slice(token.lastIndexOf(":") + 1)}Output`;

function readTag(handle: string, session: Session): { outputForm: boolean; source: SourcePosition | undefined } {
  if (!handle.startsWith("{")) return { outputForm: false, source: undefined };
  const { outputForm, stack } = JSON.parse(handle) as { outputForm: boolean; stack: string };
  return { outputForm, source: fromStackText(stack, session.roots) };
}

async function transformInvoke(
  session: Session,
  request: InvokeRequest,
): Promise<{ args: WireObject; options: { provider: string; version: string; pluginDownloadURL: string } }> {
  let args = fromStruct(request.args);
  let options = { provider: request.provider, pluginDownloadUrl: request.pluginDownloadURL, version: request.version };
  for (const transform of session.invokeTransforms) {
    const answer = await session.callbacks.call<{ args: Struct | null; options: typeof options | null }>(
      "InvokeTransform",
      transform,
      { token: request.tok, args: toStruct(args), options },
    );
    args = fromStruct(answer.args);
    options = answer.options ?? options;
  }
  const { provider, version, pluginDownloadUrl } = options;
  return { args, options: { provider, version, pluginDownloadURL: pluginDownloadUrl } };
}

function resourceState(session: Session, urn: string): WireObject {
  const found = session.resources.get(urn);
  if (!found) throw new Error(`unknown resource ${urn}`);
  return { urn, id: "", state: found.inputs };
}

const textOf = (value: Wire | undefined): string | undefined => {
  const plain = unwrapSecret(value ?? null);
  return typeof plain === "string" && plain !== "" && !plain.startsWith(UNKNOWN) ? plain : undefined;
};

function regionResult(args: WireObject, provider: WireObject): WireObject | undefined {
  const region = textOf(args.region) ?? textOf(args.id) ?? textOf(args.name) ?? textOf(provider.region);
  if (region === undefined) return undefined;
  const suffix = region.startsWith("cn-") ? "amazonaws.com.cn" : "amazonaws.com";
  return { id: region, name: region, region, endpoint: `ec2.${region}.${suffix}` };
}

const partitions = [
  { prefix: "cn-", partition: "aws-cn", dnsSuffix: "amazonaws.com.cn", reverseDnsPrefix: "cn.com.amazonaws" },
  { prefix: "us-gov-", partition: "aws-us-gov", dnsSuffix: "amazonaws.com", reverseDnsPrefix: "com.amazonaws" },
  { prefix: "", partition: "aws", dnsSuffix: "amazonaws.com", reverseDnsPrefix: "com.amazonaws" },
] as const;

function partitionResult(args: WireObject, provider: WireObject): WireObject | undefined {
  const region = textOf(args.region) ?? textOf(provider.region);
  if (region === undefined || region.includes("-iso")) return undefined;
  const { prefix: _, ...found } = partitions.find(({ prefix }) => region.startsWith(prefix))!;
  return { id: found.partition, ...found };
}

function decodeYaml(args: WireObject): WireObject {
  const namespace = textOf(args.defaultNamespace);
  const documents = parseAllDocuments(textOf(args.text) ?? "", kubernetesYaml);
  const objects = [...documents].flatMap((document) => {
    const [error] = document.errors;
    if (error) throw new Error(`YAML does not parse: ${error.message}`);
    const value = document.toJS() as Wire;
    return isObject(value) ? [value] : [];
  });
  return { result: namespace ? objects.map((object) => withNamespace(object, namespace)) : objects };
}

function withNamespace(object: WireObject, namespace: string): WireObject {
  const { apiVersion, kind, metadata } = object;
  if (typeof apiVersion !== "string" || typeof kind !== "string" || !isNamespaced(apiVersion, kind)) return object;
  const own = isObject(metadata) ? metadata : {};
  return own.namespace === undefined ? { ...object, metadata: { ...own, namespace } } : object;
}
