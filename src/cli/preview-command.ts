/** vdmz preview: .vdmz files to small PNG files, from the start of each file. */
import type { Command } from 'commander';
import { encodePng } from '../image/png.ts';
import type { CodingOptions } from '../options.ts';
import { preview } from '../preview.ts';
import {
  addCodingOptions,
  addOutputOptions,
  addScaleOption,
  levelOf,
  type OutputArguments,
  type Scale,
} from './arguments.ts';
import { runBatch } from './batch.ts';
import { about } from './exit-codes.ts';
import { assertPngName, IMAGE_FILE, VDMZ_FILE } from './extensions.ts';
import type { FileCommand, FileReport, Job, JobContext } from './file-command.ts';
import { checkOutput, inputName, outputName, readInput, writeOutput } from './files.ts';
import type { Io } from './io.ts';
import { planJobs } from './jobs.ts';
import { bytesText, rounded, secondsText, sizeText } from './report.ts';
import { openDecoding } from './restore-file.ts';

interface PreviewArguments extends OutputArguments {
  readonly scale: Scale;
}

export function addPreviewCommand(program: Command, io: Io): Command {
  const command = program
    .command('preview')
    .description(
      'write small images of .vdmz files, also of files that are cut off; alpha is left out. Decodes all that is there, ' +
        'but only the start of files that compress made with --preview of this scale or a larger one, or with --method gaussian',
    )
    .usage('[options] <in> [out.png | -]\n       vdmz preview [options] <in | folder...>')
    .argument('<in...>', 'compressed files, folders with --recursive, or - for standard input');
  addScaleOption(command, 'of height and width, rounded up', '1/4');
  return addOutputOptions(addCodingOptions(command)).action(async (names: string[], options: PreviewArguments) =>
    runBatch(PREVIEW, await planJobs(names, options, EXTENSIONS), options, io),
  );
}

const EXTENSIONS = { inputs: VDMZ_FILE, outputs: IMAGE_FILE, output: '.preview.png' };

export const PREVIEW: FileCommand<PreviewArguments> = {
  name: 'preview',
  open: async (options) => {
    const coding = await openDecoding(options);
    return (job, context) => previewFile(job, { ...coding, level: levelOf(options.scale) }, context);
  },
};

async function previewFile(
  { input, output }: Job,
  options: CodingOptions & { level: number },
  { io, force }: JobContext,
): Promise<FileReport> {
  assertPngName(output);
  const writing = { force, source: input };
  await checkOutput(output, input, writing, io);
  const started = performance.now();
  const bytes = await readInput(input, io);
  const { image, level, isCut } = await about(inputName(input), () =>
    preview(bytes, { ...options, signal: io.signal }),
  );
  const png = encodePng(image);
  await writeOutput(output, png, writing, io);
  const seconds = (performance.now() - started) / 1000;

  const { height, width, channels } = image;
  const data = { input, output, inputBytes: bytes.length, outputBytes: png.length, height, width, channels };
  const note = isCut
    ? `, the file ends early: ${level > options.level ? `1/${2 ** level} is all that it holds` : 'the rest is gray or coarse'}`
    : '';
  const line = `${inputName(input)} -> ${outputName(output)}: ${sizeText(image)}, ${bytesText(png.length)}, ${secondsText(seconds)}${note}`;
  return { data: { ...data, scale: 1 / 2 ** level, isCut, seconds: rounded(seconds, 3) }, line };
}
