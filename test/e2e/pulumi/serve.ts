import * as grpc from "@grpc/grpc-js";

/** Pulumi's own limit for messages. */
const MAX_MESSAGE = 400 << 20;

/** An answer to one call; a thrown error reaches the engine as its text, with `code` where the error has one. */
export type Handler = (request: never, cancelled: AbortSignal) => unknown;

/**
 * Serves a plugin as the engine expects one: on a port of its own, which is the first line of its output; it ends when
 * the engine closes its input, also by dying.
 */
export async function servePlugin(
  service: grpc.ServiceDefinition,
  handlers: Readonly<Record<string, Handler>>,
): Promise<void> {
  const server = new grpc.Server({
    "grpc.max_receive_message_length": MAX_MESSAGE,
    "grpc.max_send_message_length": MAX_MESSAGE,
  });
  const implementation = Object.entries(handlers).map(([name, handler]) => [name, unary(handler)]);
  server.addService(service, Object.fromEntries(implementation) as grpc.UntypedServiceImplementation);
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  for (const event of ["end", "close", "error"]) process.stdin.once(event, () => process.exit(0));
  process.stdin.resume();
  process.stdout.write(`${port}\n`);
}

function unary(handler: Handler): grpc.handleUnaryCall<never, unknown> {
  return async (call, reply) => {
    const controller = new AbortController();
    call.once("cancelled", () => controller.abort());
    try {
      reply(null, await handler(call.request, controller.signal));
    } catch (error) {
      const { code = grpc.status.UNKNOWN, message } = error as { code?: grpc.status; message: string };
      reply({ code, details: message });
    }
  };
}
