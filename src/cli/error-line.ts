/** An error as the one line that the user sees: `vdmz: NAME: code: message`. */
import { getSystemErrorMap } from 'node:util';
import { CodecError, DivergenceError } from '../errors.ts';
import { InterruptError, isSystemError, SubjectError, UsageError } from './exit-codes.ts';

/** Describes any error on one line, without a line end. */
export function errorLine(error: unknown): string {
  const parts = ['vdmz'];
  let cause = error;
  if (error instanceof SubjectError) {
    parts.push(error.subject);
    cause = error.cause;
  }
  parts.push(codeOf(cause), messageOf(cause));
  return oneLine(parts.join(': '));
}

/** The line of an error, and its stack trace for --debug. */
export const errorText = (error: unknown, debug: boolean): string =>
  debug ? `${errorLine(error)}\n${stackOf(error)}` : errorLine(error);

function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const stack = error.stack ?? error.message;
  return error.cause === undefined ? stack : `${stack}\ncaused by ${stackOf(error.cause)}`;
}

/** Joins the lines of a text and turns control characters, which file names may hold, into spaces. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
export const oneLine = (text: string): string => text.replace(/[\s\u0000-\u001f\u007f-\u009f]+/g, ' ').trim();

function codeOf(error: unknown): string {
  if (error instanceof CodecError) return error.code;
  if (error instanceof DivergenceError) return 'diverged';
  if (error instanceof UsageError) return 'usage';
  if (error instanceof InterruptError) return 'interrupted';
  return isSystemError(error) ? String(error.code) : 'internal';
}

/** Errors that are no bug, and say what is wrong. */
const EXPECTED = [CodecError, DivergenceError, UsageError, InterruptError] as const;

function messageOf(error: unknown): string {
  if (isSystemError(error)) return systemMessage(error);
  if (EXPECTED.some((kind) => error instanceof kind)) return (error as Error).message;
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return `${message}; this is a bug, run again with --debug and report what it prints`;
}

function systemMessage(error: NodeJS.ErrnoException): string {
  const known = error.errno === undefined ? undefined : getSystemErrorMap().get(error.errno);
  return known?.[1] ?? error.message;
}
