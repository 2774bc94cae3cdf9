import { describe, expect, it } from 'vitest';
import { NUM_CHANNELS, NUM_INPUTS } from '../../src/absorbing/neighbourhood.ts';
import {
  COMPONENT_PARAMETERS,
  createPixelNetwork,
  KNOWN_INPUTS,
  MAX_BATCH,
  NUM_KNOWN,
  type PixelNetwork,
  STREAM_SHIFT,
} from '../../src/absorbing/pixel-network.ts';
import { PlainDense } from '../../src/absorbing/plain-dense.ts';
import { DenseKernel } from '../../src/kernels/dense.ts';
import { loadDense, loadSharedDense } from '../../src/kernels/load.ts';
import { tinyPixels } from '../helpers/fixtures.ts';
import { seededRandom } from '../helpers/random.ts';
import { referenceAdd, referenceDense, referenceRectify, referenceRectifyStream } from '../helpers/reference-dense.ts';

const { weights } = tinyPixels;
const OUTPUTS = COMPONENT_PARAMETERS * weights.components;

const random = seededRandom(4);
/** In units of 1/256, up to the largest magnitude of an input. */
const rowsOf = (length: number): number[][] =>
  Array.from({ length: MAX_BATCH }, () => Array.from({ length }, () => Math.floor(3073 * random()) - 1536));
const [INPUTS, KNOWN] = [rowsOf(NUM_INPUTS), rowsOf(NUM_KNOWN)];

/** What is known of a row once a channel is: 0 of those after it. */
const knownAfter = (row: number, channel: number): number[] =>
  KNOWN[row]!.map((value, i) => (i < (channel + 1) * KNOWN_INPUTS ? value : 0));

/** [channels][count] rows of outputs. */
function run(network: PixelNetwork, first: number, count: number): number[][][] {
  const inputs = network.inputs(count);
  for (let i = 0; i < count; i++) inputs.values.set(INPUTS[first + i]!, i * inputs.width);
  return Array.from({ length: NUM_CHANNELS }, (_, channel) => {
    network.begin(channel, count);
    const { values, width } = network.finish();
    const outputs = Array.from({ length: count }, (_, i) => [...values.subarray(i * width, i * width + OUTPUTS)]);
    const known = network.known(count);
    for (let i = 0; i < count; i++) known.values.set(knownAfter(first + i, channel), i * known.width);
    return outputs;
  });
}

function referenceRun(row: number): number[][] {
  let stream = referenceDense(INPUTS[row]!, weights.input);
  for (let i = 0; i < weights.hidden.length; i += 2) {
    const features = referenceRectifyStream(stream, STREAM_SHIFT);
    const inner = referenceRectify(referenceDense(features, weights.hidden[i]!));
    stream = referenceAdd(stream, referenceDense(inner, weights.hidden[i + 1]!));
  }
  const features = referenceRectifyStream(stream, STREAM_SHIFT);
  return weights.heads.map((head, i) => {
    const inputs = [...features, ...knownAfter(row, i - 1)];
    return referenceDense(referenceRectify(referenceDense(inputs, head)), weights.outputs[i]!);
  });
}

const EXPECTED = INPUTS.map((_, row) => referenceRun(row));
const expectedOf = (first: number, count: number): number[][][] =>
  [0, 1, 2].map((channel) => EXPECTED.slice(first, first + count).map((outputs) => outputs[channel]!));

describe.each([
  ['plain TypeScript', () => createPixelNetwork(weights, new PlainDense())],
  ['the kernel', () => createPixelNetwork(weights, new DenseKernel(loadDense()!))],
  ['the kernel with 3 threads', () => createPixelNetwork(weights, new DenseKernel(loadSharedDense()!, 3))],
])('the network on %s', (_title, create) => {
  const network = create();

  it.each([1, 2, 3, 4, 5, 31, 32, 33, 255, 256])('has the numbers of the reference in batches of %i', (count) => {
    for (const first of new Set([0, 17 % (MAX_BATCH - count + 1), MAX_BATCH - count])) {
      expect(run(network, first, count)).toEqual(expectedOf(first, count));
    }
  });

  it('knows nothing of the channels before at first, in each batch', () => {
    run(network, 0, 6);
    network.begin(0, 6);
    network.finish();
    const { values, width } = network.known(6);
    const rows = Array.from({ length: 6 }, (_, i) => [...values.subarray(i * width, i * width + NUM_KNOWN)]);
    expect(rows.flat().every((value) => value === 0)).toBe(true);
  });
});
