/** vdmz eval: bound, net rate and real files of a set of images, each restored and compared. */
import { type Command, Option } from 'commander';
import { stepsFor } from '../effort.ts';
import { type EvaluateOptions, evaluateImage, type ImageReport } from '../evaluate.ts';
import { type AnyModel, isAbsorbing } from '../model/installed-models.ts';
import {
  addEffortOptions,
  addQuietOptions,
  addThreadsOption,
  type EffortArguments,
  effortOptions,
  oneStepCount,
  parseCount,
  type QuietOptions,
  stepsOrListOption,
} from './arguments.ts';
import { listImages, type NamedImage } from './eval-images.ts';
import { EvalTable, meanOf, rowOf, totalOf } from './eval-report.ts';
import { evaluateRun } from './eval-run.ts';
import { about } from './exit-codes.ts';
import { type Io, writeLine } from './io.ts';
import { codingModel } from './models.ts';
import { withProgress } from './progress.ts';
import { hexText } from './report.ts';

interface EvalArguments extends QuietOptions, Pick<EffortArguments, 'effort'> {
  readonly steps?: readonly number[];
  readonly run?: string;
  readonly model?: string;
  readonly limit?: number;
  readonly threads?: number;
}

export function addEvalCommand(program: Command, io: Io): Command {
  const command = program
    .command('eval')
    .description('measure a model on images: bits per dim of its bound and of real files')
    .argument('<image...>', 'image files, or folders of them; of CIFAR-10 the test images')
    .option('--model <name>', 'installed model by its name, or a folder with a model')
    .addOption(
      new Option(
        '--run <folder>',
        'in place of a model: the bound of a training run on squares of one size; needs TensorFlow.js as train does',
      ).conflicts(['model', 'effort', 'threads']),
    )
    .option('--limit <count>', 'only the first images', parseCount);
  const steps = stepsOrListOption(
    'in place of an effort: steps of Gaussian diffusion; with --run a list of any (default 4,8,16,64,256)',
  );
  addQuietOptions(addThreadsOption(addEffortOptions(command, steps))).action(
    (paths: string[], { run, steps, limit = Number.POSITIVE_INFINITY, ...options }: EvalArguments) =>
      run === undefined
        ? evaluate(paths, { ...options, limit, steps: oneStepCount(steps) }, io)
        : evaluateRun(paths, { ...options, limit, steps, run }, io),
  );
  return command;
}

type ModelArguments = Omit<EvalArguments, 'steps' | 'run'> & EffortArguments;

async function evaluate(paths: readonly string[], options: ModelArguments, io: Io): Promise<void> {
  const { threads, json, limit = Number.POSITIVE_INFINITY } = options;
  const [model, images] = [await codingModel(options.model), await listImages(paths, limit)];
  const numSteps = stepsFor(effortOptions(options));
  const table = new EvalTable(images.map(({ name }) => name));
  const say = async (line: string) => {
    if (!json && !options.quiet) await writeLine(io.stdout, line);
  };
  await say(table.heading());
  const reports = await withProgress('evaluating', { io, quiet: !json || options.quiet === true }, (onProgress) =>
    evaluateAll(images, { model, ...effortOptions(options), threads, signal: io.signal }, async (report, i) => {
      onProgress((i + 1) / images.length);
      await say(table.row(rowOf(images[i]!.name, report)));
    }),
  );
  const rows = reports.map((report, i) => rowOf(images[i]!.name, report));
  const [total, mean] = [totalOf(reports), meanOf(rows)];
  if (json) await writeLine(io.stdout, JSON.stringify({ ...describe(model, numSteps), images: rows, total, mean }));
  await say(`${table.row(total)}\n${table.mean(mean)}`);
  assertExact(rows.filter(({ exact }) => !exact).map(({ name }) => name));
}

async function evaluateAll(
  images: readonly NamedImage[],
  { signal, ...options }: EvaluateOptions & { signal: AbortSignal },
  onReport: (report: ImageReport, index: number) => Promise<void>,
): Promise<ImageReport[]> {
  const reports: ImageReport[] = [];
  for (const [i, { name, load }] of images.entries()) {
    signal.throwIfAborted();
    const image = await load();
    const report = await about(name, () => evaluateImage(image, options));
    await onReport(report, i);
    reports.push(report);
  }
  return reports;
}

/** Without a model for all images, rows name theirs. */
const describe = (model: AnyModel | undefined, steps: number) => ({
  model: model?.name ?? null,
  modelId: model ? hexText(model.id) : null,
  steps: model !== undefined && isAbsorbing(model) ? null : steps,
});

/** @throws Error naming images that did not come back, which is a bug of the codec. */
function assertExact(failed: readonly string[]): void {
  if (failed.length > 0) throw new Error(`${failed.length} images did not come back: ${failed.join(', ')}`);
}
