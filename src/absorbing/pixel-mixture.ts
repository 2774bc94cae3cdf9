/**
 * From a head's outputs to the mixture of a sample. With the spread s of the neighbourhood and the outputs F, G, A of a component,
 *
 *     mean = base + s F,   deviation = s 2^G,   weight ~ 2^A
 *
 * where F, G and A are the outputs in units of 1 / 4096, and base is the prediction, moved by what the channels before were beside
 * theirs. Means are rounded to 1/16, deviations and weights to a sixteenth of an octave; all by + - * / and floor.
 */

import { ROW_FACTS, type SampleRows } from '../kernels/samples.ts';
import { ByteMixture } from '../rans/byte-mixture.ts';
import { octaveFraction, scaleIndexForVariance } from '../rans/discretised-gaussian.ts';
import { OUTPUT_UNIT, type Rows } from './pixel-network.ts';
import { FACTS } from './sample-facts.ts';

const STEPS = 16;
const OUTPUTS_PER_STEP = OUTPUT_UNIT / STEPS;
const MAX_SCALE = 255;
/** 16 times the largest magnitude of a mean. */
const MAX_MEAN16 = 1 << 17;
/** Steps below the heaviest component, at most: its weight is 2^-20. */
const LEAST_WEIGHT = 20 * STEPS;

export class PixelMixture extends ByteMixture {
  private readonly components: number;
  private readonly shares: Float64Array;

  constructor(components: number) {
    super(components);
    this.components = components;
    this.shares = new Float64Array(components);
  }

  /** @param row of the outputs */
  set({ values, width }: Rows<Int32Array>, row: number, base: number, spread: number): void {
    const { components, shares } = this;
    const start = row * width;
    const spreadScale = scaleIndexForVariance(spread * spread);
    this.adapt(0, 0);
    const total = this.setShares(values, start + 2 * components);
    for (let k = 0; k < components; k++) {
      const mean16 = Math.floor(STEPS * base + (spread * values[start + k]!) / OUTPUTS_PER_STEP + 0.5);
      const scale = spreadScale + toSteps(values[start + components + k]!);
      this.setComponent(k, clamp(mean16, -MAX_MEAN16, MAX_MEAN16), clamp(scale, 0, MAX_SCALE), shares[k]! / total);
    }
  }

  /** Writes the mixture as row i, and its mean and deviation. */
  store(i: number, { means16, scales, shares, facts }: SampleRows): void {
    const start = i * this.components;
    means16.set(this.means16, start);
    scales.set(this.scales, start);
    shares.set(this.weights, start);
    facts[i * ROW_FACTS + FACTS.mean] = this.mean();
    facts[i * ROW_FACTS + FACTS.deviation] = this.deviation();
  }

  /** Becomes the mixture of row i, moved as its facts say. */
  load(i: number, { means16, scales, shares, facts }: SampleRows): void {
    for (let k = 0, at = i * this.components; k < this.components; k++, at++) {
      this.setComponent(k, means16[at]!, scales[at]!, shares[at]!);
    }
    this.adapt(facts[i * ROW_FACTS + FACTS.shift16]!, facts[i * ROW_FACTS + FACTS.steps]!);
  }

  /** Shares relative to the heaviest component; returns their sum. */
  private setShares(values: Int32Array, start: number): number {
    const { components, shares } = this;
    let most = Number.NEGATIVE_INFINITY;
    for (let k = 0; k < components; k++) most = Math.max(most, toSteps(values[start + k]!));
    let total = 0;
    for (let k = 0; k < components; k++) {
      shares[k] = octaveFraction(Math.min(most - toSteps(values[start + k]!), LEAST_WEIGHT));
      total += shares[k]!;
    }
    return total;
  }
}

/** Sixteenths of an octave, to the nearest. @param output in units of 1 / OUTPUT_UNIT */
const toSteps = (output: number): number => Math.floor(output / OUTPUTS_PER_STEP + 0.5);

const clamp = (value: number, least: number, most: number): number => Math.min(Math.max(value, least), most);
