/** vdmz progressive: how an image comes into being as it is decoded, as pictures, a table and a curve. */
import { type Command, Option } from 'commander';
import { arrange } from '../image/grid.ts';
import type { Image8 } from '../image/image.ts';
import { encodePng } from '../image/png.ts';
import { PROCESSES, type Process } from '../model/installed-models.ts';
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
import { type Io, writeLine } from './io.ts';
import { namedModel } from './models.ts';
import { withProgress } from './progress.ts';
import { PROCESS_TEXTS, type Shown, type ShownStep, showInput } from './progressive-source.ts';
import { report, rounded, secondsText } from './report.ts';

interface ProgressiveArguments extends QuietOptions, EffortArguments {
  readonly output?: string;
  readonly model?: string;
  readonly method?: Process;
  readonly threads?: number;
  readonly force?: boolean;
}

/** Estimates in the picture, at most. */
const MAX_PICTURES = 12;
const COLUMNS = 4;

export function addProgressiveCommand(program: Command, io: Io): Command {
  const command = program
    .command('progressive')
    .description('show what is known of an image while it is decoded: estimates, and error against bits')
    .argument('<in>', 'a .vdmz file or an image, or - for standard input')
    .option('-o, --output <name>', 'start of the names NAME.png, NAME.csv and NAME.svg (default: <in>.progressive)')
    .addOption(
      new Option(
        '--method <method>',
        'diffusion that is shown (default: that of the file; of an image gaussian)',
      ).choices(PROCESSES),
    )
    .option('--model <name>', 'a model by its name, or a folder with one, of the kind that is shown')
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
  const model = options.model === undefined ? undefined : await namedModel(options.model);
  const started = performance.now();
  const shown = await withProgress('decoding', { io, quiet: quiet === true }, async () => {
    const bytes = await readInput(input, io);
    const coding = { model, process: options.method, threads, signal: io.signal, ...effortOptions(options) };
    return about(inputName(input), () => showInput(bytes, coding));
  });
  if (!quiet) await noteOtherwise(inputName(input), shown, io);
  const { process, steps } = shown;
  const rows = steps.map(({ row }) => row);
  const files = [encodePng(pictureOf(steps)), textBytes(csvOf(rows)), textBytes(svgOf(rows))];
  for (const [i, file] of files.entries()) await writeOutput(outputs[i]!, file, writing, io);
  const seconds = (performance.now() - started) / 1000;
  const names = outputs.map(outputName).join(', ');
  await report(
    io.stdout,
    { json: json === true, quiet: quiet === true },
    {
      data: { input, outputs, process, model: shown.model, seconds: rounded(seconds, 3), steps: rows },
      line: `${inputName(input)} -> ${names}: ${steps.length} steps of ${PROCESS_TEXTS[process]}, ${secondsText(seconds)}`,
    },
  );
}

/** Where the bits that are shown are not those of the file. */
async function noteOtherwise(name: string, { process, otherwise }: Shown, io: Io): Promise<void> {
  if (otherwise === undefined) return;
  const text = `shown is ${PROCESS_TEXTS[process]} of the image, while the bits of the file are of ${otherwise}`;
  await writeLine(io.stderr, `vdmz: ${name}: note: ${text}`);
}

/** Estimates from all of the way, in rows. */
function pictureOf(steps: readonly ShownStep[]): Image8 {
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

type Row = ShownStep['row'];

function csvOf(rows: readonly Row[]): string {
  const lines = rows.map((row) => Object.values(row).join(','));
  return `${[Object.keys(rows[0]!).join(','), ...lines].join('\n')}\n`;
}

const svgOf = (rows: readonly Row[]): string =>
  curveSvg({
    points: rows.map(({ bitsPerDim, rmse }) => [bitsPerDim, rmse] as const),
    xTitle: 'bits/dim received',
    yTitle: 'root mean square error of the estimate',
  });

const textBytes = (text: string): Uint8Array => new TextEncoder().encode(text);
