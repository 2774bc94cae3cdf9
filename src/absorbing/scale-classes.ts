/**
 * How much larger or smaller the errors of an image are than the network's deviations say, by classes of the deviation and of the
 * errors nearby: for each class the mean square of recent errors in deviations, as steps of the scale.
 */
import { scaleIndexForVariance } from '../rans/discretised-gaussian.ts';

/** Classes of deviations are octaves from 1/4 up. */
const NUM_DEVIATIONS = 6;
const LEAST_DEVIATION = 0.25;
/** Ends of the classes of energy: squares of the errors at the adjacent neighbours, in squares of the deviation. */
const ENERGIES = [1, 3, 7] as const;
const NUM_ENERGIES = ENERGIES.length + 1;
export const NUM_CLASSES = NUM_DEVIATIONS * NUM_ENERGIES;
/** What each error leaves of the weight of those before. */
const MEMORY = 0.998;
/** Errors that a class has at first, of the expected mean square. */
const PRIOR_ERRORS = 20;
/** Errors are within so many deviations, whose mean square is then expected to be this. */
const MAX_ERROR = 4;
const EXPECTED = 0.9;
const MAX_STEP = 16;
const UNIT_SCALE = scaleIndexForVariance(1);

export class ScaleClasses {
  /** [planes, classes]: sums of squares, and what was expected of them. */
  private readonly squares: Float64Array;
  private readonly expected: Float64Array;

  constructor(planes: number) {
    this.squares = new Float64Array(planes * NUM_CLASSES).fill(PRIOR_ERRORS);
    this.expected = new Float64Array(planes * NUM_CLASSES).fill(PRIOR_ERRORS);
  }

  /** Writes steps of the scale for each class of a plane, a sixteenth of an octave each. */
  writeSteps(plane: number, steps: Int32Array): void {
    for (let i = 0; i < NUM_CLASSES; i++) {
      const index = plane * NUM_CLASSES + i;
      const step = scaleIndexForVariance(this.squares[index]! / this.expected[index]!) - UNIT_SCALE;
      steps[i] = Math.min(Math.max(step, -MAX_STEP), MAX_STEP);
    }
  }

  /** Learns for a class of a plane. @param error in deviations */
  learn(plane: number, scaleClass: number, error: number): void {
    const index = plane * NUM_CLASSES + scaleClass;
    const magnitude = Math.min(Math.abs(error), MAX_ERROR);
    this.squares[index] = this.squares[index]! * MEMORY + magnitude * magnitude;
    this.expected[index] = this.expected[index]! * MEMORY + EXPECTED;
  }
}

/** The class of a sample, among NUM_CLASSES. @param energy in squares of the deviation */
export function scaleClassOf(deviation: number, energy: number): number {
  let octave = 0;
  for (let end = 2 * LEAST_DEVIATION; octave < NUM_DEVIATIONS - 1 && deviation >= end; end *= 2) octave++;
  let level = 0;
  while (level < ENERGIES.length && energy >= ENERGIES[level]!) level++;
  return octave * NUM_ENERGIES + level;
}
