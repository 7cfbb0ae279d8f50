import { Agent, request } from "node:https";
import type { Api } from "../cluster/api.js";
import type { KubeObject } from "../cluster/objects.js";
import type { Server } from "../cluster/request.js";

/** What an API server says to an object. */
export interface Answer {
  readonly status: number;
  /** Why it was refused; "" when it was admitted. */
  readonly message: string;
  /** What policies that only warn say, one each. */
  readonly warnings: readonly string[];
}

/** Creates an object without keeping it: everything is done but the writing. */
export type Ask = (object: KubeObject, as?: string) => Promise<Answer>;

/** Asks as the tests' own user, or as another by name. */
export function asker(server: Server, api: Api): Ask {
  const agent = new Agent({ ca: server.ca, keepAlive: true, maxSockets: 4 });
  return async (object, as) => {
    const named = { ...object, metadata: { ...object.metadata, name: object.metadata.name ?? "generated" } };
    const path = (await api.pathOf(named)).replace(/\/[^/]*$/, "");
    return new Promise((resolve, reject) => {
      const headers = {
        Authorization: `Bearer ${server.token}`,
        "Content-Type": "application/json",
        ...(as !== undefined && { "Impersonate-User": as }),
      };
      const sent = request(
        new URL(`${path}?dryRun=All&fieldValidation=Strict`, server.server),
        { method: "POST", agent, headers },
        (answer) => {
          const parts: Buffer[] = [];
          answer.on("data", (part: Buffer) => parts.push(part));
          answer.on("end", () => {
            const { message = "" } = JSON.parse(Buffer.concat(parts).toString()) as { readonly message?: string };
            const status = answer.statusCode ?? 0;
            resolve({ status, message: status < 300 ? "" : message, warnings: warningsOf(answer.headers.warning) });
          });
          answer.on("error", reject);
        },
      );
      sent.on("error", reject);
      sent.end(JSON.stringify(object));
    });
  };
}

/** `299 - "text", 299 - "text"`, with quotes and backslashes escaped (RFC 9110, quoted-string). */
function warningsOf(header: string | undefined): string[] {
  return [...(header ?? "").matchAll(/299 - "((?:\\.|[^"\\])*)"/g)].map(([, text = ""]) =>
    fromLatin1(text.replace(/\\(.)/g, "$1")),
  );
}

/** Headers come as Latin-1, and the server writes UTF-8 into them. */
function fromLatin1(text: string): string {
  return Buffer.from(text, "latin1").toString("utf8");
}
