import { existsSync, readFileSync } from "node:fs";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { CLUSTER_TOOLS, describeWith, tools } from "../needs.js";
import { freePorts } from "../processes/processes.js";
import { connect } from "./api.js";
import { type Cluster, startCluster } from "./cluster.js";
import { ComponentEnded } from "./components.js";
import { processesOf } from "./left.js";

/** Where the logs are that an error names. */
function folderOf(error: unknown): string {
  return dirname(/Its log, (.*), ends with/.exec(String(error))![1]!);
}

/** Something else that listens on a port of 127.0.0.1. */
async function occupyPort(): Promise<{ readonly port: number; readonly server: Server }> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { port: (server.address() as { port: number }).port, server };
}

describeWith(CLUSTER_TOOLS, "a cluster of one's own", () => {
  let own: Cluster | undefined;
  let occupied: { readonly port: number; readonly server: Server };

  beforeEach(async () => {
    occupied = await occupyPort();
  });
  afterEach(async () => {
    occupied.server.close();
    await own?.stop();
    own = undefined;
  });

  it("takes other ports when chosen ones are taken, and leaves nothing when it is stopped", async () => {
    const choices = [
      async () => [occupied.port, ...(await freePorts(2))],
      async () => [...(await freePorts(2)), occupied.port],
      () => freePorts(3),
    ];
    let chosen = 0;
    own = await startCluster(tools(), { nodes: [], ports: () => choices[chosen++]!() });
    expect(chosen).toBe(3);
    expect(await processesOf(own.folder)).toHaveLength(CLUSTER_TOOLS.length);
    expect(readFileSync(own.kubeconfig, "utf8")).toContain(own.server);

    await own.stop();
    expect(await processesOf(own.folder)).toEqual([]);
    expect(existsSync(own.folder)).toBe(false);
    await expect(connect(own).get("/readyz")).rejects.toThrow(
      `GET /readyz: no answer from the API server at ${own.server}: connect ECONNREFUSED`,
    );
  });

  it("gives up on a port that is always taken and says which program could not have it", async () => {
    let chosen = 0;
    const ports = async () => {
      chosen += 1;
      return [occupied.port, ...(await freePorts(2))];
    };
    const error = await startCluster(tools(), { nodes: [], ports }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ComponentEnded);
    expect(error).toMatchObject({ component: "etcd" });
    expect((error as Error).message).toContain(`listen tcp 127.0.0.1:${occupied.port}: bind: address already in use`);
    expect(chosen).toBe(4);
    await rm(folderOf(error), { recursive: true });
  });

  it("that breaks down says which component ended and how, and ends the others", async () => {
    own = await startCluster(tools(), { nodes: [] });
    const etcd = (await processesOf(own.folder)).find((line) => line.includes("--data-dir="))!;
    process.kill(Number.parseInt(etcd, 10), "SIGKILL");

    const error = await own.ended;
    expect(error).toBeInstanceOf(ComponentEnded);
    expect(error.message).toContain(`etcd ended (SIGKILL). Its log, ${own.folder}/etcd.log, ends with:\n`);
    expect(await processesOf(own.folder)).toEqual([]);
    expect(existsSync(join(own.folder, "kube-apiserver.log"))).toBe(true);
    await rm(own.folder, { recursive: true });
  });

  describe("with a component that cannot run", () => {
    let folder: string;
    beforeEach(async () => {
      folder = await mkdtemp(join(tmpdir(), "plinth-broken-"));
    });
    afterEach(() => rm(folder, { recursive: true }));

    it("does not start: the error has the end of its log, and nothing is left", async () => {
      const path = join(folder, "scheduler");
      await writeFile(path, "#!/bin/sh\necho 'no such luck' >&2\nexit 3\n");
      await chmod(path, 0o755);
      const broken = { ...tools(), "kube-scheduler": { path } };
      const error = await startCluster(broken, { nodes: [] }).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ component: "kube-scheduler", log: "no such luck" });
      const left = folderOf(error);
      expect((error as Error).message).toBe(
        `kube-scheduler ended (exit status 3). Its log, ${left}/kube-scheduler.log, ends with:\nno such luck`,
      );
      expect(await processesOf(left)).toEqual([]);
      await rm(left, { recursive: true });
    });
  });

  it("does not start without a tool and names it", async () => {
    const without = { ...tools(), "kube-scheduler": { missing: "its build failed" } };
    await expect(startCluster(without, { nodes: [] })).rejects.toThrow("kube-scheduler is needed: its build failed");
  });
});
