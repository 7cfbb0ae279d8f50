// The tools of the end-to-end tests: real servers and the real Pulumi engine, built from the Go modules beside this file.

/**
 * @typedef {object} Tool
 * @property {string} module folder of the Go module, beside this file
 * @property {string} package what `go build` builds in it
 * @property {string} binary file name of the program; tests put its folder on PATH where the name matters
 * @property {string[]} ldflags settings of the linker besides `-s -w`
 * @property {string} about name and version for people
 */

const kubernetesVersion = [
  "-X k8s.io/component-base/version.gitVersion=v1.36.3",
  "-X k8s.io/component-base/version.gitMajor=1",
  "-X k8s.io/component-base/version.gitMinor=36",
];

/** @type {Record<string, Tool>} in the order in which they are built: small ones first, a fault in the setup shows early */
export const tools = {
  etcd: {
    module: "etcd",
    package: "go.etcd.io/etcd/server/v3",
    binary: "etcd",
    ldflags: [],
    about: "etcd 3.6.5",
  },
  kwok: {
    module: "kwok",
    package: "sigs.k8s.io/kwok/cmd/kwok",
    binary: "kwok",
    ldflags: [],
    about: "kwok 0.8.0",
  },
  registry: {
    module: "registry",
    package: "github.com/distribution/distribution/v3/cmd/registry",
    binary: "registry",
    ldflags: [],
    about: "Distribution registry 3.1.2",
  },
  actionlint: {
    module: "actionlint",
    package: "github.com/rhysd/actionlint/cmd/actionlint",
    binary: "actionlint",
    ldflags: [],
    about: "actionlint 1.7.12",
  },
  pulumi: {
    module: "pulumi",
    package: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
    binary: "pulumi",
    ldflags: ["-X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=3.248.0"],
    about: "Pulumi CLI 3.248.0",
  },
  "kube-apiserver": {
    module: "kubernetes",
    package: "k8s.io/kubernetes/cmd/kube-apiserver",
    binary: "kube-apiserver",
    ldflags: kubernetesVersion,
    about: "kube-apiserver 1.36.3",
  },
  "kube-controller-manager": {
    module: "kubernetes",
    package: "k8s.io/kubernetes/cmd/kube-controller-manager",
    binary: "kube-controller-manager",
    ldflags: kubernetesVersion,
    about: "kube-controller-manager 1.36.3",
  },
  "kube-scheduler": {
    module: "kubernetes",
    package: "k8s.io/kubernetes/cmd/kube-scheduler",
    binary: "kube-scheduler",
    ldflags: kubernetesVersion,
    about: "kube-scheduler 1.36.3",
  },
  "rollouts-controller": {
    module: "argo-rollouts",
    package: "github.com/argoproj/argo-rollouts/cmd/rollouts-controller",
    binary: "rollouts-controller",
    ldflags: [],
    about: "Argo Rollouts controller 1.10.0",
  },
  "pulumi-resource-kubernetes": {
    module: "pulumi-kubernetes",
    package: ".",
    binary: "pulumi-resource-kubernetes",
    ldflags: [],
    about: "Pulumi Kubernetes provider 4.25.0",
  },
};
