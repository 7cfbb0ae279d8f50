import * as pulumi from "@pulumi/pulumi";
import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { collectRejections } from "../testing/rejections.js";
import { ArgsError } from "./args-error.js";
import { checkArgs, named, plain, ref, secret } from "./check-args.js";
import { durationSchema } from "./duration.js";
import { quantitySchema } from "./quantity.js";

const rollout = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("rolling") }),
  z.strictObject({ kind: z.literal("canary"), weights: z.array(z.int().min(1).max(99)).min(1), pause: durationSchema }),
]);

const schema = z.strictObject({
  image: z.string().min(1),
  engine: plain(z.enum(["triton", "vllm"])).optional(),
  scale: z
    .strictObject({ min: z.int().min(1), max: z.int().min(1).optional() })
    .refine((scale) => scale.max === undefined || scale.min <= scale.max, {
      error: "max must not be below min",
      path: ["max"],
    })
    .optional(),
  memory: quantitySchema.optional(),
  token: secret(z.string().min(20)).optional(),
  rollout: rollout.optional(),
  tags: z.record(z.string(), z.string()).optional(),
  platform: ref<object>("a platform such as EksPlatform").optional(),
  args: z.array(z.string()).optional(),
  source: z.union([z.string().regex(/^s3:/), z.strictObject({ bucket: z.string(), size: z.int() })]).optional(),
});

type Args = { readonly [key: string]: unknown };

function check(args: Args): Args {
  return checkArgs('InferenceEndpoint "fraud"', schema, args);
}

function refusal(args: Args): string {
  try {
    check(args);
  } catch (error) {
    if (error instanceof ArgsError) return error.message;
    throw error;
  }
  throw new Error("nothing was refused");
}

function faults(args: Args): string[] {
  return refusal(args)
    .split("\n")
    .slice(1)
    .map((line) => line.trim());
}

function settled<T>(input: unknown): Promise<T> {
  return new Promise((resolve, reject) => {
    const output = input as pulumi.Output<T> & { promise(): Promise<T> };
    output.promise().then(resolve, reject);
  });
}

beforeEach(() => {
  pulumi.runtime.setMocks(
    { newResource: ({ inputs }) => ({ id: "", state: inputs }), call: () => ({}) },
    "p",
    "s",
    true,
  );
});

describe("checkArgs on plain values", () => {
  it("gives back the very arguments when all is right", () => {
    const args = { image: "a", scale: { min: 1, max: 2 }, tags: { team: "risk" } };
    expect(check(args)).toBe(args);
  });

  it("collects every fault into one message that names construct, field, value and what is allowed", () => {
    expect(refusal({ image: "a", scale: { min: 0 }, engin: "vllm" })).toBe(
      [
        'InferenceEndpoint "fraud" has 2 faults:',
        "  scale.min: 0 is not allowed; it must be a whole number of at least 1",
        '  engin: unknown field; did you mean "engine"?',
      ].join("\n"),
    );
  });

  it("names the fields there are when none is near", () => {
    expect(faults({ image: "a", scale: { min: 1, pods: 3 } })).toEqual([
      "scale.pods: unknown field; the fields are min, max",
    ]);
  });

  it("says what a missing field is to be", () => {
    expect(faults({})).toEqual(["image: is required; it must be text that is not empty"]);
  });

  it("lists the members of a union for a wrong kind", () => {
    expect(faults({ image: "a", rollout: { kind: "canery" } })).toEqual([
      'rollout.kind: "canery" is not allowed; it must be one of "rolling", "canary"; did you mean "canary"?',
    ]);
  });

  it("asks for the kind when it is missing", () => {
    expect(faults({ image: "a", rollout: {} })).toEqual([
      'rollout.kind: is required; it must be one of "rolling", "canary"',
    ]);
  });

  it("names the item of a list and the field of the chosen member", () => {
    expect(faults({ image: "a", rollout: { kind: "canary", weights: [5, 100], pause: "ten" } })).toEqual([
      "rollout.weights[1]: 100 is not allowed; it must be a whole number of at least 1 and at most 99",
      'rollout.pause: "ten" is not allowed; it must be a duration such as "250ms", "90s", "10m", "1h30m" or "90d"',
    ]);
  });

  it("speaks of the member that was meant when a union has no kind", () => {
    expect(faults({ image: "a", source: { bucket: "b", size: 1.5 } })).toEqual([
      "source.size: 1.5 is not allowed; it must be a whole number",
    ]);
    expect(faults({ image: "a", source: "gs://x" })).toEqual([
      'source: "gs://x" is not allowed; it must be text that matches /^s3:/',
    ]);
    expect(faults({ image: "a", source: 3 })).toEqual([
      "source: 3 is not allowed; it must be text that matches /^s3:/ or an object",
    ]);
  });

  it("gives the message of a rule over two fields as it is", () => {
    expect(faults({ image: "a", scale: { min: 3, max: 2 } })).toEqual(["scale.max: max must not be below min"]);
  });

  it("quotes names that are not identifiers", () => {
    expect(faults({ image: "a", tags: { "a b": 1 } })).toEqual(['tags["a b"]: 1 is not allowed; it must be text']);
  });

  it("never shows a secret, wherever the fault in it is", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 8, maxLength: 19 }), (value) => {
        const text = refusal({ image: "a", token: value });
        expect(text).toBe(
          'InferenceEndpoint "fraud" has 1 fault:\n  token: the secret given is not allowed; it must be text of at least 20 characters',
        );
      }),
    );
    expect(() =>
      checkArgs("X", z.object({ s: z.union([secret(z.string().min(9)), z.number()]) }), { s: "hunter2" }),
    ).toThrow("X has 1 fault:\n  s: the secret given is not allowed; it must be text of at least 9 characters");
  });

  it("carries the faults as data, without the value of a secret", () => {
    const error = (() => {
      try {
        return check({ image: "", token: "short" });
      } catch (thrown) {
        return thrown as ArgsError;
      }
    })() as ArgsError;
    expect(error.construct).toBe('InferenceEndpoint "fraud"');
    expect(error.faults).toEqual([
      { field: "image", given: "", message: '"" is not allowed; it must be text that is not empty' },
      { field: "token", message: "the secret given is not allowed; it must be text of at least 20 characters" },
    ]);
  });

  it("is printed by Pulumi as a message without a stack", () => {
    expect(pulumi.RunError.isInstance(new ArgsError("X", []))).toBe(true);
  });

  it("says what object a ref must be", () => {
    expect(faults({ image: "a", platform: "prod" })).toEqual([
      'platform: "prod" is not allowed; it must be a platform such as EksPlatform',
    ]);
  });

  it("takes the author's words for a check", () => {
    const even = z.strictObject({ n: z.number().refine((n) => n % 2 === 0, { error: "must be even" }) });
    expect(() => checkArgs("X", even, { n: 3 })).toThrow("X has 1 fault:\n  n: 3 is not allowed; it must be even");
    expect(() => checkArgs("X", named(z.object({}), "settings"), 3 as unknown as object)).toThrow(
      "X has 1 fault:\n  args: 3 is not allowed; it must be settings",
    );
  });

  it("never refuses what the schema takes and never takes what it refuses", () => {
    const value = fc.oneof(
      fc.integer({ min: -2, max: 4 }),
      fc.constant(undefined),
      fc.constant("1"),
      fc.constant(null),
    );
    fc.assert(
      fc.property(fc.record({ min: value, max: value }, { requiredKeys: [] }), (scale) => {
        const args = { image: "a", scale };
        const takes = (() => {
          try {
            return check(args) === args;
          } catch {
            return false;
          }
        })();
        expect(takes).toBe(schema.safeParse(args).success);
      }),
    );
  });
});

describe("checkArgs on late values", () => {
  it("keeps what is plain and what is in refs untouched", async () => {
    const platform = { name: pulumi.output("prod") };
    const args = { image: pulumi.output("a"), scale: { min: 1 }, platform };
    const checked = check(args);
    expect(checked.platform).toBe(platform);
    expect(checked.scale).toEqual({ min: 1 });
    expect(await settled(checked.image)).toBe("a");
  });

  it("finds faults of plain values beside late ones at once", () => {
    expect(faults({ image: pulumi.output("a"), scale: { min: 0, max: pulumi.output(3) } })).toEqual([
      "scale.min: 0 is not allowed; it must be a whole number of at least 1",
    ]);
  });

  it.each<[string, (late: unknown) => Args, unknown, string]>([
    ["a field", (late) => ({ image: late }), "", 'image: "" is not allowed; it must be text that is not empty'],
    [
      "a nested field",
      (late) => ({ image: "a", scale: { min: late } }),
      0,
      "scale.min: 0 is not allowed; it must be a whole number of at least 1",
    ],
    [
      "a whole object",
      (late) => ({ image: "a", scale: late }),
      { min: 1, mx: 2 },
      'scale.mx: unknown field; did you mean "max"?',
    ],
    [
      "an item of a list",
      (late) => ({ image: "a", args: ["x", late] }),
      7,
      "args[1]: 7 is not allowed; it must be text",
    ],
    [
      "a value of a record",
      (late) => ({ image: "a", tags: { team: late } }),
      7,
      "tags.team: 7 is not allowed; it must be text",
    ],
    [
      "a member of a union",
      (late) => ({ image: "a", rollout: { kind: "canary", weights: [late], pause: "1m" } }),
      0,
      "rollout.weights[0]: 0 is not allowed; it must be a whole number of at least 1 and at most 99",
    ],
    [
      "a union without kind",
      (late) => ({ image: "a", source: { bucket: late, size: 1 } }),
      7,
      "source.bucket: 7 is not allowed; it must be text",
    ],
    [
      "a rule over a late and a plain field",
      (late) => ({ image: "a", scale: { min: late, max: 2 } }),
      3,
      "scale.max: max must not be below min",
    ],
  ])("checks %s when it is known, as Output and as Promise", async (_, make, value, message) => {
    for (const late of [pulumi.output(value), Promise.resolve(value)]) {
      expect(await lateRefusal(() => findOutput(check(make(late))))).toBe(
        `InferenceEndpoint "fraud" has 1 fault:\n  ${message}`,
      );
    }
  });

  it("does not show the value of a late secret", async () => {
    expect(await lateRefusal(() => check({ image: pulumi.secret("") }).image)).toBe(
      'InferenceEndpoint "fraud" has 1 fault:\n  image: the secret given is not allowed; it must be text that is not empty',
    );
  });

  it("keeps a late secret secret and a known neighbour known", async () => {
    const checked = check({ image: "a", token: pulumi.secret("a very long token indeed") });
    expect(await pulumi.isSecret(checked.token as pulumi.Output<string>)).toBe(true);
    expect(checked.image).toBe("a");
  });

  it("makes no other field unknown", async () => {
    class Role extends pulumi.CustomResource {
      declare readonly arn: pulumi.Output<string>;
      constructor() {
        super("a:b:Role", "role", { arn: undefined });
      }
    }
    const unknown = new Role();
    const checked = check({ image: pulumi.output("a"), tags: { arn: unknown.arn } });
    const isKnown = (output: unknown) => (output as { isKnown: Promise<boolean> }).isKnown;
    expect(await isKnown((checked.tags as Record<string, unknown>).arn)).toBe(false);
    expect(await isKnown(checked.image)).toBe(true);
  });

  it("leaves a rule over two late fields, and only it", async () => {
    const checked = check({ image: "a", scale: { min: pulumi.output(3), max: pulumi.output(2) } });
    const scale = checked.scale as Record<string, unknown>;
    expect(await Promise.all([settled(scale.min), settled(scale.max)])).toEqual([3, 2]);
  });

  it("refuses an Output where the value decides the structure", () => {
    const must =
      "must be a plain value: it decides which resources there are, so an Output or Promise, known only later, cannot be used";
    expect(faults({ image: "a", engine: pulumi.output("vllm"), platform: pulumi.output({}) })).toEqual([
      `engine: ${must}`,
      `platform: ${must}`,
    ]);
    expect(faults({ image: "a", rollout: { kind: pulumi.output("rolling") } })).toEqual([`rollout.kind: ${must}`]);
  });

  it("takes an absent late value where the field is optional", async () => {
    expect(await settled(check({ image: "a", memory: pulumi.output(undefined) }).memory)).toBe(undefined);
  });
});

/** The message with which the late value that `make` gives is refused. */
async function lateRefusal(make: () => unknown): Promise<string> {
  // A failed apply rejects promises inside Pulumi that nobody can reach, all with the one error.
  const { rejections } = await collectRejections(() => settled(make()).catch(() => undefined));
  return rejections.map((error) => (error as ArgsError).message).join("\n");
}

/** The first Output in the structure. */
function findOutput(value: unknown): unknown {
  if (pulumi.Output.isInstance(value)) return value;
  if (typeof value !== "object" || value === null) return undefined;
  return Object.values(value)
    .map(findOutput)
    .find((found) => found !== undefined);
}
