/** A progress bar on standard error, for terminals only. */
import type { SingleBar } from 'cli-progress';
import type { Io } from './io.ts';

export interface ProgressBar {
  /** @param fraction 0..1 */
  update(fraction: number): void;
  /** Takes the bar off the screen. */
  stop(): void;
}

const SILENT: ProgressBar = { update: () => undefined, stop: () => undefined };

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
  bar.start(1, 0);
  return { update: (fraction) => bar.update(fraction), stop: () => bar.stop() };
}

/** Runs the work with a bar that goes away when the work ends, however it ends. */
export async function withProgress<T>(
  label: string,
  { io, quiet }: { io: Io; quiet: boolean },
  work: (onProgress: (fraction: number) => void) => Promise<T>,
): Promise<T> {
  const bar = await startProgress(label, io, quiet);
  try {
    return await work((fraction) => bar.update(fraction));
  } finally {
    bar.stop();
  }
}
