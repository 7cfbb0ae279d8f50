import { z } from "zod";
import { allOf, anyOf, not, text } from "../cel.js";
import { cpuPod } from "../examples.js";
import { type Check, defineObjectRule } from "../rule.js";
import { wordLists } from "./words.js";

/** Option of vLLM, Text Generation Inference, SGLang and the Transformers programs: run code that lies beside the weights. */
const TRUST = "(^|\\s)--trust[-_]remote[-_]code(=(true|True|1))?(\\s|$)";

/** A download that a shell runs, on one line or on lines joined by a backslash. */
const PIPED = "(curl|wget)([^|\\n\\\\]|\\\\[\\s\\S])*\\|\\s*(sudo\\s+(-\\S+\\s+)*)?(/usr)?(/bin/)?(ba|z|da)?sh(\\s|$)";

const installs = anyOf(
  'item.contains("pip install")',
  'item.contains("pip3 install")',
  allOf('item.contains("|")', 'item.contains("sh")', `item.matches(${text(PIPED)})`),
);

/** `pip install x` as words of their own; the finding is at the word `pip`, and the next words decide. */
const installsByWords = allOf(
  anyOf('item == "pip"', 'item == "pip3"'),
  anyOf(...wordLists.map((list) => `(has(container.${list}) && container.${list}.exists(w, w == "install"))`)),
);

const ofWords: readonly Check[] = wordLists.flatMap((list) => [
  {
    each: "container" as const,
    within: { list },
    expression: not(allOf('item.contains("--trust")', `item.matches(${text(TRUST)})`)),
    path: "",
    message:
      '"--trust-remote-code runs code from a model hub; allowed is a model that the server\'s own code can load"',
  },
  {
    each: "container" as const,
    within: { list },
    when: "!variables.config.allowInstall",
    expression: not(anyOf(installs, installsByWords)),
    path: "",
    message: '"the container installs or runs code from the network when it starts; allowed is what is in its image"',
  },
]);

/** IMG007: nothing is run that is not in the image. */
export const noRemoteCode = defineObjectRule({
  id: "IMG007",
  name: "no-remote-code",
  pack: "images",
  severity: "high",
  statement: "Containers run no code that they download when they start.",
  why: "Code from a model hub or a package index runs with the pod's identity and beside its data, was reviewed by nobody, and differs from one start to the next.",
  source: "https://huggingface.co/docs/transformers/models#custom-models",
  semantics:
    "No word of command or args is, or has as a word of a shell text, --trust-remote-code (or with =true, =True or =1; hyphens or underscores), and no environment entry TRUST_REMOTE_CODE is 1, true or True; =false passes. No element of command or args contains `pip install` or `pip3 install`, or pipes curl or wget into a shell; `allowInstall` permits these last two. Scripts inside images are not seen, nor are downloads that are run by other means.",
  parameters: z.strictObject({
    allowInstall: z
      .boolean()
      .default(false)
      .describe("Whether containers may install packages and run downloaded scripts when they start."),
  }),
  bad: `${cpuPod}      args: [serve, --trust-remote-code]\n`,
  good: `${cpuPod}      args: [serve]\n`,
  checks: [
    ...ofWords,
    {
      each: "container",
      within: { list: "env" },
      when: 'item.name == "TRUST_REMOTE_CODE" && has(item.value)',
      expression: '!(item.value in ["1", "true", "True"])',
      path: "value",
      message: '"TRUST_REMOTE_CODE runs code from a model hub; allowed is false"',
    },
  ],
});
