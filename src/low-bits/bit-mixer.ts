/**
 * Several opinions about a bit made into one by logistic mixing (Mahoney, PAQ): log odds are summed with weights that
 * learn from every bit. Two sets of weights, each chosen by a context of its own, are averaged.
 */
import { MAX_LOG_ODDS, PROBABILITY_BITS, squash } from './logistic.ts';

/** Weights are in units of 2^-16. */
const WEIGHT_ONE = 65_536;
const MAX_WEIGHT = 16 * WEIGHT_ONE;
const RATE_SHIFT = 13;
const ROUNDING = 1 << (RATE_SHIFT - 1);

class WeightSets {
  private readonly weights: Int32Array;
  private readonly numInputs: number;
  private start = 0;
  /** Of the set that mixed last. */
  private mixed = 0;

  constructor(numSets: number, numInputs: number) {
    this.weights = new Int32Array(numSets * numInputs).fill(Math.floor(WEIGHT_ONE / numInputs));
    this.numInputs = numInputs;
  }

  mix(inputs: Int32Array, set: number): number {
    this.start = set * this.numInputs;
    let sum = 0; // below 2^38: inputs are below 2^12, weights below 2^21
    for (let i = 0; i < this.numInputs; i++) sum += this.weights[this.start + i]! * inputs[i]!;
    const mixed = Math.floor(sum / WEIGHT_ONE);
    this.mixed = Math.max(-MAX_LOG_ODDS, Math.min(MAX_LOG_ODDS, mixed));
    return this.mixed;
  }

  update(inputs: Int32Array, bit: number): void {
    const error = (bit << PROBABILITY_BITS) - squash(this.mixed);
    for (let i = 0; i < this.numInputs; i++) {
      // Inputs are below 2^12, so the product is below 2^28.
      const weight = this.weights[this.start + i]! + ((inputs[i]! * error + ROUNDING) >> RATE_SHIFT);
      this.weights[this.start + i] = Math.max(-MAX_WEIGHT, Math.min(MAX_WEIGHT, weight));
    }
  }
}

export class BitMixer {
  /** Log odds of the opinions, to be filled before mix and kept until update. */
  readonly inputs: Int32Array;
  private readonly first: WeightSets;
  private readonly second: WeightSets;

  constructor(numInputs: number, firstSets: number, secondSets: number) {
    this.inputs = new Int32Array(numInputs);
    this.first = new WeightSets(firstSets, numInputs);
    this.second = new WeightSets(secondSets, numInputs);
  }

  /** The probability of a one, of 2^16. */
  mix(firstSet: number, secondSet: number): number {
    return squash((this.first.mix(this.inputs, firstSet) + this.second.mix(this.inputs, secondSet)) >> 1);
  }

  /** Learns from the bit that mix was about. */
  update(bit: number): void {
    this.first.update(this.inputs, bit);
    this.second.update(this.inputs, bit);
  }
}
