// The real Kubernetes resource provider of Pulumi. Its own main package embeds generated schema files that
// its module does not contain; a program never asks for them.
package main

import "github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/provider"

func main() {
	provider.Serve("kubernetes", "4.25.0", []byte("{}"), []byte("{}"))
}
