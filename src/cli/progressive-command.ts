/** vdmz progressive: how an image comes into being as it is decoded, as pictures, a table and a curve. */
import type { Command } from 'commander';
import { planeCount } from '../codec/planes.ts';
import { hasMagic } from '../container/header.ts';
import { decompress, readHeader } from '../decompress.ts';
import { arrange } from '../image/grid.ts';
import type { Image, Image8 } from '../image/image.ts';
import { encodePng } from '../image/png.ts';
import { readImage } from '../image/read-image.ts';
import type { Model } from '../model/model.ts';
import type { CodingOptions } from '../options.ts';
import { type ProgressiveStep, progressiveSteps } from '../progressive.ts';
import {
  addEffortOptions,
  addQuietOptions,
  addThreadsOption,
  type EffortArguments,
  effortOptions,
  type QuietOptions,
} from './arguments.ts';
import { curveSvg } from './curve-svg.ts';
import { about, UsageError } from './exit-codes.ts';
import { checkOutput, defaultOutput, inputName, outputName, readInput, STANDARD_STREAM, writeOutput } from './files.ts';
import type { Io } from './io.ts';
import { modelFor } from './models.ts';
import { withProgress } from './progress.ts';
import { report, rounded, secondsText } from './report.ts';

interface ProgressiveArguments extends QuietOptions, EffortArguments {
  readonly output?: string;
  readonly model?: string;
  readonly threads?: number;
  readonly force?: boolean;
}

/** The details of every step are kept: about 100 bytes a pixel. */
const MAX_PIXELS = 4_000_000;
/** Estimates in the picture, at most. */
const MAX_PICTURES = 12;
const COLUMNS = 4;

export function addProgressiveCommand(program: Command, io: Io): Command {
  const command = program
    .command('progressive')
    .description('show what is known of an image while it is decoded: estimates, and error against bits')
    .argument('<in>', 'a .vdmz file or an image, or - for standard input')
    .option('-o, --output <name>', 'start of the names NAME.png, NAME.csv and NAME.svg (default: <in>.progressive)')
    .option('--model <name>', 'installed model by its name, or a folder with a model')
    .option('-f, --force', 'replace existing outputs');
  return addQuietOptions(addThreadsOption(addEffortOptions(command))).action(
    (input: string, options: ProgressiveArguments) => showProgress(input, options, io),
  );
}

async function showProgress(input: string, options: ProgressiveArguments, io: Io): Promise<void> {
  const { threads, quiet, json, force } = options;
  if (input === STANDARD_STREAM && options.output === undefined) {
    throw new UsageError('standard input has no name; use --output');
  }
  const start = options.output ?? defaultOutput(input, '.progressive');
  const outputs = ['png', 'csv', 'svg'].map((extension) => `${start}.${extension}`);
  const writing = { force: force === true };
  for (const output of outputs) await checkOutput(output, input, writing, io);
  const model = await modelFor(options.model);
  const started = performance.now();
  const coding = { model, threads, signal: io.signal };
  const { steps, dims } = await withProgress('decoding', { io, quiet: quiet === true }, async () => {
    const image = await readAny(input, coding, io);
    const steps = await progressiveSteps(image, { ...coding, ...effortOptions(options) });
    return { steps, dims: image.height * image.width * planeCount(image.channels) };
  });
  const files = [encodePng(pictureOf(steps)), textBytes(csvOf(steps, dims)), textBytes(svgOf(steps, dims))];
  for (const [i, file] of files.entries()) await writeOutput(outputs[i]!, file, writing, io);
  const seconds = (performance.now() - started) / 1000;
  const rows = steps.map((step) => rowOf(step, dims));
  await report(
    io.stdout,
    { json: json === true, quiet: quiet === true },
    {
      data: { input, outputs, model: model.name, seconds: rounded(seconds, 3), steps: rows },
      line: `${inputName(input)} -> ${outputs.map(outputName).join(', ')}: ${steps.length} steps, ${secondsText(seconds)}`,
    },
  );
}

/** The image of a file of either kind, small enough. */
const readAny = async (input: string, coding: CodingOptions & { model: Model }, io: Io): Promise<Image> => {
  const bytes = await readInput(input, io);
  return about(inputName(input), async () => {
    const header = hasMagic(bytes) ? readHeader(bytes) : undefined;
    if (header !== undefined) assertSmall(header);
    // The file may be of another model than the one whose steps are shown.
    const model = header?.modelId === coding.model.id ? coding.model : undefined;
    const image = header === undefined ? await readImage(bytes) : await decompress(bytes, { ...coding, model });
    assertSmall(image);
    return image;
  });
};

function assertSmall({ height, width }: { height: number; width: number }): void {
  if (height * width > MAX_PIXELS) throw new UsageError(`the image has more than ${MAX_PIXELS} pixels`);
}

/** Estimates from all of the way, in rows. */
function pictureOf(steps: readonly ProgressiveStep[]): Image8 {
  const count = Math.min(steps.length, MAX_PICTURES);
  const chosen = Array.from(
    { length: count },
    (_, i) => steps[Math.round((i * (steps.length - 1)) / Math.max(1, count - 1))]!,
  );
  return arrange(
    chosen.map(({ estimate }) => estimate()),
    Math.min(COLUMNS, count),
  );
}

const rowOf = ({ level, known, bits, rmse }: ProgressiveStep, dims: number) => ({
  level,
  known: typeof known === 'number' ? `y_${known}` : known,
  bitsPerDim: rounded(bits / dims),
  rmse: rounded(rmse),
});

function csvOf(steps: readonly ProgressiveStep[], dims: number): string {
  const rows = steps.map((step) => Object.values(rowOf(step, dims)).join(','));
  return `${['level,known,bitsPerDim,rmse', ...rows].join('\n')}\n`;
}

const svgOf = (steps: readonly ProgressiveStep[], dims: number): string =>
  curveSvg({
    points: steps.map(({ bits, rmse }) => [bits / dims, rmse] as const),
    xTitle: 'bits/dim received',
    yTitle: 'root mean square error of the estimate',
  });

const textBytes = (text: string): Uint8Array => new TextEncoder().encode(text);
