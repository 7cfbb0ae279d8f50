/** What `fromModule` gives the folder of. */
export interface Wanted {
  readonly tool: string;
  readonly module: string;
  readonly what: string;
  readonly fill: (moduleFolder: string, target: string) => Promise<void>;
}
export function fromModule(wanted: Wanted): Promise<string>;
