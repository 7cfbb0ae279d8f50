import { readFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import * as grpc from "@grpc/grpc-js";
import * as plugin from "@pulumi/pulumi/proto/plugin_pb.js";
import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import * as provider from "@pulumi/pulumi/proto/provider_pb.js";
import { Empty } from "google-protobuf/google/protobuf/empty_pb.js";
import { Struct } from "google-protobuf/google/protobuf/struct_pb.js";
import { UNKNOWN, type WireObject } from "../../../../src/engine/wire.js";
import { servePlugin } from "../serve.js";
import { type Answers, answerInvoke } from "./invokes.js";
import { blocksItself, changesOf, checkInputs, idOf, outputsOf, randomOf } from "./resources.js";

// A stand-in for the provider plugin of a cloud that is not there: the engine gets a provider that keeps to the
// protocol, so that order, secrets, diffs, previews and states are the real engine's. It makes nothing anywhere and
// checks nothing that the cloud would check.

const [name = "unknown", version = "0.0.0", answersFile] = process.argv.slice(2);
const answers: Answers = answersFile ? (JSON.parse(readFileSync(answersFile, "utf8")) as Answers) : {};

// The engine shows this with its debug messages.
process.stderr.write(`stand-in for the provider plugin of ${name} ${version}: nothing is made in any cloud\n`);

await servePlugin(ResourceProviderService, {
  handshake: () => new provider.ProviderHandshakeResponse().setAcceptSecrets(true).setAcceptResources(true),
  getPluginInfo: () => new plugin.PluginInfo().setVersion(version),
  getSchema: () => new provider.GetSchemaResponse().setSchema(JSON.stringify({ name, version })),
  parameterize,
  checkConfig: (request: provider.CheckRequest) => new provider.CheckResponse().setInputs(request.getNews()),
  diffConfig: (request: provider.DiffRequest) => diff(request),
  configure: () =>
    new provider.ConfigureResponse().setAcceptsecrets(true).setAcceptresources(true).setSupportspreview(true),
  check,
  diff,
  create,
  read,
  update,
  delete: () => new Empty(),
  invoke,
  call: (request: provider.CallRequest) => refuse(`the method ${request.getTok()}`),
  construct: (request: provider.ConstructRequest) => refuse(`the remote component ${request.getType()}`),
  cancel: () => new Empty(),
});

function refuse(what: string): never {
  const message = `the stand-in provider ${name} cannot do ${what}`;
  throw Object.assign(new Error(message), { code: grpc.status.UNIMPLEMENTED });
}

const fromStruct = (struct: Struct | undefined): WireObject => (struct?.toJavaScript() ?? {}) as WireObject;
const toStruct = (value: WireObject): Struct => Struct.fromJavaScript(value as never);
const nameOf = (urn: string): string => urn.slice(urn.lastIndexOf("::") + 2);
const typeOf = (urn: string): string => urn.split("::")[2]!.split("$").at(-1)!;

function parameterize(request: provider.ParameterizeRequest): provider.ParameterizeResponse {
  const value = request.getValue();
  return new provider.ParameterizeResponse()
    .setName(value?.getName() ?? name)
    .setVersion(value?.getVersion() ?? version);
}

function check(request: provider.CheckRequest): provider.CheckResponse {
  const urn = request.getUrn();
  const random = Buffer.from(request.getRandomseed_asU8()).toString("hex") || randomOf(urn);
  const inputs = checkInputs(
    typeOf(urn),
    nameOf(urn),
    fromStruct(request.getNews()),
    fromStruct(request.getOlds()),
    random,
  );
  return new provider.CheckResponse().setInputs(toStruct(inputs));
}

function diff(request: provider.DiffRequest): provider.DiffResponse {
  const { ADD, DELETE, UPDATE, ADD_REPLACE, DELETE_REPLACE, UPDATE_REPLACE } = provider.PropertyDiff.Kind;
  const kinds = {
    add: [ADD, ADD_REPLACE],
    delete: [DELETE, DELETE_REPLACE],
    update: [UPDATE, UPDATE_REPLACE],
  } as const;
  const { DIFF_SOME, DIFF_NONE } = provider.DiffResponse.DiffChanges;
  const urn = request.getUrn();
  const [before, after] = [fromStruct(request.getOldInputs()), fromStruct(request.getNews())];
  const changes = changesOf(typeOf(urn), before, after);
  const replaces = changes.filter((change) => change.replaces).map(({ property }) => property);
  const response = new provider.DiffResponse()
    .setChanges(changes.length > 0 ? DIFF_SOME : DIFF_NONE)
    .setDiffsList(changes.map(({ property }) => property))
    .setReplacesList(replaces)
    .setDeletebeforereplace(replaces.length > 0 && blocksItself(typeOf(urn), nameOf(urn), before, after))
    .setHasdetaileddiff(true);
  for (const { property, kind, replaces: replacing } of changes) {
    const detail = new provider.PropertyDiff().setKind(kinds[kind][replacing ? 1 : 0]).setInputdiff(true);
    response.getDetaileddiffMap().set(property, detail);
  }
  return response;
}

function create(request: provider.CreateRequest): provider.CreateResponse {
  const inputs = fromStruct(request.getProperties());
  // What is missing here is unknown to the program.
  if (request.getPreview()) return new provider.CreateResponse().setProperties(toStruct(inputs));
  const urn = request.getUrn();
  const id = idOf(typeOf(urn), inputs, randomOf(urn + JSON.stringify(inputs)));
  return new provider.CreateResponse().setId(id).setProperties(toStruct(outputsOf(typeOf(urn), id, inputs)));
}

function update(request: provider.UpdateRequest): provider.UpdateResponse {
  const before = fromStruct(request.getOlds());
  const inputs = fromStruct(request.getNews());
  const outputs = outputsOf(typeOf(request.getUrn()), request.getId(), inputs, before);
  return new provider.UpdateResponse().setProperties(
    toStruct(request.getPreview() ? { ...planned(before, outputs), ...inputs } : outputs),
  );
}

/** What the cloud would compute anew is unknown in a preview. */
function planned(before: WireObject, after: WireObject): WireObject {
  return Object.fromEntries(
    Object.entries(after).map(([key, value]) => [key, isDeepStrictEqual(value, before[key]) ? value : UNKNOWN]),
  );
}

/** There is no cloud to ask: what the engine remembers is so, and what is only an id exists with what follows from it. */
function read(request: provider.ReadRequest): provider.ReadResponse {
  const type = typeOf(request.getUrn());
  const known = fromStruct(request.getProperties());
  const inputs = fromStruct(request.getInputs());
  const outputs = Object.keys(known).length > 0 ? known : outputsOf(type, request.getId(), inputs);
  return new provider.ReadResponse()
    .setId(request.getId())
    .setProperties(toStruct(outputs))
    .setInputs(toStruct(inputs));
}

function invoke(request: provider.InvokeRequest): provider.InvokeResponse {
  const answer = answerInvoke(request.getTok(), fromStruct(request.getArgs()), answers);
  return new provider.InvokeResponse().setReturn(toStruct(answer));
}
