/** Faults that do not end a command: each is a line on standard error, and the worst gives the exit code. */
import { errorText } from './error-line.ts';
import { EXIT_OK, exitCodeFor, PrintedError, worstExitCode } from './exit-codes.ts';
import { type Io, writeLine } from './io.ts';
import type { ProgressBar } from './progress.ts';

export class FaultPrinter {
  readonly #codes: number[] = [];
  readonly #io: Io;
  readonly #debug: boolean;
  readonly #bar: Pick<ProgressBar, 'pause'>;

  constructor(io: Io, debug: boolean | undefined, bar: Pick<ProgressBar, 'pause'> = { pause: (work) => work() }) {
    this.#io = io;
    this.#debug = debug === true;
    this.#bar = bar;
  }

  get count(): number {
    return this.#codes.length;
  }

  /** @throws the signal's reason when the user has ended the command, which is then what the error is about */
  async print(error: unknown): Promise<void> {
    this.#io.signal.throwIfAborted();
    this.#codes.push(exitCodeFor(error));
    await this.#bar.pause(() => writeLine(this.#io.stderr, errorText(error, this.#debug)));
  }

  /** @throws PrintedError when there were faults */
  end(): void {
    const worst = worstExitCode(this.#codes);
    if (worst !== EXIT_OK) throw new PrintedError(worst);
  }
}
