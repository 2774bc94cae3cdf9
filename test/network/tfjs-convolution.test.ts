import { expect, it } from 'vitest';
import type { ConvWeights } from '../../src/network/network.ts';
import { convolve, uploadLayer } from '../../src/network/tfjs-convolution.ts';
import type { Tf } from '../../src/tensorflow.ts';
import { seededRandom } from '../helpers/random-network.ts';
import { type IntegerMap, referenceConv3x3 } from '../helpers/reference-conv3x3.ts';
import { describeBackends } from '../helpers/tensorflow.ts';

const IN = 56;
const OUT = 3;
/** 2^24 - 1 less what all weights -128 or 127 reach on all inputs 255. */
const BIAS = { '-128': -(2 ** 24 - 1 - 9 * IN * 128 * 255), 127: 2 ** 24 - 1 - 9 * IN * 127 * 255 } as const;

const layer = (weights: Int8Array, bias: number, shift = 0): ConvWeights => ({
  inChannels: IN,
  outChannels: OUT,
  weights,
  bias: new Int32Array(OUT).fill(bias),
  shift: new Uint8Array(OUT).fill(shift),
});
const filled = (weight: -128 | 127) => layer(new Int8Array(9 * IN * OUT).fill(weight), BIAS[weight]);

const random = seededRandom(1);
/** Large odd weights of both signs. */
const mixed = layer(
  new Int8Array(9 * IN * OUT).map(() => (random() < 0.5 ? -127 : 127)),
  12_345,
);

const mapOf = (height: number, width: number, value: () => number): IntegerMap => ({
  height,
  width,
  values: Float32Array.from({ length: height * width * IN }, value),
});
const largest = mapOf(3, 4, () => 255);
const scattered = mapOf(5, 3, () => 255 - 2 * Math.floor(random() * 3));

function sumsOf(tf: Tf, { height, width, values }: IntegerMap, conv: ConvWeights): number[] {
  const sums = tf.tidy(() => {
    const input = tf.tensor3d(values as Float32Array, [height, width, IN]);
    return convolve(tf, input, uploadLayer(tf, conv)).dataSync();
  });
  return Array.from(sums);
}

describeBackends('the convolution', (tf) => {
  it.each([
    ['all weights -128', filled(-128), largest],
    ['all weights 127', filled(127), largest],
    ['all weights -128, other inputs', filled(-128), scattered],
    ['large weights of both signs', mixed, scattered],
  ])('has exact sums up to 2^24: %s', (_what, conv, map) => {
    expect(sumsOf(tf, map, conv)).toEqual(referenceConv3x3(map, conv));
  });

  it.each([1, 7, 20])('divides by 2^%i exactly', (shift) => {
    for (const conv of [filled(-128), mixed]) {
      const scaled = sumsOf(tf, scattered, { ...conv, shift: new Uint8Array(OUT).fill(shift) });
      expect(scaled.map((value) => value * 2 ** shift)).toEqual(referenceConv3x3(scattered, conv));
    }
  });

  it('reaches the bound in these tests', () => {
    expect(sumsOf(tf, largest, filled(-128))).toContain(-(2 ** 24 - 1));
    expect(sumsOf(tf, largest, filled(127))).toContain(2 ** 24 - 1);
  });
});
