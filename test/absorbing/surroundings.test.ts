import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type Diagonal, diagonalAt, diagonalCount, partOfDiagonal, SLOPE } from '../../src/absorbing/diagonals.ts';
import { KernelPredictor } from '../../src/absorbing/kernel-predictor.ts';
import { NUM_INPUTS, type Pixels } from '../../src/absorbing/neighbourhood.ts';
import { createPixelNetwork, MAX_BATCH } from '../../src/absorbing/pixel-network.ts';
import { PlainDense } from '../../src/absorbing/plain-dense.ts';
import { PlainPredictor } from '../../src/absorbing/plain-predictor.ts';
import { FACTS } from '../../src/absorbing/sample-facts.ts';
import { type SamplePredictor, sampleLength } from '../../src/absorbing/sample-predictor.ts';
import { NUM_CLASSES } from '../../src/absorbing/scale-classes.ts';
import { DenseKernel } from '../../src/kernels/dense.ts';
import { loadDense } from '../../src/kernels/load.ts';
import { type PlaneState, ROW_FACTS } from '../../src/kernels/samples.ts';
import { tinyPixels } from '../helpers/fixtures.ts';
import { makePixels } from '../helpers/pixels.ts';
import { referenceLook } from '../helpers/reference-neighbourhood.ts';

const { weights } = tinyPixels;
const predictors = {
  'plain TypeScript': new PlainPredictor(createPixelNetwork(weights, new PlainDense())),
  'the kernel': new KernelPredictor(weights, new DenseKernel(loadDense()!)),
} as const;

const stateOf = (plane: number, planes: number): PlaneState => ({
  plane,
  planes,
  weights: new Float64Array(2 * sampleLength(planes)),
  trusts: Float64Array.of(1, 0, 0),
  classSteps: new Int32Array(NUM_CLASSES),
});

/** Some number for each sample, that float32 has. */
const errorAt = (row: number, column: number, plane: number): number =>
  ((37 * row + 11 * column + 5 * plane) % 256) - 128.25;

const NEAR = [
  [-2, 0],
  [-1, -1],
  [-1, 0],
  [-1, 1],
  [0, -2],
  [0, -1],
] as const;
/** Those of which squares are added. */
const ADJACENT = [1, 2, 3, 5];

/** What regressions see of a pixel, from the definition alone. */
function referenceNear(
  { width, data }: Pixels,
  planes: number,
  row: number,
  column: number,
  prediction: readonly number[],
) {
  const all = Array.from({ length: planes }, (_, plane) => plane);
  const isInside = ([dRow, dColumn]: readonly [number, number]) =>
    row + dRow >= 0 && column + dColumn >= 0 && column + dColumn < width;
  const differences = NEAR.flatMap((near) => {
    const from = 3 * ((row + near[0]) * width + column + near[1]);
    return all.map((channel) => (isInside(near) ? data[from + channel]! - prediction[channel]! : 0));
  });
  const errors = NEAR.map((near) =>
    all.map((plane) => (isInside(near) ? errorAt(row + near[0], column + near[1], plane) : 0)),
  );
  const energies = all.map((plane) => ADJACENT.reduce((sum, k) => sum + errors[k]![plane]! ** 2, 0));
  return { inputs: [...differences, ...errors.flat()], energies };
}

/** Looks at all pixels in the order of coding, with errors of errorAt. */
function walk(
  predictor: SamplePredictor,
  pixels: Pixels,
  planes: 1 | 3,
  visit: (row: number, column: number, i: number, inputs: Int16Array) => void,
): void {
  predictor.start({ pixels, planes, weighsColours: false });
  for (let index = 0; index < diagonalCount(pixels); index++) {
    const diagonal = diagonalAt(pixels, index);
    for (let start = 0; start < diagonal.length; start += MAX_BATCH) {
      const batch = partOfDiagonal(diagonal, start, Math.min(MAX_BATCH, diagonal.length - start));
      predictor.look(batch);
      for (let plane = 0; plane < planes; plane++) {
        if (plane > 0) predictor.begin(plane);
        predictor.predict(stateOf(plane, planes), false);
        if (plane === 0) visitAll(predictor, batch, visit);
        setMeans(predictor, pixels, batch, plane);
        predictor.reveal(plane);
      }
    }
  }
}

function visitAll(predictor: SamplePredictor, batch: Diagonal, visit: Parameters<typeof walk>[3]): void {
  const { values, width } = predictor.network.inputs(batch.length);
  for (let i = 0; i < batch.length; i++) {
    visit(batch.row + i, batch.column - SLOPE * i, i, values.subarray(i * width, i * width + NUM_INPUTS));
  }
}

function setMeans(predictor: SamplePredictor, { width, data }: Pixels, batch: Diagonal, plane: number): void {
  const { facts } = predictor.rows();
  for (let i = 0; i < batch.length; i++) {
    const [row, column] = [batch.row + i, batch.column - SLOPE * i];
    const value = data[3 * (row * width + column) + [1, 0, 2][plane]!]!;
    facts[i * ROW_FACTS + FACTS.mean] = value - errorAt(row, column, plane);
  }
}

const SIZES = [
  [1, 1],
  [1, 12],
  [12, 1],
  [2, 2],
  [9, 9],
  [7, 70],
  [40, 23],
  [300, 3],
] as const;
const CASES = Object.keys(predictors).flatMap((name) =>
  ([1, 3] as const).flatMap((planes) =>
    (['noise', 'gradient'] as const).flatMap((content) =>
      SIZES.map(([height, width]) => ({ name: name as keyof typeof predictors, planes, content, height, width })),
    ),
  ),
);

describe('what surrounds pixels is what the definition says', () => {
  it.each(CASES)('by $name: $content, $height x $width, $planes planes', ({ name, planes, content, height, width }) => {
    const pixels = makePixels(content, { height, width, planes });
    const predictor = predictors[name];
    const half = NEAR.length * planes;
    walk(predictor, pixels, planes, (row, column, i, inputs) => {
      const rows = predictor.rows();
      const seen = referenceLook(pixels, row, column);
      const near = referenceNear(pixels, planes, row, column, seen.prediction);
      const [red, green, blue] = seen.prediction;
      expect([...inputs]).toEqual(seen.inputs);
      expect(rows.spreads[i]).toBe(seen.spread);
      expect([...rows.predictions.subarray(3 * i, 3 * i + 3)]).toEqual([green, red, blue]);
      expect(rows.bases[i]).toBe(green);
      expect([...rows.inputs.subarray(2 * half * i, 2 * half * (i + 1))]).toEqual(near.inputs);
      expect([...rows.energies.subarray(i * planes, (i + 1) * planes)]).toEqual(near.energies);
    });
  });
});

/** All that is seen of the pixels of an image, in the order of coding. */
function hashOf(predictor: SamplePredictor, pixels: Pixels): string {
  const hash = createHash('sha256');
  walk(predictor, pixels, 3, (_row, _column, i, inputs) => {
    const { spreads, predictions, inputs: near, energies } = predictor.rows();
    const half = NEAR.length * 3;
    const numbers = [
      ...[spreads[i]!, ...predictions.subarray(3 * i, 3 * i + 3)],
      ...near.subarray(2 * half * i, 2 * half * (i + 1)),
      ...energies.subarray(3 * i, 3 * i + 3),
    ];
    hash.update(inputs).update(Float64Array.from(numbers));
  });
  return hash.digest('hex');
}

it.each([
  [17_000, 3],
  [300, 1700],
])('is the same where more rows come than are kept, and diagonals in parts: %i x %i', (height, width) => {
  const pixels = makePixels('noise', { height, width });
  const [plain, kernel] = [predictors['plain TypeScript'], predictors['the kernel']].map((predictor) =>
    hashOf(predictor, pixels),
  );
  expect(kernel).toBe(plain);
});
