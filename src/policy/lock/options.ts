import { InputError } from "../../graph/model.js";
import { DEFAULT_REGISTRY, formatImage, parseImage } from "../../rules/images/reference.js";
import { isLoopback } from "./http.js";
import type { Wanted } from "./references.js";

const HOST = /^([a-zA-Z0-9]([a-zA-Z0-9.-]*[a-zA-Z0-9])?|\[[0-9a-fA-F:]+\])(:\d{1,5})?$/;

/** Hosts that may be asked without TLS. */
export function insecureHosts(given: readonly string[]): readonly string[] {
  const wrong = given.find((host) => !HOST.test(host));
  if (wrong === undefined) return given;
  throw new InputError("--insecure-registry takes a host with its port, such as registry.lan:5000, without a scheme.");
}

/**
 * Mirrors by registry, as `HOST` or `HOST/PATH`. No message shows the value: it could hold a login.
 *
 * @param given `docker.io` and `https://mirror.example.com/hub` of `--mirror docker.io=https://mirror.example.com/hub`
 */
export function mirrorsOf(
  given: Readonly<Record<string, string>>,
  insecure: readonly string[],
): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(given).map(([registry, address]) => {
      const [, scheme = "https", rest = ""] = /^(?:(https?):\/\/)?(.*?)\/*$/.exec(address) ?? [];
      const [host = "", ...path] = rest.split("/");
      if (
        !HOST.test(registry) ||
        !HOST.test(host) ||
        path.some((part) => !/^[a-z0-9]([a-z0-9._-]*[a-z0-9])?$/.test(part))
      ) {
        throw new InputError(
          "--mirror takes a registry and who is asked instead, without a login: --mirror docker.io=https://mirror.example.com/hub.",
        );
      }
      if (scheme === "http" && !isLoopback(host) && !insecure.includes(host)) {
        throw new InputError(
          `--mirror: ${host} is without TLS. Use https, or allow it with --insecure-registry ${host}.`,
        );
      }
      return [registry === "index.docker.io" ? DEFAULT_REGISTRY : registry, rest];
    }),
  );
}

/**
 * The names that `--update` means: all for "*", else those that are written so or mean the same image.
 *
 * @throws InputError for a name that is not used.
 */
export function chosen(wanted: readonly Wanted[], names: readonly string[]): ReadonlySet<Wanted> {
  if (names.includes("*")) return new Set(wanted);
  return new Set(
    names.flatMap((name) => {
      const found = wanted.filter(({ reference }) => reference === name || whole(reference) === whole(name));
      if (found.length > 0) return found;
      const some = wanted.slice(0, 5).map(({ reference }) => reference);
      const known = some.length > 0 ? ` It names ${some.join(", ")}${wanted.length > 5 ? " and others" : ""}.` : "";
      throw new InputError(`--update=${name}: nothing here has that name.${known}`);
    }),
  );
}

function whole(reference: string): string {
  const parsed = parseImage(reference);
  return parsed ? formatImage({ ...parsed, tag: parsed.tag ?? "latest" }) : reference;
}
