import { Worker } from "node:worker_threads";

/** Hashes files in a thread of its own, following a download as its beginning grows. */
export interface Hasher {
  /** The file at `path` may be read up to byte `upto`; returns at once. */
  follow(path: string, upto: number): void;
  /** The sha256 (hex) of the first `size` bytes of the file; forgets the file afterwards. */
  digest(path: string, size: number): Promise<string>;
  /** Drops what was hashed of the file, because its bytes will change. */
  forget(path: string): void;
  close(): Promise<void>;
}

interface Order {
  readonly path: string;
  readonly upto: number;
  readonly task: "follow" | "digest" | "forget";
}
interface Answer {
  readonly path: string;
  readonly sha256?: string;
  readonly error?: string;
}

// The thread's program is sent as text, so that one bundled file, the compiled modules and the tests
// all start it in the same way. It must not refer to anything outside itself.
const program = `(${serve.toString()})(require("node:worker_threads").parentPort, require("node:fs"), require("node:crypto"))`;

export function startHasher(): Hasher {
  const worker = new Worker(program, {
    eval: true,
    execArgv: [],
    resourceLimits: { maxYoungGenerationSizeMb: 4, maxOldGenerationSizeMb: 32 },
  });
  const waiting = new Map<string, { resolve(sha256: string): void; reject(error: Error): void }>();
  let broken: Error | undefined;
  const fail = (error: Error) => {
    broken = error;
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  };
  worker.unref();
  worker.on("error", fail);
  worker.on("exit", () => fail(new Error("the hashing thread ended")));
  worker.on("message", ({ path, sha256, error }: Answer) => {
    const waiter = waiting.get(path);
    waiting.delete(path);
    if (sha256 === undefined) waiter?.reject(new Error(error ?? "hashing failed"));
    else waiter?.resolve(sha256);
    if (waiting.size === 0) worker.unref();
  });
  const post = (order: Order) => worker.postMessage(order);
  return {
    follow: (path, upto) => post({ path, upto, task: "follow" }),
    forget: (path) => post({ path, upto: 0, task: "forget" }),
    digest: (path, size) =>
      new Promise((resolve, reject) => {
        if (broken !== undefined) return reject(broken);
        waiting.set(path, { resolve, reject });
        worker.ref();
        post({ path, upto: size, task: "digest" });
      }),
    close: async () => {
      await worker.terminate();
    },
  };
}

/** The program of the hashing thread; one file is open for as long as it is followed. */
function serve(
  port: import("node:worker_threads").MessagePort,
  fs: typeof import("node:fs"),
  crypto: typeof import("node:crypto"),
): void {
  const buffer = Buffer.allocUnsafeSlow(256 * 1024);
  const open = new Map<string, { fd: number; hash: import("node:crypto").Hash; at: number }>();
  const forget = (path: string) => {
    const file = open.get(path);
    if (file !== undefined) fs.closeSync(file.fd);
    open.delete(path);
  };
  const readTo = (path: string, upto: number) => {
    const file = open.get(path) ?? { fd: fs.openSync(path, "r"), hash: crypto.createHash("sha256"), at: 0 };
    open.set(path, file);
    while (file.at < upto) {
      const count = fs.readSync(file.fd, buffer, 0, Math.min(buffer.length, upto - file.at), file.at);
      if (count === 0) throw new Error(`${path} is shorter than expected`);
      file.hash.update(buffer.subarray(0, count));
      file.at += count;
    }
    return file;
  };
  port.on("message", ({ path, upto, task }: Order) => {
    try {
      if (task === "forget") return forget(path);
      const file = readTo(path, upto);
      if (task === "digest") port.postMessage({ path, sha256: file.hash.digest("hex") });
    } catch (error) {
      // A fault while following shows again when the digest is asked for, which starts from the beginning.
      if (task === "digest") port.postMessage({ path, error: String(error) });
      forget(path);
    }
    if (task === "digest") forget(path);
  });
}
