import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type DenseWeights, MAX_ACTIVATION, SHIFTS } from '../../src/kernels/dense-backend.ts';
import { emptyLayer } from '../../src/model/absorbing-model.ts';
import {
  dequantizeDense,
  type FloatLayer,
  type LayerUnits,
  quantizeDense,
} from '../../src/train/dense-quantization.ts';
import { referenceDense } from '../helpers/reference-dense.ts';

interface Case {
  readonly floats: FloatLayer;
  readonly units: LayerUnits;
  readonly inputs: number;
  readonly outputs: number;
}

const units = fc.constantFrom(1, 16, 32, 64, 256, 4096);
const cases: fc.Arbitrary<Case> = fc
  .tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 5 }), fc.constantFrom(1e-4, 0.03, 0.5, 1))
  .chain(([inputs, outputs, size]) => {
    const floats = (length: number, most: number) =>
      fc
        .array(fc.double({ min: -most, max: most, noNaN: true }), { minLength: length, maxLength: length })
        .map((list) => Float32Array.from(list));
    return fc
      .record({
        weights: floats(inputs * outputs, size),
        bias: floats(outputs, 4 * size),
        inputUnits: fc.array(units, { minLength: inputs, maxLength: inputs }),
        output: units,
      })
      .map(({ weights, bias, inputUnits, output }) => ({
        floats: { weights, bias },
        units: { inputs: Float64Array.from(inputUnits), output },
        inputs,
        outputs,
      }));
  });

/** The integers of a shift, or nothing where they or their sums are too large. */
function roundedTo(shift: number, { floats, units, inputs, outputs }: Case): number[] | undefined {
  const scale = units.output * 2 ** shift;
  const weights = Array.from(floats.weights, (value, i) =>
    Math.round((value * scale) / units.inputs[Math.floor(i / outputs)]!),
  );
  const bias = Array.from(floats.bias, (value) => Math.round(value * scale));
  const sums = bias.map((value, o) =>
    Array.from({ length: inputs }, (_, i) => Math.abs(weights[i * outputs + o]!)).reduce(
      (sum, weight) => sum + weight * MAX_ACTIVATION,
      Math.abs(value),
    ),
  );
  const fits = weights.every((value) => Math.abs(value) <= 32_767) && sums.every((sum) => sum < 2 ** 31);
  return fits ? [...weights, ...bias].map((value) => value + 0) : undefined;
}

const SHIFT_LIST = Array.from({ length: 19 }, (_, i) => 20 - i);

function quantized(given: Case): DenseWeights {
  const layer = emptyLayer(given.inputs, given.outputs);
  quantizeDense(layer, given.floats, given.units);
  return layer;
}

const isPossible = (given: Case): boolean => roundedTo(SHIFTS.least, given) !== undefined;

describe('a layer as integers', () => {
  it('has the largest shift that leaves room, and the nearest numbers', () => {
    fc.assert(
      fc.property(cases.filter(isPossible), (given) => {
        const layer = quantized(given);
        const shift = SHIFT_LIST.find((value) => roundedTo(value, given) !== undefined)!;
        expect(layer.shift[0]).toBe(shift);
        expect([...layer.weights, ...layer.bias]).toEqual(roundedTo(shift, given));
      }),
      { seed: 1 },
    );
  });

  it('comes back within half a unit', () => {
    fc.assert(
      fc.property(cases.filter(isPossible), (given) => {
        const layer = quantized(given);
        const { weights, bias } = dequantizeDense(layer, given.units);
        const scale = given.units.output * 2 ** layer.shift[0]!;
        const { floats } = given;
        for (const [i, weight] of weights.entries()) {
          const unit = given.units.inputs[Math.floor(i / given.outputs)]! / scale;
          expect(Math.abs(weight - floats.weights[i]!)).toBeLessThanOrEqual(unit / 2 + 2 ** -22 * Math.abs(weight));
        }
        for (const [o, value] of bias.entries()) {
          expect(Math.abs(value - floats.bias[o]!)).toBeLessThanOrEqual(0.5 / scale + 2 ** -22 * Math.abs(value));
        }
      }),
      { seed: 1 },
    );
  });

  it('that came back gives the same integers again', () => {
    fc.assert(
      // Of 24 bits at most, as floats are.
      fc.property(cases.filter(isPossible), (given) => {
        const layer = quantized(given);
        fc.pre(layer.bias.every((value) => Math.abs(value) < 2 ** 24));
        const again = quantized({ ...given, floats: dequantizeDense(layer, given.units) });
        // Rounded numbers may leave room for finer ones, or take it.
        if (again.shift[0] === layer.shift[0]) expect(again).toEqual(layer);
        else expect(Math.abs(again.shift[0]! - layer.shift[0]!)).toBe(1);
      }),
      { seed: 1 },
    );
  });

  it('computes what the floats do, within a unit of the output and what its weights are rounded by', () => {
    fc.assert(
      fc.property(cases.filter(isPossible), fc.integer({ min: -MAX_ACTIVATION, max: MAX_ACTIVATION }), (given, x) => {
        const layer = quantized(given);
        const row = Array.from({ length: given.inputs }, (_, i) => (i % 2 === 0 ? x : -x));
        const { floats, units } = given;
        for (const [o, found] of referenceDense(row, layer).entries()) {
          const exact = row.reduce(
            (sum, value, i) => sum + (value / units.inputs[i]!) * floats.weights[i * given.outputs + o]!,
            floats.bias[o]!,
          );
          const rounding = (0.5 + given.inputs * Math.abs(x) * 0.5) / 2 ** layer.shift[0]!;
          expect(Math.abs(found - exact * units.output)).toBeLessThanOrEqual(0.5 + 1.01 * rounding + 1e-3);
        }
      }),
      { seed: 1 },
    );
  });
});

/** A layer of one output, in units of 1. */
const caseOf = (weights: readonly number[], bias: number): Case => ({
  floats: { weights: Float32Array.from(weights), bias: Float32Array.of(bias) },
  units: { inputs: new Float64Array(weights.length).fill(1), output: 1 },
  inputs: weights.length,
  outputs: 1,
});

describe('shifts', () => {
  it.each([
    ['0 throughout', [0, 0], 0, 20],
    ['the largest weight', [32_767 / 2 ** 10], 0, 10],
    ['one that is a bit larger', [32_768 / 2 ** 10], 0, 9],
    ['a negative one', [-32_768 / 2 ** 10], 0, 9],
    ['the largest weight of all', [8191.75], 0, 2],
    ['nine large weights, whose sum is too large', new Array(9).fill(32_767 / 2 ** 10), 0, 9],
    ['eight of them, whose sum is not', new Array(8).fill(32_767 / 2 ** 10), 0, 10],
    ['a large bias', [0], 2 ** 30 / 2 ** 7, 7],
    ['one that is a bit larger than all', [0], 2 ** 31 / 2 ** 7, 6],
  ])('are as large as they may be: %s', (_title, weights, bias, shift) => {
    expect(quantized(caseOf(weights, bias)).shift[0]).toBe(shift);
  });

  it.each([
    ['a weight', [8191.875], 0],
    ['another', [-8191.9], 0],
    ['one that is no number', [Number.POSITIVE_INFINITY], 0],
    ['sums of weights', new Array(9).fill(8191.75), 0],
    ['a bias', [0], 2 ** 29],
    ['a bias beside a weight', [8000], 2 ** 28.9],
  ])('are none where %s is too large', (_title, weights, bias) => {
    const given = caseOf(weights, bias);
    expect(() => quantized(given)).toThrow(new RangeError('weights are too large for integers of 16 bits'));
  });
});
