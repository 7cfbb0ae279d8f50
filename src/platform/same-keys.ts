/** `true` when two object types have the same keys; held at compile time between an args interface and its schema. */
export type SameKeys<A, B> = [keyof A] extends [keyof B] ? ([keyof B] extends [keyof A] ? true : never) : never;
