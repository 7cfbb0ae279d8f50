export function identity(pid: number): string | undefined;
export function members(session: number): number[];
export function endSession(session: number, graceSeconds?: number): Promise<void>;
