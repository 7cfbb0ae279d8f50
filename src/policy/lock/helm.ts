import { parse } from "yaml";
import { z } from "zod";
import { ask, type HttpSettings, RemoteError } from "./http.js";
import type { Resolved } from "./registry.js";

/** What a chart's archive is, wherever it comes from: https://helm.sh/docs/topics/registries/ */
export const CHART_ARCHIVE = "application/vnd.cncf.helm.chart.content.v1.tar+gzip";

export interface ChartRepositories {
  /**
   * The digest of a chart's archive, as the repository's index has it.
   *
   * @param repository `https://…`
   * @throws RemoteError with the reason, for the user.
   */
  readonly resolve: (repository: string, chart: string, version: string) => Promise<Resolved>;
}

const LONGEST_INDEX = 64 * 1024 * 1024;

const versions = z.array(z.looseObject({ version: z.string(), digest: z.string().optional() }));
type Versions = z.infer<typeof versions>;

/** A client of Helm's HTTP repositories; each index is fetched once. Source: https://helm.sh/docs/topics/chart_repository/ */
export function chartRepositories(settings: HttpSettings): ChartRepositories {
  const indexes = new Map<string, Promise<string>>();
  const indexOf = (repository: string): Promise<string> => {
    const known = indexes.get(repository) ?? fetchIndex(repository, settings);
    indexes.set(repository, known);
    return known;
  };
  return {
    resolve: async (repository, chart, version) => {
      const all = versionsOf(await indexOf(repository), chart, repository);
      const bare = (each: string) => each.replace(/^v/, "");
      const found =
        all.find((each) => each.version === version) ?? all.find((each) => bare(each.version) === bare(version));
      if (!found) throw new RemoteError(missing(repository, chart, version, all));
      const hex = /^(?:sha256:)?([0-9a-f]{64})$/.exec(found.digest ?? "")?.[1];
      if (hex !== undefined) return { digest: `sha256:${hex}`, mediaType: CHART_ARCHIVE };
      throw new RemoteError(`the index of ${repository} has no sha256 digest for ${chart} ${version}.`);
    },
  };
}

async function fetchIndex(repository: string, settings: HttpSettings): Promise<string> {
  const url = new URL(`${repository.replace(/\/+$/, "")}/index.yaml`);
  const { status, body } = await ask({ url, longestBody: LONGEST_INDEX }, settings);
  if (status === 200) return body.toString("utf8");
  const hint =
    status === 401 || status === 403
      ? "; logins for chart repositories are not supported, charts in OCI registries are"
      : "";
  throw new RemoteError(`${repository} gives no index.yaml: status ${status}${hint}.`);
}

/**
 * The versions of one chart. Indexes have up to 20 MB and YAML is read at about a megabyte a second, so only the chart's own
 * lines are read where they can be told from the others, as in every index that Helm writes.
 */
export function versionsOf(index: string, chart: string, repository: string): Versions {
  const text = linesOf(index, chart) ?? index;
  let value: unknown;
  try {
    // Everything is text: a version or a digest must not become a number.
    value = parse(text, { schema: "failsafe", logLevel: "error", maxAliasCount: 100 });
  } catch {
    throw new RemoteError(`the index.yaml of ${repository} is not YAML.`);
  }
  const entries = z.looseObject({ entries: z.record(z.string(), z.unknown()) }).safeParse(value);
  if (!entries.success) throw new RemoteError(`the index.yaml of ${repository} has no entries.`);
  const found = entries.data.entries[chart];
  if (found === undefined) throw new RemoteError(`${repository} has no chart ${chart}.`);
  const parsed = versions.safeParse(found);
  if (!parsed.success) throw new RemoteError(`the index.yaml of ${repository} is malformed at entries.${chart}.`);
  return parsed.data;
}

/** The index with this chart alone: from its key, two spaces deep, to the next line that is no deeper and no list item. */
function linesOf(index: string, chart: string): string | undefined {
  const start = index.startsWith("entries:\n") ? 0 : index.indexOf("\nentries:\n") + 1;
  if (!index.startsWith("entries:\n", start)) return undefined;
  const key = `\n  ${chart}:\n`;
  const from = index.indexOf(key, start);
  if (from === -1) return undefined;
  const rest = index.slice(from + key.length);
  const end = /^ {0,2}[^\s-]/m.exec(rest)?.index ?? rest.length;
  return `entries:${key}${rest.slice(0, end)}`;
}

function missing(repository: string, chart: string, version: string, all: Versions): string {
  const some = all.slice(0, 5).map((each) => each.version);
  return `${repository} has no ${chart} of exactly version ${version}; it has ${some.join(", ")}${all.length > 5 ? " and older ones" : ""}.`;
}
