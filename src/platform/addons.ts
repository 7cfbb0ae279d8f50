/**
 * What the cluster has besides Kubernetes, with versions: declarations about what is already there. Nothing is
 * installed. Nouns read them to know what they may emit and which namespaces may reach their pods.
 */
export interface Addons {
  /** A Prometheus that scrapes the cluster. */
  readonly prometheus?: PrometheusAddon;
}

export interface PrometheusAddon {
  /** Its address as pods see it, e.g. `http://prometheus.monitoring:9090`. */
  readonly url: string;
  /**
   * Namespace of the Prometheus pods: they are let in to the metrics ports.
   * @default the second label of the URL's host, when the URL is that of a Service of the cluster
   */
  readonly namespace?: string;
}

/** The namespace whose Prometheus pods scrape metrics; nothing when it is not in the cluster. */
export function prometheusNamespace(addons: Addons): string | undefined {
  const { prometheus } = addons;
  if (!prometheus) return undefined;
  if (prometheus.namespace) return prometheus.namespace;
  const [, namespace, kind] = new URL(prometheus.url).hostname.split(".");
  return kind === undefined || kind === "svc" ? namespace : undefined;
}
