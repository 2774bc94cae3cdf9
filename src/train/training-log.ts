/** log.csv of a run: one line every few iterations. */
import { appendFile, readFile, writeFile } from 'node:fs/promises';
import type { RunState } from './checkpoint.ts';
import { learningRates } from './learning-rate.ts';
import { type Values, vlbOf } from './meter.ts';

/** What a line says, by its columns in their order. */
export interface LogRow {
  readonly iteration: number;
  readonly seconds: number;
  readonly learningRate: number;
  /** Rates in bits per coefficient. */
  readonly bitsPerDim: number;
  readonly recon: number;
  readonly diffusion: number;
  readonly prior: number;
  readonly direct: number;
  readonly gradientNorm: number;
  /** Undefined where it was not measured. */
  readonly validation: number | undefined;
}

const HEADER = 'iteration,seconds,learningRate,bitsPerDim,recon,diffusion,prior,direct,gradientNorm,validation\n';

/** Starts the log of a run; that of a resumed run loses the lines of iterations after its checkpoint. */
export async function startLog(path: string, { iteration }: RunState): Promise<void> {
  const previous = iteration === 0 ? HEADER : await readLog(path);
  const isKept = (line: string, index: number) => index === 0 || Number.parseInt(line, 10) <= iteration;
  const lines = previous.split(/(?<=\n)/).filter((line) => line.endsWith('\n'));
  await writeFile(path, lines.filter(isKept).join(''));
}

async function readLog(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return HEADER;
    throw error;
  }
}

/** @param validation bound in bits per coefficient, when it was measured */
export async function appendToLog(
  path: string,
  run: RunState,
  means: Values,
  validation: number | undefined,
): Promise<LogRow> {
  const row = rowOf(run, means, validation);
  const { iteration, seconds, validation: _last, ...others } = row;
  const numbers = Object.values(others).map((value) => value.toPrecision(5));
  const cells = [iteration, seconds.toFixed(1), ...numbers, validation?.toFixed(4) ?? ''];
  await appendFile(path, `${cells.join(',')}\n`);
  return row;
}

function rowOf(run: RunState, means: Values, validation: number | undefined): LogRow {
  const { iteration, seconds, config } = run;
  const { recon, diffusion, prior, direct, norm: gradientNorm } = means;
  const learningRate = learningRates(config, iteration).muon;
  const bitsPerDim = vlbOf(means);
  return { iteration, seconds, learningRate, bitsPerDim, recon, diffusion, prior, direct, gradientNorm, validation };
}
