/** vdmz interpolate: a row of images between two, as one PNG. */
import { type Command, InvalidArgumentError } from 'commander';
import { arrange } from '../image/grid.ts';
import { type Image8, requireImage8 } from '../image/image.ts';
import { encodePng } from '../image/png.ts';
import { readImage } from '../image/read-image.ts';
import { interpolate } from '../interpolate.ts';
import { MAX_SEED } from '../sample.ts';
import {
  addEffortOptions,
  addModelOption,
  addQuietOptions,
  addThreadsOption,
  type EffortArguments,
  effortOptions,
  parseCount,
  type QuietOptions,
} from './arguments.ts';
import { assertSheet } from './assert-sheet.ts';
import { about, UsageError } from './exit-codes.ts';
import { assertPngName } from './extensions.ts';
import { checkOutput, inputName, outputName, readInput, writeOutput } from './files.ts';
import type { Io } from './io.ts';
import { modelFor } from './models.ts';
import { withProgress } from './progress.ts';
import { bytesText, report, reportStream, rounded, secondsText, sizeText } from './report.ts';

interface InterpolateArguments extends QuietOptions, EffortArguments {
  readonly count: number;
  readonly noise: number;
  readonly seed: number;
  readonly model?: string;
  readonly threads?: number;
  readonly force?: boolean;
}

export function addInterpolateCommand(program: Command, io: Io): Command {
  const command = program
    .command('interpolate')
    .description('draw a row of images between two of one size: their latents mixed, and decoded')
    .argument('<first>', 'image file')
    .argument('<second>', 'image file')
    .argument('<out.png>', 'PNG file, or - for standard output')
    .option('--count <count>', 'images in the row, from all of the first to all of the second', parseCount, 7)
    .option('--noise <share>', 'how far latents go, 0 (a fade) to 1 (nearly all is drawn anew)', parseShare, 0.5)
    .option('--seed <number>', 'of the noise', parseCount, 1)
    .option('-f, --force', 'replace an existing output');
  return addModelOption(addQuietOptions(addThreadsOption(addEffortOptions(command)))).action(
    (first: string, second: string, output: string, options: InterpolateArguments) =>
      interpolateImages([first, second], output, options, io),
  );
}

function parseShare(text: string): number {
  const share = Number(text);
  if (text.trim() === '' || !(share >= 0 && share <= 1))
    throw new InvalidArgumentError('Expected a number from 0 to 1.');
  return share;
}

async function interpolateImages(
  inputs: readonly [string, string],
  output: string,
  options: InterpolateArguments,
  io: Io,
): Promise<void> {
  const { count, noise, seed, threads, quiet, json, force } = options;
  assertPngName(output);
  const writing = { force: force === true };
  for (const input of inputs) await checkOutput(output, input, writing, io);
  if (seed > MAX_SEED) throw new UsageError(`--seed goes beyond the last seed, ${MAX_SEED}`);
  const model = await modelFor(options.model);
  const [first, second] = [await readSource(inputs[0], io), await readSource(inputs[1], io)];
  if (sizeText(first) !== sizeText(second)) {
    throw new UsageError(`the images have ${sizeText(first)} and ${sizeText(second)} pixels, not one size`);
  }
  assertSheet(first, count, count);
  const started = performance.now();
  const images = await withProgress('drawing', { io, quiet: quiet === true }, async (onProgress) => {
    const coding = { model, threads, signal: io.signal, noise, seed, ...effortOptions(options) };
    const drawn: Image8[] = [];
    for (let i = 0; i < count; i++) {
      drawn.push(await interpolate(first, second, { ...coding, weight: count === 1 ? 0.5 : i / (count - 1) }));
      onProgress((i + 1) / count);
    }
    return drawn;
  });
  const png = encodePng(arrange(images, count));
  await writeOutput(output, png, writing, io);
  const seconds = (performance.now() - started) / 1000;
  await report(
    reportStream(output, io),
    { json: json === true, quiet: quiet === true },
    {
      data: {
        inputs,
        output,
        outputBytes: png.length,
        count,
        noise,
        seed,
        model: model.name,
        seconds: rounded(seconds, 3),
      },
      line: `${outputName(output)}: ${count} of ${sizeText(first)}, ${bytesText(png.length)}, ${secondsText(seconds)}`,
    },
  );
}

/** Gray images are shown as RGB beside others. */
const readSource = async (path: string, io: Io): Promise<Image8> => {
  const bytes = await readInput(path, io);
  return about(inputName(path), async () => toRgb(requireImage8(await readImage(bytes))));
};

function toRgb(image: Image8): Image8 {
  const { height, width, channels, bitDepth, data } = image;
  if (channels >= 3) return image;
  const rgb = new Uint8Array(height * width * 3);
  for (let i = 0; i < rgb.length; i++) rgb[i] = data[Math.floor(i / 3) * channels]!;
  return { height, width, channels: 3, bitDepth, data: rgb };
}
