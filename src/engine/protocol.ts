import { fileURLToPath } from "node:url";
import * as grpc from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";
import type { Struct, StructValue } from "./wire.js";

/** The messages of engine.proto as the loader gives them: every field is present, absent messages are null. */
export interface Callback {
  readonly target: string;
  readonly token: string;
}
export interface Position {
  readonly uri: string;
  readonly line: number;
  readonly column: number;
}
export interface StackTrace {
  readonly frames: readonly { readonly pc: Position | null }[];
}
export interface CustomTimeouts {
  readonly create: string;
  readonly update: string;
  readonly delete: string;
  readonly read?: string;
}
export interface Alias {
  readonly urn?: string;
  readonly spec?: {
    readonly name: string;
    readonly type: string;
    readonly stack: string;
    readonly project: string;
    readonly parentUrn?: string;
    readonly noParent?: boolean;
  };
}
export interface HooksBinding {
  readonly beforeCreate: readonly string[];
  readonly afterCreate: readonly string[];
  readonly beforeUpdate: readonly string[];
  readonly afterUpdate: readonly string[];
  readonly beforeDelete: readonly string[];
  readonly afterDelete: readonly string[];
  readonly onError: readonly string[];
}
export interface UrnLists {
  readonly [key: string]: { readonly urns: readonly string[] };
}
export interface RegisterResourceRequest {
  readonly type: string;
  readonly name: string;
  readonly parent: string;
  readonly custom: boolean;
  readonly object: Struct | null;
  readonly protect?: boolean;
  readonly dependencies: readonly string[];
  readonly provider: string;
  readonly propertyDependencies: UrnLists;
  readonly deleteBeforeReplace: boolean;
  readonly version: string;
  readonly ignoreChanges: readonly string[];
  readonly additionalSecretOutputs: readonly string[];
  readonly aliasURNs: readonly string[];
  readonly importId: string;
  readonly customTimeouts: CustomTimeouts | null;
  readonly deleteBeforeReplaceDefined: boolean;
  readonly remote: boolean;
  readonly providers: Readonly<Record<string, string>>;
  readonly replaceOnChanges: readonly string[];
  readonly pluginDownloadURL: string;
  readonly retainOnDelete?: boolean;
  readonly aliases: readonly Alias[];
  readonly deletedWith: string;
  readonly sourcePosition: Position | null;
  readonly transforms: readonly Callback[];
  readonly packageRef: string;
  readonly hooks: HooksBinding | null;
  readonly stackTrace: StackTrace | null;
  readonly hideDiffs: readonly string[];
  readonly replaceWith: readonly string[];
  readonly replacementTrigger: StructValue | null;
}
export interface ReadResourceRequest {
  readonly id: string;
  readonly type: string;
  readonly name: string;
  readonly parent: string;
  readonly properties: Struct | null;
  readonly dependencies: readonly string[];
  readonly provider: string;
  readonly version: string;
  readonly additionalSecretOutputs: readonly string[];
  readonly pluginDownloadURL: string;
  readonly sourcePosition: Position | null;
  readonly packageRef: string;
  readonly stackTrace: StackTrace | null;
}
export interface InvokeRequest {
  readonly tok: string;
  readonly args: Struct | null;
  readonly provider: string;
  readonly version: string;
  readonly pluginDownloadURL: string;
  readonly packageRef: string;
  /** Unused by the SDK; the preload puts the form of the call and the stack here. */
  readonly parentStackTraceHandle: string;
}
export interface TransformOptions {
  readonly dependsOn: readonly string[];
  readonly protect?: boolean;
  readonly ignoreChanges: readonly string[];
  readonly replaceOnChanges: readonly string[];
  readonly version: string;
  readonly aliases: readonly Alias[];
  readonly provider: string;
  readonly customTimeouts: CustomTimeouts | null;
  readonly pluginDownloadUrl: string;
  readonly retainOnDelete?: boolean;
  readonly deletedWith: string;
  readonly deleteBeforeReplace?: boolean;
  readonly additionalSecretOutputs: readonly string[];
  readonly providers: Readonly<Record<string, string>>;
  readonly hooks: HooksBinding | null;
  readonly import: string;
  readonly hideDiff: readonly string[];
  readonly replaceWith: readonly string[];
  readonly replacementTrigger: StructValue | null;
}
export interface PackageRequest {
  readonly name: string;
  readonly version: string;
  readonly downloadUrl: string;
  readonly parameterization: { readonly name: string; readonly version: string } | null;
}
export interface LogRequest {
  readonly severity: number;
  readonly message: string;
  readonly urn: string;
  readonly ephemeral: boolean;
}

const services = loadSync(fileURLToPath(new URL("./engine.proto", import.meta.url)), {
  defaults: true,
  longs: Number,
});
const service = (name: string) => services[`pulumirpc.${name}`] as grpc.ServiceDefinition;
const payloads = service("CallbackPayloads");

// Pulumi's own limit, for both sides.
const limits = { "grpc.max_receive_message_length": 400 << 20, "grpc.max_send_message_length": 400 << 20 };

/** An answer to one call: from the request's fields to the response's; a thrown error reaches the program as its text. */
export type Handlers = Readonly<Record<string, (request: never) => object | Promise<object>>>;

/** Serves the monitor and the engine on one port of the loopback interface, chosen by the system. */
export async function serve(monitor: Handlers, engine: Handlers): Promise<{ address: string; stop: () => void }> {
  const server = new grpc.Server(limits);
  server.addService(service("ResourceMonitor"), implementation(monitor));
  server.addService(service("Engine"), implementation(engine));
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  return { address: `127.0.0.1:${port}`, stop: () => server.forceShutdown() };
}

function implementation(handlers: Handlers): grpc.UntypedServiceImplementation {
  const unary =
    (handler: Handlers[string]): grpc.handleUnaryCall<object, object> =>
    (call, reply) => {
      Promise.resolve()
        .then(() => handler(call.request as never))
        .then(
          (answer) => reply(null, answer),
          (error: unknown) =>
            reply({ code: grpc.status.UNKNOWN, details: error instanceof Error ? error.message : String(error) }),
        );
    };
  return Object.fromEntries(Object.entries(handlers).map(([name, handler]) => [name, unary(handler)]));
}

/** Calls back into the program: transforms and hooks. One connection for each address. */
export function callbackClient(): {
  call<Answer>(kind: "Transform" | "InvokeTransform" | "Hook", to: Callback, request: object): Promise<Answer>;
  close: () => void;
} {
  const clients = new Map<string, grpc.Client>();
  const invoke = service("Callbacks").Invoke!;
  return {
    call: (kind, to, request) => {
      const client = clients.get(to.target) ?? new grpc.Client(to.target, grpc.credentials.createInsecure(), limits);
      clients.set(to.target, client);
      const payload = payloads[kind]!;
      return new Promise((resolve, reject) => {
        client.makeUnaryRequest<object, { response: Buffer }>(
          invoke.path,
          invoke.requestSerialize,
          invoke.responseDeserialize as (bytes: Buffer) => { response: Buffer },
          { token: to.token, request: payload.requestSerialize(request) },
          (error, answer) =>
            error
              ? reject(new Error(error.details))
              : resolve(payload.responseDeserialize(answer?.response ?? Buffer.alloc(0)) as never),
        );
      });
    },
    close: () => {
      for (const client of clients.values()) client.close();
    },
  };
}
