// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the texts are program source with templates of its own.
"use strict";
// Loaded into the user's program before the Pulumi SDK (NODE_OPTIONS=--require). It makes the SDK say three
// things that its protocol has no field for (what an unknown value comes from, whether a data source was asked in
// plain or Output form and where, which error ended the program) and removes work that a preview does not need.
//
// It works by small replacements in the text of SDK files while they load. A replacement whose search text is not
// in the file does nothing, so another SDK version is at worst slower or less precise, never broken. No
// replacement adds a line: positions in stack traces and source maps stay true.
const fs = require("node:fs");
const Module = require("node:module");

if (process.env.PLINTH_NODE_OPTIONS === undefined) delete process.env.NODE_OPTIONS;
else process.env.NODE_OPTIONS = process.env.PLINTH_NODE_OPTIONS;
delete process.env.PLINTH_NODE_OPTIONS;
const withoutSourceMaps = process.env.PLINTH_NO_SOURCE_MAPS === "true";
delete process.env.PLINTH_NO_SOURCE_MAPS;

const framePattern =
  "/^\\s*at (?:.* \\()?(?:async )?(?:file:\\/\\/)?(?<file>(?:\\/|[A-Za-z]:)[^()]*):(?<line>\\d+):(?<column>\\d+)\\)?$/";

/** Per SDK file: what to look for, and what to put there. */
const replacements = {
  "runtime/debuggable.js": [
    // Four stack traces for each property of each resource, each through the source maps: a third of a run.
    ["value: new Error().stack", 'value: ""'],
    // One promise instead of two for each of them.
    ["    })\n        .catch((err) => {", "    },\n        (err) => {"],
    ['Object.defineProperty(p, "_debugId", { writable: true, value: promiseId });', ""],
    ['Object.defineProperty(p, "_debugCtx", { writable: true, value: ctx });', ""],
    ['Object.defineProperty(p, "_debugStackTrace", { writable: true, value: "" });', ""],
  ],
  "log/index.js": [
    // Three calls to the engine for each resource, for a log that is thrown away.
    ["function debug(msg, resource, streamId, ephemeral) {", "function debug() { return Promise.resolve(); "],
  ],
  "runtime/index.js": [
    // The closure serializer loads a package manager and TypeScript; few programs serialize functions.
    [
      'var serializeClosure_1 = require("./closure/serializeClosure");',
      'var serializeClosure_1 = { get serializeFunction() { return require("./closure/serializeClosure").serializeFunction; }, get serializeFunctionAsync() { return require("./closure/serializeClosure").serializeFunctionAsync; } };',
    ],
    [
      "exports.serializeFunctionAsync = serializeClosure_1.serializeFunctionAsync;",
      'Object.defineProperty(exports, "serializeFunctionAsync", { enumerable: true, configurable: true, get: () => serializeClosure_1.serializeFunctionAsync });',
    ],
    [
      "exports.serializeFunction = serializeClosure_1.serializeFunction;",
      'Object.defineProperty(exports, "serializeFunction", { enumerable: true, configurable: true, get: () => serializeClosure_1.serializeFunction });',
    ],
    [
      'var codePaths_1 = require("./closure/codePaths");',
      'var codePaths_1 = { get computeCodePaths() { return require("./closure/codePaths").computeCodePaths; } };',
    ],
    [
      "exports.computeCodePaths = codePaths_1.computeCodePaths;",
      'Object.defineProperty(exports, "computeCodePaths", { enumerable: true, configurable: true, get: () => codePaths_1.computeCodePaths });',
    ],
  ],
  "resource.js": [
    // A dozen Outputs for each alias (three for a Deployment), which only engines without alias specifications read.
    [
      "        this.__aliases = [];\n        if (opts.aliases) {\n            for (const alias of opts.aliases) {\n                this.__aliases.push(collapseAliasToUrn(alias, name, t, parent));\n            }\n        }",
      '        __plinth.lazily(this, "__aliases", () => (opts.aliases ?? []).map((alias) => collapseAliasToUrn(alias, name, t, parent)));\n\n\n\n\n',
    ],
    // The SDK's own pattern misses frames of arrow functions and of ES modules.
    ["/^\\s*at .* \\((?<file>.*):(?<line>[0-9]+):(?<column>[0-9]+)\\)$/", framePattern],
  ],
  "cmd/run/error.js": [
    // With colours, Node 20 and 22 need 20 seconds and gigabytes for an error with an SDK frame in its stack.
    ["util.inspect(err, { colors: true })", "(err.stack || util.inspect(err))"],
  ],
  // A plain JavaScript program would pay for the maps of the SDK's own files at each resource.
  "cmd/run/index.js": withoutSourceMaps ? [['require("source-map-support/register");', ""]] : [],
  "cmd/run/run.js": [
    ["const uncaughtHandler = (err) => {", "const uncaughtHandler = (err) => { __plinth.failed(err);"],
  ],
  "output.js": [
    [
      "    apply(func, runWithUnknowns) {",
      "    apply(func, runWithUnknowns) { return __plinth.derived(this.__plinthApply(func, runWithUnknowns), [this]); } __plinthApply(func, runWithUnknowns) {",
    ],
    ["return obj.apply((ob) => {", "return __plinth.lifted(obj, prop, (ob) => {"],
    [
      "const newOutput = new OutputImpl(val.resources(), val.promise(/*withUnknowns*/ true), val.isKnown, val.isSecret, allResources);",
      "const newOutput = __plinth.derived(new OutputImpl(val.resources(), val.promise(/*withUnknowns*/ true), val.isKnown, val.isSecret, allResources), [val]);",
    ],
    [
      "return new exports.Output(syncResources, promisedArray, isKnown, isSecret, allResources);",
      "return __plinth.derived(new exports.Output(syncResources, promisedArray, isKnown, isSecret, allResources), allValues);",
    ],
    [
      "return new exports.Output(syncResources, promisedObject, isKnown, isSecret, allResources);",
      "return __plinth.derived(new exports.Output(syncResources, promisedObject, isKnown, isSecret, allResources), promisedValues.map((kvp) => kvp.value));",
    ],
    [
      "return new exports.Output(o.resources(), o.promise(/*withUnknowns*/ true), o.isKnown, Promise.resolve(true), o.allResources());",
      "return __plinth.derived(new exports.Output(o.resources(), o.promise(/*withUnknowns*/ true), o.isKnown, Promise.resolve(true), o.allResources()), [o]);",
    ],
    [
      "return new exports.Output(val.resources(), val.promise(/*withUnknowns*/ true), val.isKnown, Promise.resolve(false), val.allResources());",
      "return __plinth.derived(new exports.Output(val.resources(), val.promise(/*withUnknowns*/ true), val.isKnown, Promise.resolve(false), val.allResources()), [val]);",
    ],
  ],
  "runtime/rpc.js": [
    [
      "[exports.specialSigKey]: exports.specialOutputValueSig,",
      "[exports.specialSigKey]: exports.specialOutputValueSig, ...(isKnown ? {} : { origin: await __plinth.unknown(prop, exports.unknownValue, (v) => v) }),",
    ],
    [
      "        if (!isKnown) {\n            return exports.unknownValue;",
      "        if (!isKnown) {\n            return __plinth.unknown(prop, exports.unknownValue, isSecret && state_1.getStore().supportsSecrets ? serializeSecretValue : (v) => v);",
    ],
    // SDK 3.270 keeps the secretness of unknown values itself.
    [
      "                return serializeSecretValue(exports.unknownValue);\n            }\n            return exports.unknownValue;",
      "                return __plinth.unknown(prop, exports.unknownValue, serializeSecretValue);\n            }\n            return __plinth.unknown(prop, exports.unknownValue, (v) => v);",
    ],
    [
      "    if (value === exports.unknownValue) {\n        return true;",
      '    if (typeof value === "string" && value.startsWith(exports.unknownValue)) {\n        return true;',
    ],
  ],
  "runtime/invoke.js": [
    [
      "const [output, resolve] = createOutput(`invoke(${tok})`);",
      "const [output, resolve] = createOutput(`invoke(${tok})`); __plinth.asked(output, tok);",
    ],
    [
      "const [output, resolve] = createOutput(`invokeSingleOutput(${tok})`);",
      "const [output, resolve] = createOutput(`invokeSingleOutput(${tok})`); __plinth.asked(output, tok);",
    ],
    [
      "const [output, resolve] = createOutput(`call(${tok})`);",
      "const [output, resolve] = createOutput(`call(${tok})`); __plinth.asked(output, tok);",
    ],
    [
      "const [output, resolve] = createOutput(`callSingle(${tok})`);",
      "const [output, resolve] = createOutput(`callSingle(${tok})`); __plinth.asked(output, tok);",
    ],
    [
      "const label = `Invoking function: tok=${tok} asynchronously`;",
      "const label = `Invoking function: tok=${tok} asynchronously`; const plinthStack = __plinth.stack();",
    ],
    [
      "const req = await createInvokeRequest(tok, plainInputs, provider, opts, packageRef);",
      "const req = await createInvokeRequest(tok, plainInputs, provider, opts, packageRef); __plinth.tag(req, checkDependencies === true, plinthStack);",
    ],
    // SDK 3.270.
    [
      "const req = await createInvokeRequest(tok, plainInputs, provider, opts, packageRef, invokeDependsOn);",
      "const req = await createInvokeRequest(tok, plainInputs, provider, opts, packageRef, invokeDependsOn); __plinth.tag(req, checkDependencies === true, plinthStack);",
    ],
    [
      "const deserialized = deserializeResponse(tok, resp);",
      "if (__plinth.unanswered(resp)) { return { result: {}, containsSecrets: inputsContainSecrets, dependencies: flatDependencies, isKnown: false }; } const deserialized = deserializeResponse(tok, resp);",
    ],
    [
      "const { result, containsSecrets } = deserializeResponse(tok, resp);\n            const deps = [];",
      "if (__plinth.unanswered(resp)) { return { result: {}, isKnown: false, containsSecrets: false, dependencies: [] }; } const { result, containsSecrets } = deserializeResponse(tok, resp);\n            const deps = [];",
    ],
  ],
  "runtime/resource.js": [
    [
      "log.debug(`Registering resource: t=${t}, name=${name}, custom=${custom}, remote=${remote}`);",
      "__plinth.started(res, t, name, stackTrace);",
    ],
    [
      "log.debug(`RegisterResource RPC prepared: t=${t}, name=${name}` +",
      "__plinth.prepared(res); log.debug(`RegisterResource RPC prepared: t=${t}, name=${name}` +",
    ],
  ],
};

/** Where an Output comes from, by its `promise` function, which an Output and the proxy around it share. */
const origins = new WeakMap();
/** Resources that were constructed but whose registration was not sent yet. */
const pending = new Map();

const isOutput = (value) => typeof value === "object" && value !== null && value.__pulumiOutput === true;

function report(message) {
  try {
    fs.writeSync(3, `${JSON.stringify(message)}\n`);
  } catch {
    // Nobody listens: the program was started by something else.
  }
}

async function urnOf(resource) {
  return (await resource.urn.promise()) ?? "";
}

/** The property of one of the Output's resources that is this very Output. */
async function ownProperty(output) {
  for (const resource of output.resources()) {
    for (const key of Object.keys(resource)) {
      const value = resource[key];
      if (isOutput(value) && value.promise === output.promise) return { urn: await urnOf(resource), path: [key] };
    }
  }
  return undefined;
}

/** Without a trail: what the Output gained on the way, else all it depends on; the first by name. */
async function byDependency(output, parts) {
  const known = new Set();
  for (const part of parts) for (const resource of await part.allResources()) known.add(resource);
  const all = [...(await output.allResources())];
  const gained = all.filter((resource) => !known.has(resource));
  const urns = await Promise.all((gained.length > 0 ? gained : all).map(urnOf));
  return urns.length > 0 ? { urn: urns.sort()[0], path: [] } : undefined;
}

async function originOf(output) {
  const made = origins.get(output.promise);
  if (made === undefined) return (await ownProperty(output)) ?? byDependency(output, []);
  if (made.token !== undefined) return { urn: made.token, path: [] };
  for (const part of made.parts) {
    if (await part.isKnown) continue;
    const origin = await originOf(part);
    return origin && made.key !== undefined ? { urn: origin.urn, path: [...origin.path, made.key] } : origin;
  }
  return byDependency(output, made.parts);
}

globalThis.__plinth = {
  derived(output, values) {
    origins.set(output.promise, { parts: values.filter(isOutput) });
    return output;
  },
  lifted(output, key, read, runWithUnknowns) {
    const result = output.apply(read, runWithUnknowns);
    origins.set(result.promise, { parts: [output], key });
    return result;
  },
  asked(output, token) {
    origins.set(output.promise, { parts: [], token });
  },
  async unknown(output, marker, wrap) {
    const origin = await originOf(output).catch(() => undefined);
    return wrap(origin ? `${marker}:${origin.urn}\n${origin.path.join("\n")}` : marker);
  },
  lazily(target, key, make) {
    let made;
    Object.defineProperty(target, key, {
      configurable: true,
      get() {
        made ??= make();
        return made;
      },
    });
  },
  stack() {
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = 50;
    const { stack } = new Error();
    Error.stackTraceLimit = limit;
    return stack;
  },
  tag(request, outputForm, stack) {
    if (typeof request.setParentstacktracehandle === "function") {
      request.setParentstacktracehandle(JSON.stringify({ outputForm, stack }));
    }
  },
  unanswered(response) {
    return response.getReturn()?.getFieldsMap().has("__plinthUnknown") === true;
  },
  started(resource, type, name, frames) {
    pending.set(resource, { type, name, frames: frames?.filter((frame) => frame !== undefined).slice(0, 50) });
  },
  prepared(resource) {
    pending.delete(resource);
  },
  failed(error) {
    const isObject = typeof error === "object" && error !== null;
    report({
      failed: {
        name: isObject ? String(error.name ?? "Error") : "",
        message: isObject ? String(error.message ?? error) : String(error),
        stack: isObject && typeof error.stack === "string" ? error.stack.slice(0, 20_000) : "",
      },
    });
  },
};

process.on("exit", () => {
  if (pending.size > 0) report({ pending: [...pending.values()].slice(0, 20) });
});

const compile = Module.prototype._compile;
Module.prototype._compile = function (content, filename, ...rest) {
  const [, file] = /[\\/]@pulumi[\\/]pulumi[\\/](.+)$/.exec(filename) ?? [];
  const list = file === undefined ? undefined : replacements[file.replaceAll("\\", "/")];
  const text = list ? list.reduce((source, [from, to]) => source.replace(from, () => to), content) : content;
  return compile.call(this, text, filename, ...rest);
};
