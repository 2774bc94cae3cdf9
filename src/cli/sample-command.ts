/** vdmz sample: images that a model draws, in one PNG. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { arrange } from '../image/grid.ts';
import type { Image, Image8 } from '../image/image.ts';
import { encodePng } from '../image/png.ts';
import { readImage } from '../image/read-image.ts';
import type { Size } from '../pyramid/haar.ts';
import { MAX_SEED, redraw, type SampleOptions, sample } from '../sample.ts';
import {
  addEffortOptions,
  addQuietOptions,
  addScaleOption,
  addThreadsOption,
  type EffortArguments,
  effortOptions,
  levelOf,
  parseCount,
  type QuietOptions,
  type Scale,
} from './arguments.ts';
import { assertSheet } from './assert-sheet.ts';
import { about, UsageError } from './exit-codes.ts';
import { assertPngName } from './extensions.ts';
import { checkOutput, inputName, outputName, readInput, STANDARD_STREAM, writeOutput } from './files.ts';
import type { Io } from './io.ts';
import { modelFor } from './models.ts';
import { withProgress } from './progress.ts';
import { bytesText, report, reportStream, rounded, secondsText, sizeText } from './report.ts';

interface SampleArguments extends QuietOptions, EffortArguments {
  readonly size: { readonly height: number; readonly width: number };
  readonly count: number;
  readonly columns?: number;
  readonly seed: number;
  readonly from?: string;
  readonly scale: Scale;
  readonly model?: string;
  readonly threads?: number;
  readonly force?: boolean;
}

export function addSampleCommand(program: Command, io: Io): Command {
  const command = program
    .command('sample')
    .description('draw images from a model, in rows, as one PNG')
    .argument('<out.png>', 'PNG file, or - for standard output')
    .addOption(
      new Option('--size <widthxheight>', 'of each image')
        .argParser(parseSize)
        .default({ height: 64, width: 64 }, '64x64')
        .conflicts('from'),
    )
    .option('--from <image>', 'keep the coarse levels of this image and draw the finer ones')
    .option('--count <count>', 'images to draw', parseCount, 1)
    .option('--columns <count>', 'images in a row (default: about as many as rows)', parseCount)
    .option('--seed <number>', 'of the first image; the next ones have the next numbers', parseCount, 1)
    .option('--model <name>', 'installed model by its name, or a folder with a model')
    .option('-f, --force', 'replace an existing output');
  addScaleOption(command, 'with --from: the scale that is kept', '1/8');
  return addQuietOptions(addThreadsOption(addEffortOptions(command))).action(
    (output: string, options: SampleArguments) => sampleImages(output, options, io),
  );
}

function parseSize(text: string): SampleArguments['size'] {
  const [, width, height] = /^(\d{1,5})x(\d{1,5})$/.exec(text) ?? [];
  if (width === undefined) throw new InvalidArgumentError('Expected a width and a height, such as 640x480.');
  return { height: Number(height), width: Number(width) };
}

/** Refuses a sheet that no image can be, and seeds beyond the last one, before anything is drawn. */
function assertDrawable(size: Size, { count, seed }: SampleArguments, columns: number): void {
  assertSheet(size, count, columns);
  if (seed + count - 1 > MAX_SEED) throw new UsageError(`--seed and --count go beyond the last seed, ${MAX_SEED}`);
}

async function sampleImages(output: string, options: SampleArguments, io: Io): Promise<void> {
  const { count, seed, from, threads, quiet, json } = options;
  assertPngName(output);
  const writing = { force: options.force === true };
  await checkOutput(output, from ?? STANDARD_STREAM, writing, io);
  const model = await modelFor(options.model);
  const source = from === undefined ? undefined : await readSource(from, io);
  const columns = Math.min(options.columns ?? Math.ceil(Math.sqrt(count)), count);
  assertDrawable(source ?? options.size, options, columns);
  const started = performance.now();
  const images = await withProgress('drawing', { io, quiet: quiet === true }, async (onProgress) => {
    const drawn: Image8[] = [];
    for (let i = 0; i < count; i++) {
      const coding = { model, threads, signal: io.signal, seed: seed + i, ...effortOptions(options) };
      drawn.push(await drawOne(source, options, coding));
      onProgress((i + 1) / count);
    }
    return drawn;
  });
  const sheet = arrange(images, columns);
  const png = encodePng(sheet);
  await writeOutput(output, png, writing, io);
  const seconds = (performance.now() - started) / 1000;
  const { height, width } = sheet;
  await report(
    reportStream(output, io),
    { json: json === true, quiet: quiet === true },
    {
      data: {
        output,
        outputBytes: png.length,
        height,
        width,
        count,
        seed,
        model: model.name,
        seconds: rounded(seconds, 3),
      },
      line: `${outputName(output)}: ${count} of ${sizeText(images[0]!)}, ${bytesText(png.length)}, ${secondsText(seconds)}`,
    },
  );
}

const readSource = async (path: string, io: Io): Promise<Image> => {
  const bytes = await readInput(path, io);
  return about(inputName(path), () => readImage(bytes));
};

const drawOne = (
  source: Image | undefined,
  { size, scale }: SampleArguments,
  coding: SampleOptions,
): Promise<Image8> => (source === undefined ? sample(size, coding) : redraw(source, levelOf(scale), coding));
