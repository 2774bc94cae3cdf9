/** vdmz compress: image files to .vdmz files, each decoded again before it is written. */
import type { Command } from 'commander';
import { compress } from '../compress.ts';
import { decompress, readHeader } from '../decompress.ts';
import { CodecError } from '../errors.ts';
import { type Image, isSameImage } from '../image/image.ts';
import { readImage } from '../image/read-image.ts';
import type { Model } from '../model/model.ts';
import type { CodingOptions } from '../options.ts';
import {
  addCodingOptions,
  addEffortOptions,
  addWritingOptions,
  type EffortArguments,
  effortOptions,
  engineOptions,
  type WritingArguments,
} from './arguments.ts';
import { runBatch } from './batch.ts';
import { about, UsageError } from './exit-codes.ts';
import { IMAGE_FILE, VDMZ_EXTENSION, VDMZ_FILE } from './extensions.ts';
import type { FileCommand, FileReport, Job, JobContext } from './file-command.ts';
import { checkOutput, inputName, outputName, readInput, writeOutput } from './files.ts';
import type { Io } from './io.ts';
import { planJobs } from './jobs.ts';
import { modelFor } from './models.ts';
import { bitsPerDimOf, bytesText, type FileResult, methodOf, percentText, rounded, secondsText } from './report.ts';

interface CompressArguments extends WritingArguments, EffortArguments {
  readonly verify: boolean;
}

export function addCompressCommand(program: Command, io: Io): Command {
  const command = program
    .command('compress')
    .description('compress images (PNG, WebP, JPEG, TIFF, GIF or AVIF) without loss')
    .usage('[options] <image> [out.vdmz | -]\n       vdmz compress [options] <image | folder...>')
    .argument('<image...>', 'image files, folders with --recursive, or - for standard input');
  addWritingOptions(addCodingOptions(addEffortOptions(command)))
    .option('--no-verify', 'do not decode results before writing them')
    .action((names: string[], options: CompressArguments) => compressFiles(names, options, io));
  return command;
}

const EXTENSIONS = { inputs: IMAGE_FILE, outputs: VDMZ_FILE, output: VDMZ_EXTENSION };

async function compressFiles(names: readonly string[], options: CompressArguments, io: Io): Promise<void> {
  if (options.rm && !options.verify) throw new UsageError('--rm needs the check that --no-verify leaves out');
  await runBatch(COMPRESS, await planJobs(names, options, EXTENSIONS), options, io);
}

export const COMPRESS: FileCommand<CompressArguments> = {
  name: 'compress',
  doing: 'compressing',
  open: async (options) => {
    const coding = { ...(await engineOptions(options)), model: await modelFor(options.model) };
    return (job, context) => compressFile(job, options, coding, context);
  },
};

async function compressFile(
  { input, output }: Job,
  options: CompressArguments,
  coding: CodingOptions & { readonly model: Model },
  { io, force, onProgress }: JobContext,
): Promise<FileReport> {
  const writing = { force, source: input };
  await checkOutput(output, input, writing, io);
  const started = performance.now();
  const { image, inputBytes } = await readSource(input, io);
  onProgress(0);
  const bytes = await about(inputName(input), () =>
    compressChecked(image, options, { ...coding, signal: io.signal, onProgress }),
  );
  await writeOutput(output, bytes, writing, io);
  const seconds = (performance.now() - started) / 1000;
  const sizes = { inputBytes, outputBytes: bytes.length };
  const method = methodOf(readHeader(bytes));
  const named = { method, model: method === 'PNG' ? null : coding.model.name };
  return describeCompressed(image, { input, output, ...sizes, seconds, ...named }, options);
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
  options: CodingOptions,
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

function describeCompressed(image: Image, result: FileResult, { verify }: CompressArguments): FileReport {
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
    verified: verify,
  };
  return { data, line };
}
