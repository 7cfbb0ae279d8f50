import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { poll } from "../cluster/api.js";
import { lastLines, toolPath } from "../cluster/components.js";
import { tools } from "../needs.js";
import { freePorts, start } from "../processes/processes.js";

/** A running registry, Distribution's own. */
export interface RegistryServer {
  /** `127.0.0.1:41234`. */
  readonly host: string;
  readonly stop: () => Promise<void>;
}

/**
 * Starts a registry whose images are in a folder that goes with it.
 *
 * @param auth the `auth` part of its configuration, and files for it by name. @default everyone may do everything
 */
export async function startRegistry(
  auth?: (folder: string) => object,
  files: Readonly<Record<string, string>> = {},
): Promise<RegistryServer> {
  const folder = await mkdtemp(join(tmpdir(), "plinth-e2e-registry-"));
  const [port] = await freePorts(1);
  const host = `127.0.0.1:${port}`;
  const configuration = {
    version: 0.1,
    log: { level: "warn" },
    storage: { filesystem: { rootdirectory: join(folder, "images") }, delete: { enabled: true } },
    http: { addr: host, secret: "of a test" },
    ...(auth && { auth: auth(folder) }),
  };
  await writeFile(join(folder, "config.yml"), JSON.stringify(configuration));
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  const server = start("registry", toolPath(tools(), "registry"), ["serve", join(folder, "config.yml")], {
    cwd: folder,
    env: { OTEL_TRACES_EXPORTER: "none" },
    log: join(folder, "registry.log"),
  });
  const stop = async () => {
    await server.stop();
    await rm(folder, { recursive: true });
  };
  const answers = async () => {
    const answer = await fetch(`http://${host}/v2/`).catch(() => undefined);
    return answer?.status === 200 || answer?.status === 401;
  };
  if (await poll(20, answers)) return { host, stop };
  const log = await lastLines(join(folder, "registry.log"));
  await stop();
  throw new Error(`the registry does not answer. Its log ends with:\n${log}`);
}
