/** A run before its first iteration: statistics of the training set, and initial weights. */
import { NUM_CONDITIONS } from '../diffusion/conditions.ts';
import { NUM_COEFFICIENTS } from '../diffusion/dimensions.ts';
import { NUM_CLASSES } from '../network/local-contrast.ts';
import type { Tf } from '../tensorflow.ts';
import { type Batch, classRow } from './batch.ts';
import type { BatchSampler } from './batch-sampler.ts';
import type { RunState } from './checkpoint.ts';
import type { TrainConfig } from './config.ts';
import { EMPTY_METER } from './meter.ts';
import { initialParameters } from './model.ts';
import { initialOptimizerState } from './optimizers.ts';
import { Random } from './random.ts';

const STATISTICS_BATCHES = 150;
/** Statistics of a class with fewer examples follow from the class below: twice its variance. */
const MIN_EXAMPLES = 50;
/** Examples of a variance of PRIOR_VARIANCE that are added to every class, and the least deviation. */
const PRIOR_EXAMPLES = 20;
const PRIOR_VARIANCE = 0.1;
const MIN_DEVIATION = 0.12;
/** n_1 at first in each condition: near what trained schedules end at, since they move slowly. */
const END_NOISE = [20, 37, 55, 45, 110, 190] as const;

export function freshRun(tf: Tf, config: TrainConfig, sampler: BatchSampler): RunState {
  const random = new Random(config.seed);
  const standardDeviations = measureStandardDeviations(sampler, random);
  const parameters = initialParameters(tf, config, END_NOISE, random);
  return beginRun(tf, { config, random: random.state, standardDeviations, parameters });
}

/** A run before its first iteration. */
export function beginRun(
  tf: Tf,
  start: Pick<RunState, 'config' | 'random' | 'standardDeviations' | 'parameters'>,
): RunState {
  const optimizer = initialOptimizerState(tf, start.parameters, start.config.optimizer);
  return { ...start, iteration: 0, seconds: 0, examples: 0, meter: EMPTY_METER, optimizer };
}

/** Root mean square of every coefficient by condition and class of local contrast: [conditions][NUM_CLASSES * 9]. */
function measureStandardDeviations(sampler: BatchSampler, random: Random): number[][] {
  const rows = () => Array.from({ length: NUM_CONDITIONS }, () => new Float64Array(NUM_CLASSES * NUM_COEFFICIENTS));
  const squares = { sums: rows(), counts: rows() };
  for (let i = 0; i < STATISTICS_BATCHES; i++) addSquares(squares, sampler.next(random));
  return squares.sums.map((row, condition) => deviations(row, squares.counts[condition]!));
}

function deviations(sums: Float64Array, counts: Float64Array): number[] {
  const variances: number[] = [];
  for (const [i, sum] of sums.entries()) {
    const isKnown = counts[i]! >= MIN_EXAMPLES;
    const measured = (sum + PRIOR_EXAMPLES * PRIOR_VARIANCE) / (counts[i]! + PRIOR_EXAMPLES);
    variances.push(isKnown ? measured : 2 * (variances[i - NUM_COEFFICIENTS] ?? PRIOR_VARIANCE));
  }
  return variances.map((variance) => Math.max(MIN_DEVIATION, Math.sqrt(variance)));
}

/** Weighted squares and weights, [conditions][NUM_CLASSES * 9]. */
interface Squares {
  readonly sums: readonly Float64Array[];
  readonly counts: readonly Float64Array[];
}

function addSquares({ sums, counts }: Squares, batch: Batch): void {
  const perExample = batch.detail.length / batch.size;
  for (const [j, value] of batch.detail.entries()) {
    const example = Math.floor(j / perExample);
    const coefficient = j % NUM_COEFFICIENTS;
    const condition = batch.condition[example]!;
    const weight = batch.mask[example * NUM_COEFFICIENTS + coefficient]!;
    const row = classRow(batch.classes, j);
    sums[condition]![row]! += weight * value ** 2;
    counts[condition]![row]! += weight;
  }
}
