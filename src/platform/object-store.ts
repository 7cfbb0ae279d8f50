/** The object store of a platform's cloud. Buckets are the user's own and are named by URI. */
export interface ObjectStore {
  /** URI schemes that the platform's identities can be let in to, e.g. `s3`. */
  readonly schemes: readonly string[];
  /** What a pod must have in its environment to reach the store, e.g. `AWS_REGION`. */
  readonly environment: Readonly<Record<string, string>>;
}
