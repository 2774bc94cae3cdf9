/**
 * Two regressions, of a long and a short memory, whose predictions are mixed for each target by how well they did: each counts by
 * the inverse of the fourth power of its recent mean square error.
 */
import { SequentialRegression } from './sequential-regression.ts';

/** What each sample leaves of the weight of those before. */
const MEMORIES = [0.9998, 0.998] as const;
/** Predictions are within this many deviations, and so are their errors. */
const MAX_PREDICTION = 4;
const MAX_ERROR = 3;
const ERROR_RATE = 1 / 128;
/** Added to errors, so that none is 0. */
const MIN_ERROR = 1 / 1024;

export class BlendedRegression {
  private readonly numInputs: number;
  private readonly numTargets: number;
  private readonly regressions: readonly [SequentialRegression, SequentialRegression];
  /** [2, targets]: the predictions for the sample at hand, and mean squares of errors. */
  private readonly predictions: Float64Array;
  private readonly errors: Float64Array;

  constructor(numInputs: number, numTargets: number) {
    const [long, short] = MEMORIES;
    this.numInputs = numInputs;
    this.numTargets = numTargets;
    this.regressions = [
      new SequentialRegression(numInputs, numTargets, long),
      new SequentialRegression(numInputs, numTargets, short),
    ];
    this.predictions = new Float64Array(2 * numTargets);
    this.errors = new Float64Array(2 * numTargets).fill(1);
  }

  /** @param sample [inputs + targets], of which those before the target count */
  predict(target: number, sample: Float64Array): number {
    const { regressions, predictions, numTargets } = this;
    const long = clamp(regressions[0].predict(target, sample), MAX_PREDICTION);
    const short = clamp(regressions[1].predict(target, sample), MAX_PREDICTION);
    predictions[target] = long;
    predictions[numTargets + target] = short;
    const [a, b] = [this.trustIn(target), this.trustIn(numTargets + target)];
    return long + (b / (a + b)) * (short - long);
  }

  /** Learns from a whole sample, all of whose targets were predicted. */
  learn(sample: Float64Array): void {
    const { numInputs, numTargets, predictions, errors } = this;
    for (let i = 0; i < predictions.length; i++) {
      const error = clamp(sample[numInputs + (i % numTargets)]! - predictions[i]!, MAX_ERROR);
      errors[i] = errors[i]! + ERROR_RATE * (error * error - errors[i]!);
    }
    for (const regression of this.regressions) regression.learn(sample);
  }

  private trustIn(index: number): number {
    const inverse = 1 / (this.errors[index]! + MIN_ERROR);
    const squared = inverse * inverse;
    return squared * squared;
  }
}

const clamp = (value: number, limit: number): number => Math.min(Math.max(value, -limit), limit);
