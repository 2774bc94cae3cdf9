/** vdmz eval --run: the bound of a training run's averaged weights, before they become integers, for numbers of steps T. */
import { join } from 'node:path';
import { planeCount } from '../codec/planes.ts';
import { type Image, requireImage8 } from '../image/image.ts';
import { pixelsOf } from '../open-pixels.ts';
import type { TrainConfig } from '../train/config.ts';
import type { QuietOptions } from './arguments.ts';
import { listImages } from './eval-images.ts';
import { about, UsageError } from './exit-codes.ts';
import { type Io, writeLine } from './io.ts';
import { rounded, tableLine } from './report.ts';
import { requireTensorFlow } from './tensorflow.ts';

export interface RunEvaluation extends QuietOptions {
  /** Folder of the run. */
  readonly run: string;
  /** Numbers of steps T, evenly spaced in time. Default: 4, 8, 16, 64 and 256. */
  readonly steps?: readonly number[] | undefined;
  /** Images at most. */
  readonly limit: number;
}

const STEPS = [4, 8, 16, 64, 256];
const HEADINGS = ['steps', 'bits/dim', 'standard error'];
const WIDTHS = HEADINGS.map(({ length }) => length);

/** Prints a row for each T: the mean over images of the bound in bits/dim, base included, and its standard error. */
export async function evaluateRun(paths: readonly string[], options: RunEvaluation, io: Io): Promise<void> {
  const { run: folder, steps = STEPS, limit, json, quiet } = options;
  const tf = await requireTensorFlow();
  const [{ CHECKPOINT_NAME }, { readCheckpoint }, { boundOfRun }, { pyramidOf }] = await Promise.all([
    import('../train/train.ts'),
    import('../train/checkpoint.ts'),
    import('../train/bound-of-run.ts'),
    import('../train/dataset.ts'),
  ]);
  const run = await about(folder, () => readCheckpoint(tf, join(folder, CHECKPOINT_NAME)));
  await about(folder, async () => assertHasLatents(run.config));
  const images = await squareImages(paths, limit);
  const pyramids = images.map((image) => pyramidOf(pixelsOf(image), 2));
  const say = async (line: string) => {
    if (!json && !quiet) await writeLine(io.stdout, line);
  };
  await say(tableLine(HEADINGS, WIDTHS));
  const bounds: object[] = [];
  for (const numSteps of steps) {
    // Lets signals in: the bound is synchronous.
    await new Promise((resolve) => setImmediate(resolve));
    io.signal.throwIfAborted();
    const { bitsPerDim, standardError } = boundOfRun(tf, run, pyramids, { numSteps });
    bounds.push({ steps: numSteps, bitsPerDim: rounded(bitsPerDim), standardError: rounded(standardError) });
    await say(tableLine([String(numSteps), bitsPerDim.toFixed(4), errorText(standardError)], WIDTHS));
  }
  const data = { run: folder, iteration: run.iteration, images: images.length, bounds };
  if (json) await writeLine(io.stdout, JSON.stringify(data));
}

/** A single image has none. */
const errorText = (standardError: number): string => (Number.isNaN(standardError) ? '-' : standardError.toFixed(4));

function assertHasLatents(config: TrainConfig): void {
  if (config.process === 'absorbing') throw new UsageError('a run of absorbing diffusion has no bound by steps');
  if (config.objective === 'details') throw new UsageError('a run of the objective "details" has no latents');
}

/** @throws UsageError unless all images have colours and are squares of one size, whose stages are whole */
async function squareImages(paths: readonly string[], limit: number) {
  const images = await listImages(paths, limit);
  const loaded = await Promise.all(
    images.map(async ({ name, load }) => about(name, async () => requireImage8(await load()))),
  );
  const side = loaded[0]?.height ?? 0;
  for (const [i, image] of loaded.entries()) {
    await about(images[i]!.name, async () => {
      assertSquare(image, side);
      assertColoured(image);
    });
  }
  return loaded;
}

function assertSquare({ height, width }: Image, side: number): void {
  if (height === width && height === side && side >= 2 && (side & (side - 1)) === 0) return;
  throw new UsageError(
    `--run takes squares of one size, a power of two, such as CIFAR-10's of 32x32; got ${width}x${height}`,
  );
}

/** Of gray, two of three coefficients would be counted that are not coded. */
function assertColoured({ channels }: Image): void {
  if (planeCount(channels) === 3) return;
  throw new UsageError('--run takes images with red, green and blue, got gray');
}
