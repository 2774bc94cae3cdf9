/** What the process ends with, and the errors that only the command line knows. */
import { CodecError } from '../errors.ts';

export const EXIT_OK = 0;
export const EXIT_INTERNAL = 1; // a bug in this program
export const EXIT_USAGE = 2; // the command line was wrong
export const EXIT_BAD_INPUT = 3; // the file cannot be coded or decoded
export const EXIT_IO = 4; // the file system said no

/** Signals that end a command early; the shell's convention is 128 + the signal's number. */
export const INTERRUPTS = { SIGINT: 130, SIGTERM: 143 } as const;
export type InterruptSignal = keyof typeof INTERRUPTS;

/** The command line asks for something that cannot be done. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
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
    throw error instanceof SubjectError ? error : new SubjectError(subject, error);
  }
}

export const isSystemError = (error: unknown): error is NodeJS.ErrnoException =>
  error instanceof Error && 'syscall' in error && 'code' in error;

export function exitCodeFor(error: unknown): number {
  if (error instanceof SubjectError) return exitCodeFor(error.cause);
  if (error instanceof UsageError) return EXIT_USAGE;
  if (error instanceof InterruptError) return error.exitCode;
  if (error instanceof CodecError) return EXIT_BAD_INPUT;
  return isSystemError(error) ? EXIT_IO : EXIT_INTERNAL;
}
