/**
 * Images by a plain VDM on a stack, by bits-back in the order of Bit-Swap (arXiv:1905.06845): what its bound is worth in bits from which the
 * image comes back. The network is in floats, so only the process that wrote a stack can be sure to read it.
 *
 * A model whose variances are too small finds its own values far out, and what they leave on top of the stack would draw latents that are far
 * out, too: the fewer steps, the worse. So the top of the stack is flipped by fixed random bits with each value, other ones
 * where latents are drawn.
 *
 * In units of levels, y_i = v + N_i eps with N_i^2 = 128^2 e^gamma(i / T), i = 0..T, each rounded to a lattice in proportion to its noise.
 */
import { ROUNDING_VARIANCE } from '../diffusion/dimensions.ts';
import type { AnsStack } from '../rans/ans-stack.ts';
import { popGaussian, pushGaussian, scaleIndexForVariance, scaleSigma } from '../rans/discretised-gaussian.ts';
import { popUniform, pushUniform } from '../rans/uniform.ts';
import type { Tensor4D, Tf } from '../tensorflow.ts';
import type { RunState } from './checkpoint.ts';
import { scheduleOf } from './model.ts';
import { PIXEL_CHANNELS, pixelCondition, pixelNetwork } from './pixel-network.ts';
import { Random } from './random.ts';
import { gammaAt } from './schedule.ts';

/** Lattice points in a standard deviation of the noise. */
const FINENESS = 16;
/** Levels in a unit of the network's x, and the level at x = 0. */
const LEVELS_PER_UNIT = 128;
const MIDDLE = 127.5;

interface Latent {
  /** Levels from one lattice point to the next. */
  readonly step: number;
  /** Of y_i given the image, rounding included, in squared levels. */
  readonly variance: number;
  /** Scale of the rounded Gaussian of y_i given y_(i-1), or given the image, in lattice steps. */
  readonly forwardScale: number;
}

/** Gaussians of as many integers: in 1/16 of a step, and all of one scale. */
interface Gaussians {
  readonly mean16: Int32Array;
  readonly scale: number;
  /** What the top of the stack is flipped by, for each integer. */
  readonly flips: Int32Array;
}

const FLIPPED_BITS = 20;

export class PixelChain {
  private readonly tf: Tf;
  private readonly run: RunState;
  private readonly side: number;
  /** [T + 1] */
  private readonly latents: readonly Latent[];
  private readonly flips: Readonly<Record<'forward' | 'reverse', Int32Array>>;

  /** @param run of a plain VDM, whose averaged weights are used. @param side of the images, which are square */
  constructor(tf: Tf, run: RunState, { numSteps, side }: { readonly numSteps: number; readonly side: number }) {
    this.tf = tf;
    this.run = run;
    this.side = side;
    this.latents = latentsOf(noiseVariances(tf, run, numSteps));
    const random = new Random(1);
    const flips = () =>
      Int32Array.from({ length: side ** 2 * PIXEL_CHANNELS }, () => random.integer(1 << FLIPPED_BITS));
    this.flips = { forward: flips(), reverse: flips() };
  }

  /**
   * Puts an image on the stack, which must have bits to draw latents from.
   * @param levels [side, side, 3]
   * @returns the length of the stack in bits where it was shortest
   * @throws CodecError 'truncated' where it has too few bits
   */
  push(stack: AnsStack, levels: Int32Array): number {
    const { latents } = this;
    let shortest = stack.bitLength;
    let lower = levels;
    for (const i of latents.keys()) {
      const upper = popAll(stack, this.forward(i, lower));
      shortest = Math.min(shortest, stack.bitLength);
      pushAll(stack, lower, this.reverse(i, upper));
      lower = upper;
    }
    pushAll(stack, lower, this.prior());
    return shortest;
  }

  /** Undoes push. */
  pop(stack: AnsStack): Int32Array {
    let upper = popAll(stack, this.prior());
    for (let i = this.latents.length - 1; i >= 0; i--) {
      const lower = popAll(stack, this.reverse(i, upper));
      pushAll(stack, upper, this.forward(i, lower));
      upper = lower;
    }
    return upper;
  }

  /** Of y_i given y_(i-1), or given the image for i = 0. */
  private forward(i: number, lower: Int32Array): Gaussians {
    const { step, forwardScale } = this.latents[i]!;
    const ratio = this.stepBelow(i) / step;
    const mean16 = lower.map((value) => Math.round(16 * value * ratio));
    return { mean16, scale: forwardScale, flips: this.flips.forward };
  }

  /** Of y_(i-1), or of the image for i = 0, given y_i, with the variance of q. */
  private reverse(i: number, upper: Int32Array): Gaussians {
    const { step, variance } = this.latents[i]!;
    const below = this.stepBelow(i);
    const flips = this.flips.reverse;
    if (i === 0) {
      return { mean16: upper.map((y) => Math.round(16 * y * step)), scale: scaleIndexForVariance(variance), flips };
    }
    const varianceBelow = this.latents[i - 1]!.variance;
    const rest = 1 - varianceBelow / variance;
    const noise = this.predictNoise(upper, this.latents[i]!);
    const towards = rest * Math.sqrt(variance);
    const mean16 = upper.map((y, d) => Math.round((16 * (y * step - towards * noise[d]!)) / below));
    return { mean16, scale: scaleIndexForVariance((varianceBelow * rest) / below ** 2 - ROUNDING_VARIANCE), flips };
  }

  /** Of y_T: that of a z of variance 1 around 0. */
  private prior(): Gaussians {
    const { step, variance } = this.latents.at(-1)!;
    const scale = scaleIndexForVariance((variance + LEVELS_PER_UNIT ** 2) / step ** 2 - ROUNDING_VARIANCE);
    const flips = this.flips.reverse;
    return { mean16: flips.map(() => Math.round((16 * MIDDLE) / step)), scale, flips };
  }

  private stepBelow(i: number): number {
    return i === 0 ? 1 : this.latents[i - 1]!.step;
  }

  private predictNoise(y: Int32Array, { step, variance }: Latent): Float32Array {
    const { tf, run, side } = this;
    const squaredNoise = variance / LEVELS_PER_UNIT ** 2;
    const alpha = 1 / Math.sqrt(1 + squaredNoise);
    const x = Float32Array.from(y, (value) => (alpha * (value * step - MIDDLE)) / LEVELS_PER_UNIT);
    return tf.tidy(() => {
      const z = tf.tensor4d(x, [1, side, side, PIXEL_CHANNELS]) as Tensor4D;
      const gamma = tf.tensor2d([[Math.log(squaredNoise)]]);
      const config = { ...run.config, precision: 'float32' } as const;
      return pixelNetwork(tf, run.optimizer.average, config, { z, gamma }).dataSync() as Float32Array;
    });
  }
}

/** N_i^2 in squared levels, [T + 1]. */
function noiseVariances(tf: Tf, { config, optimizer }: RunState, numSteps: number): Float64Array {
  const times = Float32Array.from({ length: numSteps + 1 }, (_, i) => i / numSteps);
  const gamma = tf.tidy(() => {
    const at = { kind: config.schedule, condition: pixelCondition(tf, times.length), times };
    return gammaAt(tf, scheduleOf(optimizer.average), at).dataSync();
  });
  return Float64Array.from(gamma, (value) => LEVELS_PER_UNIT ** 2 * Math.exp(value));
}

/** As chains of pyramids (src/model/heads.ts): forward scales follow the noise on their grid, and all else the variances that result. */
function latentsOf(noise: Float64Array): Latent[] {
  let below = 0;
  return Array.from(noise, (wanted) => {
    const step = Math.sqrt(wanted) / FINENESS;
    const forwardScale = scaleIndexForVariance((wanted - below) / step ** 2 - ROUNDING_VARIANCE);
    const variance = below + (scaleSigma(forwardScale) ** 2 + ROUNDING_VARIANCE) * step ** 2;
    below = variance;
    return { step, variance, forwardScale };
  });
}

function popAll(stack: AnsStack, { mean16, scale, flips }: Gaussians): Int32Array {
  return mean16.map((mean, d) => {
    flip(stack, flips[d]!);
    return popGaussian(stack, mean, scale);
  });
}

function pushAll(stack: AnsStack, values: Int32Array, { mean16, scale, flips }: Gaussians): void {
  for (let d = values.length - 1; d >= 0; d--) {
    pushGaussian(stack, values[d]!, mean16[d]!, scale);
    flip(stack, flips[d]!);
  }
}

/** Undoes itself. */
function flip(stack: AnsStack, bits: number): void {
  pushUniform(stack, popUniform(stack, FLIPPED_BITS) ^ bits, FLIPPED_BITS);
}
