import type { Exemption } from "../config/schema.js";
import type { Waiver } from "../waivers.js";

/** A waiver as the parameter object holds it. */
export interface ToldWaiver {
  /** Ids of rules; `*` is all of them. */
  readonly rules: readonly string[];
  /** `Kind/name` or `Kind/namespace/name`; `*` stands for any characters. */
  readonly resource: string;
  readonly reason: string;
  readonly expires?: string;
}

/** What counts at preview and not in the cluster, and why. */
export interface LeftOut {
  /** `waiver of GPU004 for Deployment/web`. */
  readonly what: string;
  readonly why: string;
}

interface Told {
  readonly told: readonly ToldWaiver[];
  readonly leftOut: readonly LeftOut[];
}

/** Names of objects with `*`, and nothing that means more in the pattern that an API server makes of it. */
export const WAIVED_RESOURCE = /^[A-Za-z0-9*]+[/*][A-Za-z0-9.*:/_-]*$/;

/**
 * The waivers that an API server can be told, and the others.
 * @param today `2026-11-21`; what expired before is left out
 */
export function admittedWaivers(waivers: readonly Waiver[], today: string): Told {
  return divided(
    waivers.map(({ rule, resource, path, reason, expires }) => ({
      told: { rules: [rule], resource, reason, expires },
      what: `waiver of ${rule} for ${resource}`,
      why:
        expires < today
          ? `it expired on ${expires}`
          : path === undefined
            ? unfit(resource)
            : `it is for ${path} alone, and an API server can only waive whole objects`,
    })),
  );
}

/** What a policy file exempts, as the parameter object holds it. */
export function admittedExemptions(exemptions: readonly Exemption[]): Told {
  return divided(
    exemptions.map(({ namespace, kind = "*", name = "*", rules = ["*"], reason }) => {
      const resource = namespace === undefined ? `${kind}/${name}` : `${kind}/${namespace}/${name}`;
      return { told: { rules, resource, reason }, what: `exemption of ${resource}`, why: unfit(resource) };
    }),
  );
}

function divided(all: readonly { told: ToldWaiver; what: string; why: string | undefined }[]): Told {
  return {
    told: all.flatMap(({ told, why }) => (why === undefined ? [told] : [])),
    leftOut: all.flatMap(({ what, why }) => (why === undefined ? [] : [{ what, why }])),
  };
}

function unfit(resource: string): string | undefined {
  if (resource.startsWith("urn:")) return "it names a URN, which an API server does not know";
  return WAIVED_RESOURCE.test(resource) ? undefined : `${resource} is no Kind/name or Kind/namespace/name`;
}

/** CEL of a match condition: whether no waiver of the parameter object is for this rule and this object. */
export function notWaived(rule: string): string {
  const name = 'object.metadata.?name.orValue("")';
  const names = `[object.kind + "/" + ${name}, object.kind + "/" + object.metadata.?namespace.orValue("") + "/" + ${name}]`;
  const pattern = '"^" + w.resource.replace(".", "[.]").replace("*", ".*") + "$"';
  return `!params.spec.waivers.exists(w, (${JSON.stringify(rule)} in w.rules || "*" in w.rules) && ${names}.exists(n, n.matches(${pattern})))`;
}
