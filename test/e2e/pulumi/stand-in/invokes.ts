import { policyDocument } from "../../../../src/engine/policy-document.js";
import type { WireObject } from "../../../../src/engine/wire.js";

/** Answers of a test by token; the arguments of the call are part of the answer. */
export type Answers = Readonly<Record<string, WireObject>>;

const REGION = "eu-west-1";

/** Data sources that need no cloud. */
const COMPUTED: Readonly<Record<string, (args: WireObject) => WireObject>> = {
  "aws:iam/getPolicyDocument:getPolicyDocument": policyDocument,
  "aws:index/getPartition:getPartition": () => ({
    id: "aws",
    partition: "aws",
    dnsSuffix: "amazonaws.com",
    reverseDnsPrefix: "com.amazonaws",
  }),
  "aws:index/getCallerIdentity:getCallerIdentity": () => ({
    id: "123456789012",
    accountId: "123456789012",
    arn: "arn:aws:iam::123456789012:user/stand-in",
    userId: "AIDASTANDIN",
  }),
  "aws:index/getRegion:getRegion": ({ region = REGION }) => ({ id: region, name: region, region }),
};

/** @throws Error naming the token when neither the test nor the stand-in knows the answer. */
export function answerInvoke(token: string, args: WireObject, answers: Answers): WireObject {
  const given = answers[token];
  if (given) return { ...args, ...given };
  const computed = COMPUTED[token];
  if (computed) return computed(args);
  throw new Error(`the stand-in provider has no answer for ${token}; give one in clouds.answers of the test's stack`);
}
