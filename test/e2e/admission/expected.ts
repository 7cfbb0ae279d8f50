/** Objects of the corpus that the API server refuses before any policy is asked, and why. */
export const refusedByServer: { readonly [object: string]: string } = {
  "gpu/bypass-devices Pod/runtime": "there is no RuntimeClass nvidia",
  "gpu/exempt-namespace-agent Pod/driver-check": "there is no RuntimeClass nvidia",
  "gpu/hundred-containers Pod/hundred": "an extended resource is a whole number, and no 500m",
  "gpu/quantities-broken Pod/quantities": "an extended resource is a whole number, and no 500m",
  "gpu/request-without-limit Job/eval": "an extended resource has a limit, which its request equals",
  "gpu/runtime-class-with-request Pod/with-gpu": "there is no RuntimeClass nvidia",
  "gpu/runtime-class-with-request Pod/without": "there is no RuntimeClass gvisor",
  "images/container-without-image Deployment/web": "a container names an image",
  "images/digest-faults Pod/faults": "ephemeral containers are added to pods that run",
  "images/remote-code-in-shell Pod/shell": "the name of a container is a text, and off is none in YAML 1.1",
  "images/remote-code-near Deployment/local": "the name of a container is a text, and not false",
  "reliability/production-replicas-by-kind Deployment/false": "a name is a text, and not false",
  "reliability/scaler-bounds HorizontalPodAutoscaler/crossed": "minReplicas is not above maxReplicas",
  "rollout/both-zero Deployment/numbers": "maxUnavailable and maxSurge are not both 0",
  "rollout/both-zero Deployment/percent": "maxUnavailable and maxSurge are not both 0",
  "security/own-identity-good Pod/false": "a name is a text, and not false",
  "security/restricted-container-level Pod/by-container": "ephemeral containers are added to pods that run",
  "security/restricted-kernel-fields Pod/kernel": "procMount Unmasked needs hostUsers false",
  "security/whole-notebook-pod Pod/notebook": "an extended resource is a whole number, and no 500m",
};

/** Rules whose bad example the API server refuses itself: their policies are asked about a Rollout of the same pod. */
export const exampleRefusedByServer: { readonly [rule: string]: string } = {
  GPU004: "the request of an extended resource equals its limit",
};
