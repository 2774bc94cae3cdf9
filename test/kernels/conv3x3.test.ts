import { expect, it } from 'vitest';
import { Conv3x3, type Conv3x3Weights, padChannels, type TileGrid, tileGrid } from '../../src/kernels/conv3x3.ts';
import { loadConv3x3 } from '../../src/kernels/load.ts';
import { seededRandom } from '../helpers/random-network.ts';
import { clamp, referenceConv3x3, roundShift } from '../helpers/reference-conv3x3.ts';

const SIZES = [
  { height: 1, width: 1 },
  { height: 1, width: 5 },
  { height: 7, width: 3 },
  { height: 9, width: 14 },
];

/** Sources of numbers in [0, 1): anything, or only the two ends. 56 channels at the ends come close to 2^24. */
const NUMBERS = {
  random: (seed: number) => seededRandom(seed),
  extreme: (seed: number) => {
    const random = seededRandom(seed);
    return () => (random() < 0.5 ? 0 : 1 - 2 ** -20);
  },
  highest: () => () => 1 - 2 ** -20,
  lowest: () => () => 0,
};

const CASES = SIZES.flatMap(({ height, width }, i) =>
  (Object.keys(NUMBERS) as (keyof typeof NUMBERS)[]).flatMap((numbers) =>
    [8, 56].map((channels) => ({ height, width, channels, numbers, seed: i + 1 })),
  ),
);

type Case = (typeof CASES)[number];

const between = (random: () => number, min: number, max: number): number =>
  min + Math.floor(random() * (max - min + 1));

function makeLayer({ channels, numbers, seed }: Case): Conv3x3Weights {
  const random = NUMBERS[numbers](seed);
  const any = seededRandom(seed + 100);
  return {
    inChannels: channels,
    outChannels: channels,
    weights: new Int8Array(channels * 9 * channels).map(() => between(random, -128, 127)),
    bias: new Int32Array(channels).map(() => between(random, -300_000, 300_000)),
    shift: new Uint8Array(channels).map(() => between(any, 0, 20)),
  };
}

function makeActivations({ height, width, channels, numbers, seed }: Case): Int16Array {
  // All activations at 255 where all weights are at their lowest.
  const random = numbers === 'lowest' ? NUMBERS.highest() : NUMBERS[numbers](seed + 200);
  return new Int16Array(height * width * channels).map(() => between(random, 0, 255));
}

/** A kernel with one layer and a map with these activations. */
function prepare(testCase: Case, layer: Conv3x3Weights, activations: Int16Array) {
  const { height, width, channels } = testCase;
  const conv = new Conv3x3(loadConv3x3()!, channels);
  const resident = conv.addLayer(layer);
  const grid = tileGrid(height, width);
  const input = conv.allocateMap(grid, channels);
  const output = conv.allocateMap(grid, channels);
  insideOfMap(conv, grid, input, channels).forEach((row, y) => {
    row.set(activations.subarray(y * width * channels, (y + 1) * width * channels));
  });
  return { conv, resident, grid, input, output };
}

function insideOfMap(conv: Conv3x3, grid: TileGrid, map: number, channels: number): Int16Array[] {
  const mapRow = (grid.tileColumns * 4 + 2) * channels;
  return Array.from({ length: grid.height }, (_, y) =>
    conv.memory.int16(map + ((y + 1) * mapRow + channels) * 2, grid.width * channels),
  );
}

it.each(CASES)('adds the convolution to the stream: $height x $width x $channels, $numbers', (testCase) => {
  const { height, width, channels, seed } = testCase;
  const random = seededRandom(seed);
  const layer = makeLayer(testCase);
  const activations = makeActivations(testCase);
  const { conv, resident, grid, input, output } = prepare(testCase, layer, activations);
  const before = new Int16Array(height * width * channels).map(() => between(random, -32768, 32767));
  const stream = conv.memory.allocate(before.byteLength);
  conv.memory.int16(stream, before.length).set(before);

  conv.addConvolution(resident, grid, { input, stream, output });

  const sums = referenceConv3x3({ height, width, values: activations }, layer);
  const expected = sums.map((sum, i) => clamp(before[i]! + sum, -32768, 32767));
  expect([...conv.memory.int16(stream, before.length)]).toEqual(expected);
  const expectedActivations = expected.map((x) => clamp(roundShift(x, 3), 0, 255));
  expect(insideOfMap(conv, grid, output, channels).flatMap((row) => [...row])).toEqual(expectedActivations);
});

it.each(CASES)('modulates and activates: $height x $width x $channels, $numbers', (testCase) => {
  const { height, width, channels, seed } = testCase;
  const random = NUMBERS.extreme(seed);
  const layer = makeLayer(testCase);
  const activations = makeActivations(testCase);
  const { conv, resident, grid, input, output } = prepare(testCase, layer, activations);
  const multiplier = Array.from({ length: channels }, () => between(random, -1023, 1023));
  const offset = Array.from({ length: channels }, () => between(random, -(2 ** 22), 2 ** 22));
  const film = conv.memory.allocate(channels * 8);
  conv.memory.int32(film, channels * 2).set([...multiplier, ...offset]);

  conv.convolveWithFilm(resident, grid, { input, film, output });

  const expected = referenceConv3x3({ height, width, values: activations }, layer).map((sum, i) => {
    const c = i % channels;
    return clamp(roundShift(clamp(sum, -4096, 4095) * multiplier[c]! + offset[c]!, 11), 0, 255);
  });
  expect(insideOfMap(conv, grid, output, channels).flatMap((row) => [...row])).toEqual(expected);
});

it('leaves the border of a map zero', () => {
  const testCase: Case = { height: 5, width: 6, channels: 8, numbers: 'random', seed: 5 };
  const { conv, resident, grid, input, output } = prepare(testCase, makeLayer(testCase), makeActivations(testCase));
  const stream = conv.memory.allocate(5 * 6 * 8 * 2);
  conv.memory.int16(stream, 5 * 6 * 8).fill(32767);
  conv.addConvolution(resident, grid, { input, stream, output });
  const nonZero = conv.memory.int16(output, 10 * 10 * 8).filter((value) => value !== 0).length;
  const insideNonZero = insideOfMap(conv, grid, output, 8).flatMap((row) => [...row.filter((value) => value !== 0)]);
  expect(insideNonZero.length).toBeGreaterThan(0);
  expect(nonZero).toBe(insideNonZero.length);
});

it.each([5, 54])('convolves %i int8 planes, padding their channels', (planes) => {
  const [height, width] = [3, 6];
  const random = seededRandom(planes);
  const layer: Conv3x3Weights = {
    inChannels: planes,
    outChannels: 18,
    weights: new Int8Array(18 * 9 * planes).map(() => between(random, -128, 127)),
    bias: new Int32Array(18).map(() => between(random, -1000, 1000)),
    shift: new Uint8Array(18).fill(7),
  };
  const values = new Int8Array(height * width * planes).map(() => between(random, -128, 127));
  const conv = new Conv3x3(loadConv3x3()!, planes);
  const resident = conv.addLayer(layer);
  const grid = tileGrid(height, width);
  const source = conv.allocatePlanes(grid, planes);
  const input = conv.allocateMap(grid, padChannels(planes));
  const output = conv.allocateMap(grid, 24);
  const stream = conv.memory.allocate(height * width * 24 * 2);
  conv.memory.int8(source, values.length + 8).fill(-128);
  conv.memory.int8(source, values.length).set(values);
  conv.memory.int16(stream, height * width * 24).fill(0);

  conv.widenPlanes(grid, planes, source, input);
  conv.addConvolution(resident, grid, { input, stream, output });

  const expected = referenceConv3x3({ height, width, values }, layer);
  const padded = [...conv.memory.int16(stream, height * width * 24)];
  expect(padded.filter((_, i) => i % 24 < 18)).toEqual(expected);
  expect(padded.filter((_, i) => i % 24 >= 18).every((value) => value === 0)).toBe(true);
});

// Each row lies at an edge: one more or one less in the sum or the clamp would change the activation.
it.each([
  { sum: -5000, multiplier: -1, offset: 9 * 2048 + 1024 - 4096, activation: 10 },
  { sum: -5000, multiplier: -1, offset: 9 * 2048 + 1023 - 4096, activation: 9 },
  { sum: 5000, multiplier: 1, offset: 9 * 2048 + 1023 - 4095, activation: 9 },
  { sum: 5000, multiplier: 1, offset: 9 * 2048 + 1024 - 4095, activation: 10 },
  { sum: 0, multiplier: 1023, offset: -1025, activation: 0 },
  { sum: 0, multiplier: 1023, offset: 254 * 2048 + 1024, activation: 255 },
  { sum: 4095, multiplier: 1023, offset: 2 ** 22, activation: 255 },
  { sum: -4096, multiplier: 1023, offset: -(2 ** 22), activation: 0 },
])('modulates $sum by $multiplier and $offset to $activation', ({ sum, multiplier, offset, activation }) => {
  const testCase: Case = { height: 1, width: 1, channels: 8, numbers: 'random', seed: 1 };
  const layer: Conv3x3Weights = {
    inChannels: 8,
    outChannels: 8,
    weights: new Int8Array(8 * 9 * 8),
    bias: new Int32Array(8).fill(sum),
    shift: new Uint8Array(8),
  };
  const { conv, resident, grid, input, output } = prepare(testCase, layer, new Int16Array(8));
  const film = conv.memory.allocate(8 * 8);
  conv.memory.int32(film, 8).fill(multiplier);
  conv.memory.int32(film + 32, 8).fill(offset);
  conv.convolveWithFilm(resident, grid, { input, film, output });
  expect([...insideOfMap(conv, grid, output, 8)[0]!]).toEqual(Array(8).fill(activation));
});
