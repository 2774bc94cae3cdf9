/** Runs command lines in this process, with streams and files of their own. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { onTestFinished } from 'vitest';
import type { OutputStream } from '../../src/cli/io.ts';
import { main } from '../../src/cli/main.ts';

/** A model with trained weights that is small enough for tests. */
export const TINY_MODEL = 'fixtures/networks/tiny';

export const fixture = (name: string): string => join('fixtures/images', name);
export const bytesOf = (path: string): Uint8Array => new Uint8Array(readFileSync(path));

export interface RunOptions {
  readonly stdin?: Uint8Array;
  /** What standard output and standard error say they are. */
  readonly isTTY?: boolean;
  readonly signal?: AbortSignal;
  /** Called with each text that goes to standard error. */
  readonly onStderr?: (text: string) => void;
}

export interface RunResult {
  readonly code: number;
  readonly stdout: string;
  readonly stdoutBytes: Uint8Array;
  readonly stderr: string;
}

class Sink extends Writable {
  readonly chunks: Buffer[] = [];
  readonly isTTY: boolean;
  readonly columns = 80;
  private readonly onText: ((text: string) => void) | undefined;

  constructor(isTTY: boolean, onText?: (text: string) => void) {
    super();
    this.isTTY = isTTY;
    this.onText = onText;
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.chunks.push(chunk);
    this.onText?.(chunk.toString());
    done();
  }

  bytes(): Buffer {
    return Buffer.concat(this.chunks);
  }
}

export async function run(argv: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  const { stdin = new Uint8Array(0), isTTY = false, signal = new AbortController().signal, onStderr } = options;
  const [stdout, stderr] = [new Sink(isTTY), new Sink(isTTY, onStderr)];
  const io = { stdin: Readable.from([stdin]), stdout: stdout as OutputStream, stderr: stderr as OutputStream, signal };
  const code = await main(argv, io);
  const stdoutBytes = new Uint8Array(stdout.bytes());
  return { code, stdout: stdout.bytes().toString(), stdoutBytes, stderr: stderr.bytes().toString() };
}

/** A folder that goes away with the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'vdmz-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Writes a file into a new folder; returns its path. */
export function temporaryFile(name: string, bytes: Uint8Array | string): string {
  const path = join(temporaryFolder(), name);
  writeFileSync(path, bytes);
  return path;
}
