/** vdmz compress: an image file to a .vdmz file, decoded again before it is written. */
import type { Command } from 'commander';
import { compress } from '../compress.ts';
import { decompress, readHeader } from '../decompress.ts';
import { CodecError } from '../errors.ts';
import { type Image, isSameImage } from '../image/image.ts';
import { readImage } from '../image/read-image.ts';
import type { CodingOptions } from '../options.ts';
import {
  addCodingOptions,
  addEffortOptions,
  type CodingArguments,
  type EffortArguments,
  effortOptions,
  engineOptions,
} from './arguments.ts';
import { about, UsageError } from './exit-codes.ts';
import { checkOutput, defaultOutput, inputName, outputName, readInput, writeOutput } from './files.ts';
import type { Io } from './io.ts';
import { modelFor } from './models.ts';
import { withProgress } from './progress.ts';
import {
  bitsPerDimOf,
  bytesText,
  type FileResult,
  methodOf,
  percentText,
  report,
  reportStream,
  rounded,
  secondsText,
} from './report.ts';

interface CompressArguments extends CodingArguments, EffortArguments {
  readonly verify: boolean;
}

export const EXTENSION = '.vdmz';

export function addCompressCommand(program: Command, io: Io): Command {
  const command = program
    .command('compress')
    .description('compress an image (PNG, WebP, JPEG, TIFF, GIF or AVIF) without loss')
    .argument('<in>', 'image file, or - for standard input')
    .argument('[out]', `compressed file, or - for standard output (default: <in> with the extension ${EXTENSION})`);
  addCodingOptions(addEffortOptions(command))
    .option('--no-verify', 'do not decode the result before writing it')
    .action((input: string, output: string | undefined, options: CompressArguments) =>
      compressFile(input, output ?? defaultOutput(input, EXTENSION), options, io),
    );
  return command;
}

async function compressFile(input: string, output: string, options: CompressArguments, io: Io): Promise<void> {
  await checkOutput(output, input, options, io);
  const started = performance.now();
  const { image, inputBytes } = await readSource(input, io);
  const engine = await engineOptions(options);
  const model = await modelFor(options.model);
  const bytes = await withProgress('compressing', { io, quiet: options.quiet === true }, (onProgress) =>
    about(inputName(input), () => compressChecked(image, options, { ...engine, model, signal: io.signal, onProgress })),
  );
  await writeOutput(output, bytes, options, io);
  const seconds = (performance.now() - started) / 1000;
  const sizes = { inputBytes, outputBytes: bytes.length };
  const method = methodOf(readHeader(bytes));
  const named = { method, model: method === 'PNG' ? null : model.name };
  await reportCompressed(image, { input, output, ...sizes, seconds, ...named }, options, io);
}

/** The image of a file, and the size of the file, which takes no memory any more. */
async function readSource(input: string, io: Io): Promise<{ image: Image; inputBytes: number }> {
  const source = await readInput(input, io);
  const image = await about(inputName(input), () => readImage(source));
  return { image, inputBytes: source.length };
}

/** Share of the progress bar that is coding, when the decoding check follows. */
const CODING_SHARE = 0.5;

async function compressChecked(
  image: Image,
  { verify, ...effort }: CompressArguments,
  options: Required<CodingOptions>,
): Promise<Uint8Array> {
  const share = verify ? CODING_SHARE : 1;
  const onProgress = (fraction: number) => options.onProgress?.(fraction * share);
  const bytes = await compress(image, { ...options, ...effortOptions(effort), onProgress });
  if (!verify) return bytes;
  const isDevice = options.engine === 'tfjs';
  const decoded = await decompress(bytes, {
    ...options,
    // What a device has coded, WebAssembly checks: one that is inexact after all loses no image.
    engine: isDevice ? 'wasm' : options.engine,
    onProgress: (fraction) => options.onProgress?.(share + fraction * (1 - share)),
  }).catch((error) => (isDevice ? failInexact(error) : Promise.reject(error)));
  assertSameImage(decoded, image);
  return bytes;
}

function failInexact(error: unknown): never {
  if (!(error instanceof CodecError)) throw error;
  throw new UsageError('TensorFlow.js does not compute exactly on this device, use --engine wasm', { cause: error });
}

/** @throws Error when the images differ, which is a bug of the codec. */
function assertSameImage(decoded: Image, image: Image): void {
  if (!isSameImage(decoded, image)) {
    throw new Error('the decoded image differs from the input, nothing was written');
  }
}

async function reportCompressed(image: Image, result: FileResult, options: CompressArguments, io: Io): Promise<void> {
  const { input, output, inputBytes, outputBytes, seconds } = result;
  const { height, width, channels } = image;
  const bitsPerDim = bitsPerDimOf(outputBytes, image);
  const line =
    `${inputName(input)} -> ${outputName(output)}: ${bytesText(inputBytes)} -> ${bytesText(outputBytes)} ` +
    `(${percentText(outputBytes / inputBytes)}), ${bitsPerDim.toFixed(3)} bits/dim, ${secondsText(seconds)}`;
  const data = {
    ...result,
    height,
    width,
    channels,
    bitsPerDim: rounded(bitsPerDim),
    seconds: rounded(seconds, 3),
    verified: options.verify,
  };
  await report(reportStream(output, io), options, { data, line });
}
