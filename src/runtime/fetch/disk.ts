import { writev } from "node:fs";

type Callback = (error: Error | null, count: number) => void;

const waiting: (() => void)[] = [];
let busy = false;

/**
 * fs.writev, one at a time in the process. Writers of one file wait for its inode's lock, and a waiting
 * thread spins: several at once cost twice the processor time and bring nothing.
 */
export function writeInTurn(fd: number, buffers: readonly Buffer[], position: number, done: Callback): void {
  const write = () => {
    busy = true;
    writev(fd, buffers, position, (error, count) => {
      busy = false;
      waiting.shift()?.();
      done(error, count);
    });
  };
  if (busy) waiting.push(write);
  else write();
}
