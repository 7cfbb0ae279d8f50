import { anyOf, text, texts } from "../cel.js";

/**
 * CEL on the words of a container's command line (`command` and `args`). CEL has no loop that knows its place, so "the
 * word after" is found by trying places.
 */

/** Words looked at when one word is told by the one before it; longer command lines are not searched further. */
export const PLACES = 64;

const places = `[${Array.from({ length: PLACES }, (_, place) => place).join(", ")}]`;

/**
 * Options by which servers are told their model: vLLM and the Transformers programs, Text Generation Inference, KServe's
 * Hugging Face server, SGLang; `serve` is the command of vLLM that takes the model as its next word.
 *
 * Sources (2026-08): https://docs.vllm.ai/en/latest/cli/serve/,
 * https://huggingface.co/docs/text-generation-inference/reference/launcher,
 * https://docs.sglang.ai/advanced_features/server_arguments.html.
 */
export const MODEL_OPTIONS = ["--model", "--model-id", "--model_id", "--model-path"] as const;
const BEFORE_MODEL = [...MODEL_OPTIONS, "serve"];

/** The lists of words, for checks that go through each. */
export const wordLists = ["args", "command"] as const;

/** CEL: a container's words in one list. */
export function words(container: string): string {
  return `((has(${container}.command) ? ${container}.command : []) + (has(${container}.args) ? ${container}.args : []))`;
}

/** CEL: whether some two words, one after the other, pass; `word` and `next` are CEL texts made of them. */
export function someNextWord(container: string, test: (word: string, next: string) => string): string {
  return `[${words(container)}].exists(ws, size(ws) > 1 && ${places}.exists(at, at + 1 < size(ws) && ${test("ws[at]", "ws[at + 1]")}))`;
}

/** CEL: whether the word stands where a model is named: after `--model` and its like. */
export function isNamedAsModel(container: string, word: string): string {
  return someNextWord(container, (before, next) => `${before} in ${texts(BEFORE_MODEL)} && ${next} == ${word}`);
}

/** CEL: whether the word is `--model=…` or its like. */
export function isModelOption(word: string): string {
  return `${texts(MODEL_OPTIONS)}.exists(option, ${word}.startsWith(option + "="))`;
}

/** CEL: what stands behind the first `=` of a word. */
export function optionValue(word: string): string {
  return `${word}.substring(${word}.indexOf("=") + 1)`;
}

/** CEL: whether the text is a name on the Hugging Face hub (`org/name`), neither a path nor a URI. */
export function isHubName(value: string): string {
  return `(size(${value}) < 200 && ${value}.matches(${text("^[A-Za-z0-9][A-Za-z0-9._-]*/[A-Za-z0-9._-]+$")}))`;
}

/** Options by which the same servers are told which commit of a model on the hub. */
const REVISION_OPTIONS = ["--revision", "--model_revision"];

/** CEL: whether the container pins its model by a commit. */
export function hasRevision(container: string): string {
  return anyOf(
    `${words(container)}.exists(w, w.startsWith("--") && w.matches(${text(`^(${REVISION_OPTIONS.join("|")})=[0-9a-f]{40}$`)}))`,
    someNextWord(
      container,
      (word, next) => `${word} in ${texts(REVISION_OPTIONS)} && ${next}.matches("^[0-9a-f]{40}$")`,
    ),
  );
}
