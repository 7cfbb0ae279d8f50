import { randomUUID } from "node:crypto";
import { invoke, unknownAnswer } from "./invokes.js";
import type {
  Callback,
  Handlers,
  InvokeRequest,
  LogRequest,
  PackageRequest,
  ReadResourceRequest,
  RegisterResourceRequest,
} from "./protocol.js";
import { read, register } from "./register.js";
import { type Hook, outputTextMark, type Session } from "./session.js";
import { fromStruct, type Struct, some } from "./wire.js";

const done = {};

/**
 * What newer SDKs (3.270) are told in place of asking for each feature by name: pulumirpc.ResourceMonitorFeature
 * from SECRETS (0) to ERROR_HOOKS (11), the same set.
 */
const supportedFeatures = Array.from({ length: 12 }, (_, feature) => feature);

/** The resource monitor: what a program calls while it declares resources. */
export function monitorHandlers(session: Session): Handlers {
  return {
    SupportsFeature: () => ({ hasSupport: true }),
    GetDeploymentInfo: () => ({
      project: session.project.name,
      stack: session.project.stack,
      organization: session.project.organization,
      config: Object.fromEntries(session.project.config.values),
      configSecretKeys: [...session.project.config.secrets],
      dryRun: true,
      supportedFeatures,
    }),
    RegisterResource: (request: RegisterResourceRequest) => register(session, request),
    ReadResource: (request: ReadResourceRequest) => read(session, request),
    RegisterResourceOutputs: (request: { urn: string; outputs: Struct | null }) => recordOutputs(session, request),
    Invoke: (request: InvokeRequest) => invoke(session, request),
    Call: (request: { tok: string }) => {
      session.notices.push({
        severity: "info",
        code: "opaque",
        message: `The method ${request.tok} runs in a plugin; its result is unknown until deployment.`,
      });
      return unknownAnswer;
    },
    RegisterStackTransform: (callback: Callback) => {
      session.stackTransforms.push(callback);
      return done;
    },
    RegisterStackInvokeTransform: (callback: Callback) => {
      session.invokeTransforms.push(callback);
      return done;
    },
    RegisterResourceHook: (hook: Hook) => {
      if (session.hooks.has(hook.name)) throw new Error(`resource hook already registered for name "${hook.name}"`);
      session.hooks.set(hook.name, hook);
      return done;
    },
    RegisterErrorHook: () => done,
    RegisterPackage: (request: PackageRequest) => ({ ref: packageReference(session, request) }),
    SignalAndWaitForShutdown: () => done,
  };
}

/** The engine: logs, and which resource is the stack. */
export function engineHandlers(session: Session, onLog: (line: string) => void): Handlers {
  let root = "";
  return {
    Log: ({ severity, message, urn, ephemeral }: LogRequest) => {
      if (severity === 0 || ephemeral) return done;
      if (severity === 3) session.errors.push({ message, urn });
      if (severity === 2) {
        session.notices.push({ severity: "warning", code: "log", message: message.trim(), ...(urn ? { urn } : {}) });
      }
      onLog(message);
      return done;
    },
    GetRootResource: () => ({ urn: root }),
    SetRootResource: ({ urn }: { urn: string }) => {
      root = urn;
      return done;
    },
    RequirePulumiVersion: () => done,
  };
}

function recordOutputs(session: Session, request: { urn: string; outputs: Struct | null }): object {
  const resource = session.resources.get(request.urn);
  if (!resource) return done;
  const outputs = fromStruct(request.outputs);
  resource.outputs = outputs;
  for (const [key, value] of Object.entries(outputs)) {
    if (!some(value, (part) => typeof part === "string" && part.includes(outputTextMark))) continue;
    session.faults.push({
      message: `The output "${key}" of ${resource.kind === "stack" ? "the stack" : `"${resource.name}"`} was made from an Output as if it were a string. Use pulumi.interpolate\`…\` or output.apply(…).`,
      ...(resource.source ? { source: resource.source } : {}),
    });
  }
  return done;
}

/** The same package gets the same reference. */
function packageReference(session: Session, request: PackageRequest): string {
  const same = JSON.stringify(request);
  for (const [ref, known] of session.packages) if (JSON.stringify(known) === same) return ref;
  const ref = randomUUID();
  session.packages.set(ref, request);
  return ref;
}
