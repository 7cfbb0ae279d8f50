import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Document, parseDocument } from "yaml";

/** Writes a value that is not secret into a stack's settings file. A key without a namespace is the project's. */
export function writeConfig(folder: string, stack: string, key: string, value: unknown): void {
  const project = readDocument(join(folder, "Pulumi.yaml"));
  const file = settingsFile(folder, stack);
  const settings = readDocument(file);
  settings.setIn(["config", key.includes(":") ? key : `${String(project.get("name"))}:${key}`], value);
  writeFileSync(file, settings.toString());
}

/** What a stack's secrets are encrypted with, besides the passphrase. */
export function readSalt(folder: string, stack: string): string {
  return String(readDocument(settingsFile(folder, stack)).get("encryptionsalt"));
}

function settingsFile(folder: string, stack: string): string {
  const project = readDocument(join(folder, "Pulumi.yaml"));
  return join(folder, String(project.get("stackConfigDir") ?? "."), `Pulumi.${stack}.yaml`);
}

function readDocument(file: string): Document {
  return parseDocument(existsSync(file) ? readFileSync(file, "utf8") : "{}");
}
