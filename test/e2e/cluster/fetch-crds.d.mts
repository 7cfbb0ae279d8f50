export function crdFile(name: string): Promise<string>;
