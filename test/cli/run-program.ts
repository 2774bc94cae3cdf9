/** Runs the real program, as `npm run build` made it, in processes of their own. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';

if (!existsSync('dist/cli/main.js')) throw new Error('run "npm run build" first, as "npm test" does');

export interface Ended {
  /** null after a signal that was not caught. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: Uint8Array;
  readonly stderr: string;
}

export interface StartOptions {
  readonly nodeOptions?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

export const start = (argv: readonly string[], { nodeOptions = [], env = {} }: StartOptions = {}) =>
  spawn(process.execPath, [...nodeOptions, 'bin/vdmz.js', ...argv], { env: { ...process.env, ...env } });

/** What a process has said when it ends. */
export async function ended(child: ChildProcessWithoutNullStreams): Promise<Ended> {
  const [stdout, stderr]: [Buffer[], Buffer[]] = [[], []];
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve) =>
    child.on('close', (...values) => resolve(values)),
  );
  return { code, signal, stdout: new Uint8Array(Buffer.concat(stdout)), stderr: Buffer.concat(stderr).toString() };
}

/** Runs a command line to its end. */
export function runProgram(argv: readonly string[], options?: StartOptions, stdin?: Uint8Array): Promise<Ended> {
  const child = start(argv, options);
  child.stdin.on('error', () => undefined).end(stdin ?? new Uint8Array(0));
  return ended(child);
}

/** Runs a line of bash, in which "$vdmz" is the program. */
export function runShell(line: string): Promise<Ended> {
  const child = spawn('bash', ['-c', `vdmz() { "${process.execPath}" bin/vdmz.js "$@"; }\n${line}`]);
  child.stdin.end();
  return ended(child);
}
