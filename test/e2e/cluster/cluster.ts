import { generateKeyPair, randomBytes } from "node:crypto";
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { freePorts } from "../processes/processes.js";
import { type Api, connect, poll } from "./api.js";
import { ComponentEnded, type Components, components, type Tools, toolPath } from "./components.js";
import { makeClusterFolder } from "./folders.js";
import { joinNodes } from "./join.js";
import { defaultFleet, type Node } from "./nodes.js";
import type { Server } from "./request.js";
import { stagesFile } from "./stages.js";

/** A Kubernetes control plane on 127.0.0.1 with simulated nodes. */
export interface Cluster extends Server {
  /** A file. */
  readonly kubeconfig: string;
  /** Where its files are, the log of each component among them. */
  readonly folder: string;
  /** Resolves with the reason when the cluster broke down by itself; nothing of it is running then. */
  readonly ended: Promise<Error>;
  /** Ends everything and removes the folder, which stays for a look at the logs when PLINTH_KEEP is set or the cluster
   * broke down; the next cluster on this machine removes it. */
  stop(): Promise<void>;
}

export interface ClusterOptions {
  /** @default defaultFleet() */
  readonly nodes?: readonly Node[];
  /** Picks the ports of etcd (two) and the API server. @default free ones */
  readonly ports?: () => Promise<readonly number[]>;
}

/** What a cluster is made of. */
export const CLUSTER_TOOLS = ["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kwok"] as const;

/** Another process can take a port between its choice and its use; then others are chosen, so many times. */
const ATTEMPTS = 4;

const READY_SECONDS = 60;

/** Starts a cluster; when it returns, nodes are ready and pods can be made. On failure nothing is left running. */
export async function startCluster(tools: Tools, options: ClusterOptions = {}): Promise<Cluster> {
  for (const name of CLUSTER_TOOLS) toolPath(tools, name);
  const stages = await stagesFile();
  const folder = await makeClusterFolder();
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await startOnce(components(tools, folder), folder, stages, options);
    } catch (error) {
      if (attempt === ATTEMPTS || !isPortTaken(error)) throw error;
      for (const name of await readdir(folder)) await rm(join(folder, name), { recursive: true });
    }
  }
}

function isPortTaken(error: unknown): boolean {
  return error instanceof ComponentEnded && error.log.includes("address already in use");
}

async function startOnce(parts: Components, folder: string, stages: string, options: ClusterOptions): Promise<Cluster> {
  let broken = false;
  const ended = parts.ended.then(async (error) => {
    broken = true;
    await parts.stop();
    return error;
  });
  try {
    const server = await Promise.race([
      bringUp(parts, folder, stages, options),
      parts.ended.then((error): never => {
        throw error;
      }),
    ]);
    const stop = async (): Promise<void> => {
      await parts.stop();
      if (!broken && !process.env.PLINTH_KEEP) await rm(folder, { recursive: true, force: true });
    };
    return { ...server, kubeconfig: join(folder, "kubeconfig"), folder, ended, stop };
  } catch (error) {
    // A request may fail a moment before the end of a component is known, which is the reason then.
    const reason = await Promise.race([parts.ended, sleep(500, error)]);
    await parts.stop();
    throw reason;
  }
}

async function bringUp(
  parts: Components,
  folder: string,
  stages: string,
  { nodes = defaultFleet(), ports = () => freePorts(3) }: ClusterOptions,
): Promise<Server> {
  const [[client, peer, secure], key] = await Promise.all([ports(), serviceAccountKey()]);
  const token = randomBytes(24).toString("hex");
  const file = (name: string) => join(folder, name);
  await writeFile(file("sa.key"), key, { mode: 0o600 });
  await writeFile(file("tokens.csv"), `${token},admin,admin,system:masters\n`, { mode: 0o600 });

  const etcd = `http://127.0.0.1:${client}`;
  parts.start("etcd", etcdArgs(file("etcd"), etcd, `http://127.0.0.1:${peer}`));
  await until(parts, "etcd to answer", () => answers(`${etcd}/health`));

  parts.start("kube-apiserver", apiserverArgs({ etcd, port: secure!, file }));
  const url = `https://127.0.0.1:${secure}`;
  // The server makes its certificate itself, on the way to being ready.
  const read = () => readFile(file("certs/apiserver.crt"), "utf8").catch(() => undefined);
  await until(parts, "the API server to be ready", async () => {
    const ca = await read();
    return ca !== undefined && (await isReady({ server: url, ca, token }));
  });
  const server: Server = { server: url, ca: (await read())!, token };
  await writeFile(file("kubeconfig"), JSON.stringify(kubeconfig(server), null, 2), { mode: 0o600 });

  parts.start("kube-controller-manager", controllerManagerArgs(file));
  parts.start("kube-scheduler", schedulerArgs(file));
  parts.start("kwok", kwokArgs(file, stages));
  const api = connect(server);
  await Promise.all([joinNodes(api, nodes), defaultAccount(api)]);
  return server;
}

const serviceAccountKey = async (): Promise<string> => {
  const { privateKey } = await promisify(generateKeyPair)("rsa", {
    modulusLength: 2048,
    privateKeyEncoding: { type: "pkcs1", format: "pem" },
    publicKeyEncoding: { type: "pkcs1", format: "pem" },
  });
  return privateKey;
};

type File = (name: string) => string;

/** Without fsync: the data does not outlive the test, and the disk is most of what etcd waits for. */
function etcdArgs(data: string, client: string, peer: string): string[] {
  return [
    `--data-dir=${data}`,
    `--listen-client-urls=${client}`,
    `--advertise-client-urls=${client}`,
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=default=${peer}`,
    "--unsafe-no-fsync",
    "--log-format=console",
    "--log-level=warn",
  ];
}

/**
 * Admission plugins are Kubernetes' defaults. ExtendedResourceToleration, which EKS and GKE add, stays off: pods must
 * bring their own tolerations, as they need for MIG.
 */
function apiserverArgs({ etcd, port, file }: { etcd: string; port: number; file: File }): string[] {
  return [
    `--etcd-servers=${etcd}`,
    `--cert-dir=${file("certs")}`,
    `--secure-port=${port}`,
    "--bind-address=127.0.0.1",
    "--advertise-address=127.0.0.1",
    "--endpoint-reconciler-type=none",
    "--service-account-issuer=https://kubernetes.default.svc",
    `--service-account-signing-key-file=${file("sa.key")}`,
    `--service-account-key-file=${file("sa.key")}`,
    "--authorization-mode=RBAC",
    `--token-auth-file=${file("tokens.csv")}`,
    "--service-cluster-ip-range=10.0.0.0/16",
    "--allow-privileged=true",
  ];
}

/** A machine under load must not cost nodes: they are only marked unhealthy after an hour without a sign of life. */
function controllerManagerArgs(file: File): string[] {
  return [
    `--kubeconfig=${file("kubeconfig")}`,
    `--service-account-private-key-file=${file("sa.key")}`,
    `--root-ca-file=${file("certs/apiserver.crt")}`,
    "--leader-elect=false",
    "--use-service-account-credentials=false",
    "--node-monitor-grace-period=1h",
    "--kube-api-qps=200",
    "--kube-api-burst=400",
    "--secure-port=0",
  ];
}

function schedulerArgs(file: File): string[] {
  const kubeconfigFile = file("kubeconfig");
  return [
    `--kubeconfig=${kubeconfigFile}`,
    `--authentication-kubeconfig=${kubeconfigFile}`,
    `--authorization-kubeconfig=${kubeconfigFile}`,
    "--leader-elect=false",
    "--secure-port=0",
  ];
}

function kwokArgs(file: File, stages: string): string[] {
  return [
    `--kubeconfig=${file("kubeconfig")}`,
    `--config=${stages}`,
    "--manage-all-nodes=true",
    "--node-lease-duration-seconds=40",
  ];
}

function kubeconfig({ server, ca, token }: Server): unknown {
  const name = "plinth-e2e";
  return {
    apiVersion: "v1",
    kind: "Config",
    "current-context": name,
    clusters: [{ name, cluster: { server, "certificate-authority-data": Buffer.from(ca).toString("base64") } }],
    users: [{ name, user: { token } }],
    contexts: [{ name, context: { cluster: name, user: name } }],
  };
}

/** Pods are refused before their namespace has its service account. */
async function defaultAccount(api: Api): Promise<void> {
  const wait = { seconds: READY_SECONDS, what: "the controller manager to make service accounts" };
  await api.waitFor("/api/v1/namespaces/default/serviceaccounts/default", () => true, wait);
}

async function until(parts: Components, what: string, ask: () => Promise<boolean>): Promise<void> {
  const asked = async (): Promise<boolean> => {
    parts.check();
    return ask();
  };
  if (!(await poll(READY_SECONDS, asked))) throw new Error(`waited ${READY_SECONDS} s for ${what}, in vain`);
}

async function answers(url: string): Promise<boolean> {
  return fetch(url).then(
    (response) => response.ok,
    () => false,
  );
}

async function isReady(server: Server): Promise<boolean> {
  return connect(server)
    .get<unknown>("/readyz")
    .then(
      () => true,
      () => false,
    );
}
