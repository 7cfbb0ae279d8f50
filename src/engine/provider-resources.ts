import { defaultProviderName, type PluginRequest, packageOf, urnOfReference } from "./providers.js";
import { makeUrn, type Session } from "./session.js";
import { containsUnknown, secret, UNKNOWN, type Wire, type WireObject } from "./wire.js";

/** What a request says about its plugin. */
export interface PluginWish {
  readonly type: string;
  readonly parent: string | undefined;
  readonly provider: string;
  readonly providers: Readonly<Record<string, string>>;
  readonly version: string;
  readonly pluginDownloadURL: string;
  readonly packageRef: string;
}

/** The provider's reference: the one given, the resource's own for the package, its ancestors', else a default one. */
export function resolveProvider(session: Session, wish: PluginWish): string {
  const registered = session.packages.get(wish.packageRef);
  const pkg = registered?.parameterization?.name ?? registered?.name ?? packageOf(wish.type);
  const named = wish.provider || wish.providers[pkg] || inherited(session, wish.parent, pkg);
  if (named) return named;
  return ensureDefault(session, wish.type, {
    pkg,
    version: registered?.parameterization?.version ?? registered?.version ?? (wish.version || session.installed(pkg)),
    url: registered?.downloadUrl ?? wish.pluginDownloadURL,
  });
}

/** The plugin version of a provider that the program declares: its own, its package's, else that of the default one. */
export function providerVersion(session: Session, wish: Pick<PluginWish, "type" | "version" | "packageRef">): string {
  const registered = session.packages.get(wish.packageRef);
  const own = registered?.parameterization?.version ?? registered?.version ?? wish.version;
  return own || session.installed(wish.type.slice(wish.type.lastIndexOf(":") + 1));
}

function inherited(session: Session, parent: string | undefined, pkg: string): string | undefined {
  for (let urn = parent; urn !== undefined; urn = session.resources.get(urn)?.parent) {
    const found = session.resources.get(urn)?.providers[pkg];
    if (found) return found;
  }
  return undefined;
}

function ensureDefault(session: Session, type: string, plugin: PluginRequest): string {
  const { project, resources } = session;
  const disabled = JSON.parse(project.config.values.get("pulumi:disable-default-providers") ?? "[]") as unknown;
  if (Array.isArray(disabled) && (disabled.includes("*") || disabled.includes(plugin.pkg))) {
    throw new Error(`Default provider for '${plugin.pkg}' disabled. '${type}' must use an explicit provider.`);
  }
  const providerType = `pulumi:providers:${plugin.pkg}`;
  const name = defaultProviderName(plugin);
  const urn = makeUrn(project, providerType, name, undefined);
  if (!resources.has(urn)) {
    resources.set(urn, {
      urn,
      type: providerType,
      name,
      kind: "provider",
      inputs: {
        ...configOf(session, plugin.pkg),
        ...(plugin.version === "" ? {} : { version: plugin.version }),
      },
      options: {},
      dependencies: [],
      propertyDependencies: {},
      generated: [],
      opaque: false,
      transforms: [],
      providers: {},
    });
  }
  return `${urn}::${UNKNOWN}`;
}

function configOf({ project }: Session, pkg: string): WireObject {
  const entries = [...project.config.values].filter(([key]) => key.startsWith(`${pkg}:`));
  return Object.fromEntries(
    entries.map(([key, value]): [string, Wire] => [
      key.slice(pkg.length + 1),
      project.config.secrets.has(key) ? secret(value) : value,
    ]),
  );
}

/** Inputs of the provider, or undefined when a part of them is unknown: then the real engine asks it nothing. */
export function knownProviderInputs(session: Session, reference: string): WireObject | undefined {
  const inputs = session.resources.get(urnOfReference(reference))?.inputs ?? {};
  return containsUnknown(inputs) ? undefined : inputs;
}
