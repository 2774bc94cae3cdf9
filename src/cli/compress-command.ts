/** vdmz compress: image files to .vdmz files, each decoded again before it is written. */
import type { Command } from 'commander';
import { assertRestored, assertSameImage } from '../check-restored.ts';
import { type CompressOptions, compress } from '../compress.ts';
import { compressPng } from '../compress-png.ts';
import type { Header } from '../container/header.ts';
import { readRestored } from '../container/original.ts';
import { decompress, readHeader } from '../decompress.ts';
import { decompressPng } from '../decompress-png.ts';
import { CodecError } from '../errors.ts';
import type { Image } from '../image/image.ts';
import { hasPngSignature } from '../image/png-chunks.ts';
import { readImage } from '../image/read-image.ts';
import type { CodingOptions } from '../options.ts';
import {
  addBandsOption,
  addCodingOptions,
  addEffortOptions,
  addMethodOption,
  addPreviewOption,
  addWritingOptions,
  type EffortArguments,
  effortOptions,
  engineOptions,
  levelOf,
  type Scale,
  type WritingArguments,
} from './arguments.ts';
import { runBatch } from './batch.ts';
import { about, UsageError } from './exit-codes.ts';
import { IMAGE_FILE, VDMZ_EXTENSION, VDMZ_FILE } from './extensions.ts';
import type { FileCommand, FileReport, Job, JobContext } from './file-command.ts';
import { checkOutput, inputName, outputName, readInput, writeOutput } from './files.ts';
import type { Io } from './io.ts';
import { planJobs } from './jobs.ts';
import { codingModel } from './models.ts';
import { bitsPerDimOf, bytesText, type FileResult, percentText, rounded, secondsText } from './report.ts';
import { codedBy } from './restore-file.ts';

interface CompressArguments extends WritingArguments, EffortArguments {
  readonly verify: boolean;
  readonly pixelsOnly?: boolean;
  readonly method?: CompressOptions['method'];
  readonly bands?: number;
  readonly preview?: Scale;
}

export function addCompressCommand(program: Command, io: Io): Command {
  const command = program
    .command('compress')
    .description('compress images (PNG, WebP, JPEG, TIFF, GIF, AVIF, PNM or PAM) without loss')
    .usage('[options] <image> [out.vdmz | -]\n       vdmz compress [options] <image | folder...>')
    .argument('<image...>', 'image files, folders with --recursive, or - for standard input');
  addWritingOptions(addCodingOptions(addPreviewOption(addBandsOption(addMethodOption(addEffortOptions(command))))))
    .option('--no-verify', 'do not decode results before writing them')
    .option('--pixels-only', 'keep the pixels of PNG files only, not the files')
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
    const coding = { ...(await engineOptions(options)), model: await codingModel(options.model, options) };
    return (job, context) => compressFile(job, options, coding, context);
  },
};

async function compressFile(
  { input, output }: Job,
  options: CompressArguments,
  coding: CodingOptions,
  { io, force, onProgress }: JobContext,
): Promise<FileReport> {
  const writing = { force, source: input };
  await checkOutput(output, input, writing, io);
  const started = performance.now();
  const source = await readInput(input, io);
  onProgress(0);
  const bytes = await about(inputName(input), () =>
    compressChecked(source, options, { ...coding, signal: io.signal, onProgress }),
  );
  await writeOutput(output, bytes, writing, io);
  const seconds = (performance.now() - started) / 1000;
  const header = readHeader(bytes);
  const sizes = { inputBytes: source.length, outputBytes: bytes.length };
  const named = { ...(await codedBy(header, coding.model)), restored: readRestored(bytes) };
  return describeCompressed(header, { input, output, ...sizes, seconds, ...named }, options);
}

/** Share of the progress bar that is coding, when the decoding check follows. */
const CODING_SHARE = 0.5;

async function compressChecked(
  source: Uint8Array,
  { verify, pixelsOnly = false, method, bands, preview: scale, ...effort }: CompressArguments,
  options: CodingOptions,
): Promise<Uint8Array> {
  const share = verify ? CODING_SHARE : 1;
  const onProgress = (fraction: number) => options.onProgress?.(fraction * share);
  const preview = scale && levelOf(scale);
  const coding = { ...options, ...effortOptions(effort), method, bands, preview, onProgress };
  const isPng = hasPngSignature(source);
  const read = () => readImage(source, options.maxPixels);
  const image = isPng ? undefined : await read();
  const bytes = await (image === undefined ? compressPng(source, { ...coding, pixelsOnly }) : compress(image, coding));
  if (!verify) return bytes;
  const isDevice = options.engine === 'tfjs';
  const checking: CodingOptions = {
    ...options,
    // What a device has coded, WebAssembly checks: one that is inexact after all loses no image.
    engine: isDevice ? 'wasm' : options.engine,
    onProgress: (fraction) => options.onProgress?.(share + fraction * (1 - share)),
  };
  const check =
    isPng && !pixelsOnly ? checkFile(bytes, source, checking) : checkImage(bytes, image ?? (await read()), checking);
  await check.catch((error) => (isDevice ? failInexact(error) : Promise.reject(error)));
  return bytes;
}

async function checkImage(bytes: Uint8Array, image: Image, options: CodingOptions): Promise<void> {
  assertSameImage(await decompress(bytes, options), image);
}

async function checkFile(bytes: Uint8Array, source: Uint8Array, options: CodingOptions): Promise<void> {
  assertRestored(await decompressPng(bytes, options), source, readRestored(bytes) === 'byte for byte');
}

function failInexact(error: unknown): never {
  if (!(error instanceof CodecError)) throw error;
  throw new UsageError('TensorFlow.js does not compute exactly on this device, use --engine wasm', { cause: error });
}

function describeCompressed(header: Header, result: FileResult, { verify }: CompressArguments): FileReport {
  const { input, output, inputBytes, outputBytes, seconds, restored } = result;
  const { height, width, channels } = header;
  const bitsPerDim = bitsPerDimOf(outputBytes, header);
  const line =
    `${inputName(input)} -> ${outputName(output)}: ${bytesText(inputBytes)} -> ${bytesText(outputBytes)} ` +
    `(${percentText(outputBytes / inputBytes)}), ${bitsPerDim.toFixed(3)} bits/dim, ${secondsText(seconds)}, restores ${restored === 'byte for byte' ? 'the file' : 'the'} ${restored}`;
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
