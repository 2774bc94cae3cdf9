/** What a command sees of the process, so that tests can run commands with streams of their own. */
import type { Readable, Writable } from 'node:stream';

export type OutputStream = Writable & { readonly isTTY?: boolean };

export interface Io {
  readonly stdin: Readable;
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  /** Aborted, with an InterruptError as its reason, when the user ends the command. */
  readonly signal: AbortSignal;
}

/** Writes and waits until the stream has taken it all. */
export function write(stream: Writable, chunk: string | Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.write(chunk, (error) => (error ? reject(error) : resolve()));
  });
}

export const writeLine = (stream: Writable, line: string): Promise<void> => write(stream, `${line}\n`);
