import { z } from "zod";

/** What Plinth knows of a schema beside what it accepts. */
interface Note {
  /** Its value is never printed. */
  readonly secret?: true;
  /** Its value decides which resources exist, so it cannot be an Output. */
  readonly plain?: true;
  /** What it takes, in the words of a message: `must be <what>`. */
  readonly what?: string;
}

const notes = z.registry<Note>();

/** The schema, with its value kept out of every message. Put it outermost, or inside `.optional()`. */
export function secret<S extends z.ZodType>(schema: S): S {
  return annotate(schema, { secret: true });
}

/** The schema, refusing an Output or Promise: for what decides which resources exist. */
export function plain<S extends z.ZodType>(schema: S): S {
  return annotate(schema, { plain: true });
}

/** The schema, described in messages as `must be <what>`, e.g. `named(z.string().regex(…), "a DNS label")`. */
export function named<S extends z.ZodType>(schema: S, what: string): S {
  return annotate(schema, { what });
}

/**
 * A field that takes another object (a platform, a ref, a resource) and hands it on untouched: nothing inside it is looked at,
 * so Outputs in it stay as they are. The object itself must be there when the program runs.
 *
 * @param what the object in words, e.g. `a platform such as EksPlatform`
 * @param is tells the right objects from others. @default any object
 */
export function ref<T>(what: string, is: (value: object) => boolean = () => true): z.ZodType<T> {
  const schema = z.custom<T>(
    (value) => typeof value === "object" && value !== null && !Array.isArray(value) && is(value),
  );
  return annotate(schema, { plain: true, what });
}

/** What is noted of the schema itself or of what it wraps (optional, nullable, default …). */
export function noteOf(schema: z.core.$ZodType): Note {
  const inner = (schema._zod.def as { readonly innerType?: z.core.$ZodType }).innerType;
  return { ...(inner && noteOf(inner)), ...notes.get(schema) };
}

function annotate<S extends z.ZodType>(schema: S, note: Note): S {
  // A clone, because the same schema may stand elsewhere without the note.
  const copy = schema.clone();
  notes.add(copy, { ...notes.get(schema), ...note });
  return copy;
}
