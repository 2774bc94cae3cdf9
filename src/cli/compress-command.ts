/** vdmz compress: an image file to a .vdmz file, decoded again before it is written. */
import type { Command } from 'commander';
import { compress } from '../compress.ts';
import { compressPng } from '../compress-png.ts';
import type { Header } from '../container/header.ts';
import { readRestored } from '../container/original.ts';
import { decompress, readHeader } from '../decompress.ts';
import { decompressPng } from '../decompress-png.ts';
import { CodecError } from '../errors.ts';
import { type Image, isSameImage } from '../image/image.ts';
import { decodePng } from '../image/png.ts';
import { hasPngSignature } from '../image/png-chunks.ts';
import { isSame } from '../image/png-original.ts';
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
  readonly pixelsOnly?: boolean;
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
    .option('--pixels-only', 'keep the pixels of a PNG file only, not the file')
    .action((input: string, output: string | undefined, options: CompressArguments) =>
      compressFile(input, output ?? defaultOutput(input, EXTENSION), options, io),
    );
  return command;
}

async function compressFile(input: string, output: string, options: CompressArguments, io: Io): Promise<void> {
  await checkOutput(output, input, options, io);
  const started = performance.now();
  const source = await readInput(input, io);
  const engine = await engineOptions(options);
  const model = await modelFor(options.model);
  const bytes = await withProgress('compressing', { io, quiet: options.quiet === true }, (onProgress) =>
    about(inputName(input), () =>
      compressChecked(source, options, { ...engine, model, signal: io.signal, onProgress }),
    ),
  );
  await writeOutput(output, bytes, options, io);
  const seconds = (performance.now() - started) / 1000;
  const header = readHeader(bytes);
  const sizes = { inputBytes: source.length, outputBytes: bytes.length };
  const method = methodOf(header);
  const named = { method, model: method === 'PNG' ? null : model.name, restored: readRestored(bytes) };
  await reportCompressed(header, { input, output, ...sizes, seconds, ...named }, options, io);
}

/** Share of the progress bar that is coding, when the decoding check follows. */
const CODING_SHARE = 0.5;

async function compressChecked(
  source: Uint8Array,
  { verify, pixelsOnly = false, ...effort }: CompressArguments,
  options: Required<CodingOptions>,
): Promise<Uint8Array> {
  const share = verify ? CODING_SHARE : 1;
  const onProgress = (fraction: number) => options.onProgress?.(fraction * share);
  const coding = { ...options, ...effortOptions(effort), onProgress };
  const image = hasPngSignature(source) && !pixelsOnly ? undefined : await readImage(source);
  const bytes = await (image === undefined ? compressPng(source, coding) : compress(image, coding));
  if (!verify) return bytes;
  const isDevice = options.engine === 'tfjs';
  const checking: CodingOptions = {
    ...options,
    // What a device has coded, WebAssembly checks: one that is inexact after all loses no image.
    engine: isDevice ? 'wasm' : options.engine,
    onProgress: (fraction) => options.onProgress?.(share + fraction * (1 - share)),
  };
  const check = image === undefined ? checkFile(bytes, source, checking) : checkImage(bytes, image, checking);
  await check.catch((error) => (isDevice ? failInexact(error) : Promise.reject(error)));
  return bytes;
}

async function checkImage(bytes: Uint8Array, image: Image, options: CodingOptions): Promise<void> {
  assertSameImage(await decompress(bytes, options), image);
}

async function checkFile(bytes: Uint8Array, source: Uint8Array, options: CodingOptions): Promise<void> {
  const restored = await decompressPng(bytes, options);
  if (readRestored(bytes) !== 'byte for byte') return assertSameImage(decodePng(restored), decodePng(source));
  if (!isSame(restored, source)) throw new Error('the restored file differs from the input, nothing was written');
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

async function reportCompressed(header: Header, result: FileResult, options: CompressArguments, io: Io): Promise<void> {
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
    verified: options.verify,
  };
  await report(reportStream(output, io), options, { data, line });
}
