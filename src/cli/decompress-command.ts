/** vdmz decompress: a .vdmz file to the PNG file that it was, or to a PNG with the same pixels. */
import { extname } from 'node:path';
import type { Command } from 'commander';
import type { Header } from '../container/header.ts';
import { readRestored } from '../container/original.ts';
import { readHeader } from '../decompress.ts';
import { decompressPng } from '../decompress-png.ts';
import type { Model } from '../model/model.ts';
import { addCodingOptions, type CodingArguments, engineOptions } from './arguments.ts';
import { about, UsageError } from './exit-codes.ts';
import { checkOutput, defaultOutput, inputName, outputName, readInput, writeOutput } from './files.ts';
import type { Io } from './io.ts';
import { installedName, modelFor } from './models.ts';
import { withProgress } from './progress.ts';
import {
  bitsPerDimOf,
  bytesText,
  type FileResult,
  hexText,
  methodOf,
  report,
  reportStream,
  rounded,
  secondsText,
  sizeText,
} from './report.ts';

const EXTENSION = '.png';
/** Names that would lie about their content. */
const OTHER_IMAGE = /^\.(avif|bmp|gif|heic|jpe?g|jxl|pnm|p[bgp]m|tiff?|webp)$/i;

export function addDecompressCommand(program: Command, io: Io): Command {
  const command = program
    .command('decompress')
    .description('restore the PNG file of a .vdmz file, or make one of its pixels')
    .argument('<in>', 'compressed file, or - for standard input')
    .argument('[out]', `PNG file, or - for standard output (default: <in> with the extension ${EXTENSION})`);
  addCodingOptions(command).action((input: string, output: string | undefined, options: CodingArguments) =>
    decompressFile(input, output ?? defaultOutput(input, EXTENSION), options, io),
  );
  return command;
}

async function decompressFile(input: string, output: string, options: CodingArguments, io: Io): Promise<void> {
  if (OTHER_IMAGE.test(extname(output))) throw new UsageError(`${output}: the output is a PNG, name it so`);
  await checkOutput(output, input, options, io);
  const started = performance.now();
  const bytes = await readInput(input, io);
  const header = await about(inputName(input), () => readHeader(bytes));
  const model = options.model === undefined ? undefined : await modelFor(options.model);
  const engine = await engineOptions(options);
  const png = await withProgress('decompressing', { io, quiet: options.quiet === true }, (onProgress) =>
    about(inputName(input), () => decompressPng(bytes, { ...engine, model, signal: io.signal, onProgress })),
  );
  await writeOutput(output, png, options, io);
  const seconds = (performance.now() - started) / 1000;
  const sizes = { inputBytes: bytes.length, outputBytes: png.length };
  const coding = { ...(await codedBy(header, model)), restored: readRestored(bytes) };
  await reportRestored(header, { input, output, ...sizes, seconds, ...coding }, options, io);
}

async function codedBy(header: Header, model: Model | undefined): Promise<Pick<FileResult, 'method' | 'model'>> {
  const method = methodOf(header);
  if (method === 'PNG') return { method, model: null };
  return { method, model: model?.name ?? (await installedName(header.modelId)) ?? hexText(header.modelId) };
}

async function reportRestored(header: Header, result: FileResult, options: CodingArguments, io: Io): Promise<void> {
  const { input, output, inputBytes, outputBytes, seconds } = result;
  const { height, width, channels } = header;
  const line =
    `${inputName(input)} -> ${outputName(output)}: ${sizeText(header)}, ` +
    `${bytesText(inputBytes)} -> ${bytesText(outputBytes)}, ${secondsText(seconds)}`;
  const bitsPerDim = rounded(bitsPerDimOf(inputBytes, header));
  const data = { ...result, height, width, channels, bitsPerDim, seconds: rounded(seconds, 3) };
  await report(reportStream(output, io), options, { data, line });
}
