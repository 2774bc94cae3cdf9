/** What the process ends with, and the errors that only the command line knows. */
import { CodecError, DivergenceError } from '../errors.ts';

export const EXIT_OK = 0;
export const EXIT_INTERNAL = 1; // a bug in this program
export const EXIT_USAGE = 2; // the command line was wrong
export const EXIT_BAD_INPUT = 3; // the file cannot be coded or decoded, the config not be trained
export const EXIT_IO = 4; // the file system said no

/** From done to worst: what a command that took many files ends with. */
const BY_SEVERITY: readonly number[] = [EXIT_OK, EXIT_USAGE, EXIT_BAD_INPUT, EXIT_IO, EXIT_INTERNAL];

/** The code of the worst of all; an interrupt is worse than any error. */
export function worstExitCode(codes: Iterable<number>): number {
  const severityOf = (code: number) => (BY_SEVERITY.includes(code) ? BY_SEVERITY.indexOf(code) : code);
  return [...codes].reduce((worst, code) => (severityOf(code) > severityOf(worst) ? code : worst), EXIT_OK);
}

/** Signals that end a command early; the shell's convention is 128 + the signal's number. */
export const INTERRUPTS = { SIGINT: 130, SIGTERM: 143 } as const;
export type InterruptSignal = keyof typeof INTERRUPTS;

/** The command line asks for something that cannot be done. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Rethrows; a config that does not fit the images, the run that it resumes or the model it is to become is no bug. */
export function failUsage(error: unknown): never {
  throw error instanceof RangeError ? new UsageError(error.message, { cause: error }) : error;
}

/** The user ended the command; the reason of the AbortSignal that commands are given. */
export class InterruptError extends Error {
  override readonly name = 'InterruptError';
  readonly exitCode: number;

  constructor(signal: InterruptSignal) {
    super(`ended by ${signal}`);
    this.exitCode = INTERRUPTS[signal];
  }
}

/** Ends the command with this code; what there was to say has been printed. */
export class PrintedError extends Error {
  override readonly name = 'PrintedError';
  readonly exitCode: number;

  constructor(exitCode: number) {
    super(`ended with ${exitCode}`);
    this.exitCode = exitCode;
  }
}

/** An error and the file or folder it is about. */
export class SubjectError extends Error {
  override readonly name = 'SubjectError';
  readonly subject: string;
  override readonly cause: unknown;

  constructor(subject: string, cause: unknown) {
    super(subject);
    this.subject = subject;
    this.cause = cause;
  }
}

/** Does the work; an error of it says which file or folder it is about. The innermost subject stays. */
export async function about<T>(subject: string, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const isComplete = error instanceof SubjectError || error instanceof PrintedError;
    throw isComplete ? error : new SubjectError(subject, error);
  }
}

export const isSystemError = (error: unknown): error is NodeJS.ErrnoException =>
  error instanceof Error && 'syscall' in error && 'code' in error;

export function exitCodeFor(error: unknown): number {
  if (error instanceof SubjectError) return exitCodeFor(error.cause);
  if (error instanceof UsageError) return EXIT_USAGE;
  if (error instanceof InterruptError || error instanceof PrintedError) return error.exitCode;
  if (error instanceof CodecError || error instanceof DivergenceError) return EXIT_BAD_INPUT;
  return isSystemError(error) ? EXIT_IO : EXIT_INTERNAL;
}
