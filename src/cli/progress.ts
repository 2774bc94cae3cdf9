/** A progress bar on standard error, for terminals only. */
import type { SingleBar } from 'cli-progress';
import type { Io } from './io.ts';

export interface ProgressBar {
  /** @param fraction 0..1 */
  update(fraction: number): void;
  /** Does work that prints lines, with the bar off the screen. */
  pause(work: () => Promise<void>): Promise<void>;
  /** Takes the bar off the screen. */
  stop(): void;
}

const SILENT: ProgressBar = { update: () => undefined, pause: (work) => work(), stop: () => undefined };

export async function startProgress(label: string, { stderr }: Io, quiet: boolean): Promise<ProgressBar> {
  if (quiet || !stderr.isTTY) return SILENT;
  const { default: cliProgress } = await import('cli-progress');
  const bar: SingleBar = new cliProgress.SingleBar(
    {
      stream: stderr,
      format: `${label} {bar} {percentage} % {eta_formatted}`,
      clearOnComplete: true,
      hideCursor: false,
    },
    cliProgress.Presets.shades_classic,
  );
  return new TerminalBar(bar);
}

/** On the screen from the first progress, so that a command that fails its checks draws nothing. */
class TerminalBar implements ProgressBar {
  readonly #bar: SingleBar;
  /** How many ask for the bar to be off the screen. */
  #pauses = 0;

  constructor(bar: SingleBar) {
    this.#bar = bar;
  }

  update(fraction: number): void {
    if (this.#bar.isActive) this.#bar.update(fraction);
    else if (this.#pauses === 0 && fraction < 1) this.#bar.start(1, fraction);
  }

  /** The next progress brings the bar back. */
  async pause(work: () => Promise<void>): Promise<void> {
    this.stop();
    await work();
    this.#pauses -= 1;
  }

  stop(): void {
    this.#pauses += 1;
    if (this.#bar.isActive) this.#bar.stop();
  }
}

/** Runs the work with a bar that goes away when the work ends, however it ends. */
export async function withProgress<T>(
  label: string,
  { io, quiet }: { io: Io; quiet: boolean },
  work: (onProgress: (fraction: number) => void) => Promise<T>,
): Promise<T> {
  const bar = await startProgress(label, io, quiet);
  bar.update(0);
  try {
    return await work((fraction) => bar.update(fraction));
  } finally {
    bar.stop();
  }
}
