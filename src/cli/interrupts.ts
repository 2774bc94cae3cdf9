/** Ctrl-C and SIGTERM as an AbortSignal. */
import { INTERRUPTS, InterruptError, type InterruptSignal } from './exit-codes.ts';

/** Listens from now on; the reason of the signal is an InterruptError. */
export function interruptSignal(): AbortSignal {
  const abort = new AbortController();
  for (const name of Object.keys(INTERRUPTS) as InterruptSignal[]) {
    // Once: a second signal ends the process at once, as if nobody listened.
    process.once(name, () => abort.abort(new InterruptError(name)));
  }
  return abort.signal;
}
