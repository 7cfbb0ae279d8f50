import { LanguageRuntimeService } from "@pulumi/pulumi/proto/language_grpc_pb.js";
import * as language from "@pulumi/pulumi/proto/language_pb.js";
import * as plugin from "@pulumi/pulumi/proto/plugin_pb.js";
import { servePlugin } from "../serve.js";
import { nearestModules, requiredPackages } from "./packages.js";
import { type RuntimeOptions, runProgram } from "./program.js";

// The language host of Node.js programs for the real engine: Pulumi's own is a Go program that is not to be had as a
// module. It does what that one does for programs that are installed already. Calls that are not here answer
// UNIMPLEMENTED, which the engine takes as "an older host".

const engine = process.argv.at(-1) ?? "";

await servePlugin(LanguageRuntimeService, { handshake, getPluginInfo, getRequiredPackages, run, about });

function handshake(): language.LanguageHandshakeResponse {
  return new language.LanguageHandshakeResponse();
}

function getPluginInfo(): plugin.PluginInfo {
  return new plugin.PluginInfo().setVersion("3.248.0");
}

function about(): language.AboutResponse {
  return new language.AboutResponse().setExecutable(process.execPath).setVersion(process.version);
}

function getRequiredPackages(request: language.GetRequiredPackagesRequest): language.GetRequiredPackagesResponse {
  const folder = request.getInfo()?.getProgramDirectory() ?? process.cwd();
  const packages = requiredPackages(nearestModules(folder)).map(({ name, version, server }) =>
    new plugin.PackageDependency().setKind("resource").setName(name).setVersion(version).setServer(server),
  );
  return new language.GetRequiredPackagesResponse().setPackagesList(packages);
}

async function run(request: language.RunRequest, cancelled: AbortSignal): Promise<language.RunResponse> {
  const info = request.getInfo();
  const { error, bail } = await runProgram(
    {
      monitor: request.getMonitorAddress(),
      engine,
      organization: request.getOrganization(),
      project: request.getProject(),
      stack: request.getStack(),
      root: info?.getRootDirectory() ?? "",
      pwd: request.getPwd(),
      entry: info?.getEntryPoint() ?? ".",
      args: request.getArgsList(),
      dryRun: request.getDryrun(),
      parallel: request.getParallel(),
      config: Object.fromEntries(request.getConfigMap().getEntryList()),
      secretKeys: request.getConfigsecretkeysList(),
      options: (info?.getOptions()?.toJavaScript() ?? {}) as RuntimeOptions,
    },
    cancelled,
  );
  return new language.RunResponse().setError(error).setBail(bail);
}
