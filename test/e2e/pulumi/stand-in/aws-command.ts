/**
 * The text of a stand-in for the AWS command line, a shell script. It does one thing: `aws eks get-token`, which
 * kubeconfigs of EKS clusters call, with the token of the test's cluster.
 */
export function awsCommand(token: string): string {
  const credential = JSON.stringify({
    kind: "ExecCredential",
    apiVersion: "client.authentication.k8s.io/v1beta1",
    spec: {},
    status: { token },
  });
  return `#!/bin/sh
# A stand-in for the AWS command line, made by Plinth's end-to-end tests.
case " $* " in
  *" eks get-token --cluster-name "*) printf '%s\\n' '${credential}' ;;
  *) echo "the stand-in for aws knows only 'eks get-token --cluster-name NAME', not: $*" >&2; exit 2 ;;
esac
`;
}
