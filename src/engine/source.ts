import { realpathSync } from "node:fs";
import { isAbsolute, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import type { SourcePosition } from "../graph/model.js";
import type { Position, StackTrace } from "./protocol.js";

/** Folders by which a file is judged to be the user's: the program's own first, then the project's. */
export interface SourceRoots {
  readonly project: string;
  readonly program: string;
}

interface Frame {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

const preload = fileURLToPath(new URL("./preload.cjs", import.meta.url));

const framePattern =
  /^\s*at (?:.* \()?(?:async )?(?:file:\/\/)?(?<file>(?:\/|[A-Za-z]:)[^()]*):(?<line>\d+):(?<column>\d+)\)?$/;

export function sourceRoots(project: string, program: string): SourceRoots {
  return { project: realpathSync(project), program: realpathSync(program) };
}

/** The user's own line in a stack that the SDK sent with a resource. */
export function fromTrace(
  trace: StackTrace | null,
  first: Position | null,
  roots: SourceRoots,
): SourcePosition | undefined {
  const positions = [...(trace?.frames ?? []).map((frame) => frame.pc), first];
  return choose(
    positions.flatMap((position) => (position ? [toFrame(position)] : [])),
    roots,
  );
}

/** The user's own line in the text of an error's stack. */
export function fromStackText(stack: string, roots: SourceRoots): SourcePosition | undefined {
  const lines = stack.split("\n");
  // A syntax error names the place in the first line: `/dir/index.js:3`.
  const leading = /^(?<file>(?:\/|[A-Za-z]:).*):(?<line>\d+)$/.exec(lines[0] ?? "")?.groups;
  const frames = lines.flatMap((text) => {
    const groups = framePattern.exec(text)?.groups;
    return groups ? [{ file: groups.file!, line: Number(groups.line), column: Number(groups.column) }] : [];
  });
  const first = leading ? [{ file: leading.file!, line: Number(leading.line), column: 0 }] : [];
  return choose([...first, ...frames], roots);
}

function toFrame(position: Position): Frame {
  // ES module frames arrive encoded twice: file:///<cwd>/file:/real/path.mjs
  const path = position.uri.startsWith("file:") ? fileURLToPath(position.uri) : position.uri;
  const nested = path.lastIndexOf("/file:/");
  return { file: nested >= 0 ? path.slice(nested + 6) : path, line: position.line, column: position.column };
}

function choose(frames: readonly Frame[], roots: SourceRoots): SourcePosition | undefined {
  const own = frames.filter(({ file }) => isAbsolute(file) && !file.includes("/@pulumi/") && file !== preload);
  const found =
    own.find(({ file }) => isWithin(file, roots.program)) ??
    own.find(({ file }) => isWithin(file, roots.project)) ??
    own.find(({ file }) => !hasModules(file));
  if (!found) return undefined;
  const file = relative(roots.project, found.file).split(sep).join("/");
  return { file, line: found.line, ...(found.column > 0 ? { column: found.column } : {}) };
}

const hasModules = (path: string): boolean => path.split(/[\\/]/).includes("node_modules");

function isWithin(file: string, folder: string): boolean {
  const path = relative(folder, file);
  return !path.startsWith("..") && !isAbsolute(path) && !hasModules(path);
}

export const showPosition = (position: SourcePosition | undefined): string =>
  position ? `${position.file}:${position.line}` : "";
