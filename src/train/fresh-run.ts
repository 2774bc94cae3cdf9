/** A run before its first iteration: statistics of the training set, and initial weights. */
import { NUM_CONDITIONS } from '../diffusion/conditions.ts';
import { NUM_COEFFICIENTS } from '../diffusion/dimensions.ts';
import type { Tf } from '../tensorflow.ts';
import type { Batch, BatchSampler } from './batch-sampler.ts';
import type { RunState } from './checkpoint.ts';
import type { TrainConfig } from './config.ts';
import { EMPTY_METER } from './meter.ts';
import { initialParameters } from './model.ts';
import { initialOptimizerState } from './optimizers.ts';
import { Random } from './random.ts';

const STATISTICS_BATCHES = 150;
/** Standard deviation of conditions without examples. */
const UNKNOWN_DEVIATION = 16;
/** n_1 at first, in units of the largest standard deviation: there the prior costs little. */
const END_DEVIATIONS = 3.5;

export function freshRun(tf: Tf, config: TrainConfig, sampler: BatchSampler): RunState {
  const random = new Random(config.seed);
  const standardDeviations = measureStandardDeviations(sampler, random);
  const endSigma = standardDeviations.map((row) => END_DEVIATIONS * Math.max(...row));
  const parameters = initialParameters(tf, config, endSigma, random);
  const optimizer = initialOptimizerState(tf, parameters);
  const state = { config, iteration: 0, seconds: 0, random: random.state, meter: EMPTY_METER };
  return { ...state, standardDeviations, parameters, optimizer };
}

/** Weighted squares and weights, [conditions][9]. */
interface Squares {
  readonly sums: readonly Float64Array[];
  readonly counts: readonly Float64Array[];
}

/** Root mean square, at least 1, of every coefficient under every condition: [conditions][9]. */
function measureStandardDeviations(sampler: BatchSampler, random: Random): number[][] {
  const rows = () => Array.from({ length: NUM_CONDITIONS }, () => new Float64Array(NUM_COEFFICIENTS));
  const squares = { sums: rows(), counts: rows() };
  for (let i = 0; i < STATISTICS_BATCHES; i++) addSquares(squares, sampler.next(random));
  const deviation = (sum: number, count: number): number =>
    count > 0 ? Math.max(1, Math.sqrt(sum / count)) : UNKNOWN_DEVIATION;
  return squares.sums.map((row, condition) =>
    Array.from(row, (sum, c) => deviation(sum, squares.counts[condition]![c]!)),
  );
}

function addSquares({ sums, counts }: Squares, batch: Batch): void {
  const perExample = batch.detail.length / batch.size;
  for (const [j, value] of batch.detail.entries()) {
    const example = Math.floor(j / perExample);
    const coefficient = j % NUM_COEFFICIENTS;
    const condition = batch.condition[example]!;
    const weight = batch.mask[example * NUM_COEFFICIENTS + coefficient]!;
    sums[condition]![coefficient]! += weight * value ** 2;
    counts[condition]![coefficient]! += weight;
  }
}
