import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { NUM_INPUTS } from '../../src/absorbing/neighbourhood.ts';
import { decodePixelWeights, emptyPixelWeights, encodePixelWeights } from '../../src/model/absorbing-model.ts';
import { isAbsorbing, loadGaussianModel, loadModel, requireGaussian } from '../../src/model/installed-models.ts';
import { fixturePath, tinyModel, tinyPixels } from '../helpers/fixtures.ts';
import { seededRandom } from '../helpers/random.ts';

const ARCHITECTURE = { channels: 24, blocks: 2, headChannels: 8, components: 3 };
/** Inputs and outputs of each layer, in the order of the file. */
const LAYERS = [
  [NUM_INPUTS, 24],
  ...Array(4).fill([24, 24]),
  ...Array(3).fill([24 + 10, 8]),
  ...Array(3).fill([8, 9]),
] as [number, number][];
const SIZE = 4 * LAYERS.reduce((sum, [inputs, outputs]) => sum + (inputs + 1) * outputs, 0);

/** Bytes of any finite floats. */
function someBytes(): Uint8Array {
  const random = seededRandom(5);
  return new Uint8Array(Float32Array.from({ length: SIZE / 4 }, () => 1e3 * (random() - 0.5)).buffer);
}

describe('the weights file', () => {
  it('holds every layer, weights before biases, as float32', () => {
    const bytes = someBytes();
    const { input, hidden, heads, outputs } = decodePixelWeights(bytes, ARCHITECTURE);
    const layers = [input, ...hidden, ...heads, ...outputs];
    expect(layers.map((layer) => [layer.inputs, layer.outputs])).toEqual(LAYERS);
    const values = layers.flatMap(({ weights, bias }) => [...weights, ...bias]);
    const view = new DataView(bytes.buffer);
    expect(values).toEqual(values.map((_, i) => view.getFloat32(4 * i, true)));
  });

  it('is written as it is read, from any part of a buffer', () => {
    const bytes = someBytes();
    const shifted = new Uint8Array(SIZE + 9);
    shifted.set(bytes, 5);
    const weights = decodePixelWeights(shifted.subarray(5, -4), ARCHITECTURE);
    expect(weights).toMatchObject(ARCHITECTURE);
    expect(encodePixelWeights(weights)).toEqual(bytes);
  });

  it('of a model that is empty is 0', () => {
    expect(encodePixelWeights(emptyPixelWeights(ARCHITECTURE))).toEqual(new Uint8Array(SIZE));
  });

  it.each([0, SIZE - 4, SIZE - 1, SIZE + 1])('is not one of %i bytes', (length) => {
    const decode = () => decodePixelWeights(new Uint8Array(length), ARCHITECTURE);
    expect(decode).toThrow(new RangeError(`weights must have ${SIZE} bytes, got ${length}`));
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])('holds no %d', (value) => {
    for (const offset of [0, 4 * NUM_INPUTS * 24, SIZE - 4]) {
      const bytes = someBytes();
      new DataView(bytes.buffer).setFloat32(offset, value, true);
      expect(() => decodePixelWeights(bytes, ARCHITECTURE)).toThrow(new RangeError('weights must be finite'));
    }
  });
});

const PARENT = mkdtempSync(join(tmpdir(), 'vdmz-models-'));
const FOLDER = join(PARENT, 'copy');
const MANIFEST = join(FOLDER, 'model.json');
const WEIGHTS = join(FOLDER, 'weights.bin');

beforeEach(() => cpSync(fixturePath('networks/tiny-pixels'), FOLDER, { recursive: true }));
afterAll(() => rmSync(PARENT, { recursive: true }));

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const manifest = (): object => JSON.parse(readFileSync(MANIFEST, 'utf8'));
const changeManifest = (fields: object): void => writeFileSync(MANIFEST, JSON.stringify({ ...manifest(), ...fields }));
const weights = (): Uint8Array => new Uint8Array(readFileSync(WEIGHTS));
/** Other weights, with a manifest that vouches for them. */
function changeWeights(bytes: Uint8Array): void {
  writeFileSync(WEIGHTS, bytes);
  changeManifest({ sha256: sha256(bytes) });
}

describe('loadModel', () => {
  it('names a model by its folder, and its id is the start of its hash', async () => {
    const model = await loadModel(FOLDER);
    expect(model).toEqual({ ...tinyPixels, name: 'copy' });
    expect(model.id).toBe(Number.parseInt(sha256(weights()).slice(0, 8), 16));
    expect(isAbsorbing(model)).toBe(true);
  });

  it.each([
    ['weights of another hash', 'corrupt', /SHA-256 [0-9a-f]{64}, expected/, () => writeFileSync(WEIGHTS, 'weights')],
    ['too few weights', 'corrupt', /must have \d+ bytes, got/, () => changeWeights(weights().subarray(4))],
    ['another architecture', 'corrupt', /must have \d+ bytes/, () => changeManifest({ blocks: 2 })],
    ['weights that are no numbers', 'corrupt', /must be finite/, () => changeWeights(weights().fill(255, 8, 12))],
    ['too many channels', 'corrupt', /"channels" .* 0..1024, found 1032/, () => changeManifest({ channels: 1032 })],
    ['too many components', 'corrupt', /"components" .* found 33/, () => changeManifest({ components: 33 })],
    ['half a block', 'corrupt', /"blocks" .* found 0.5/, () => changeManifest({ blocks: 0.5 })],
    [
      'a missing number',
      'corrupt',
      /"headChannels" .* found undefined/,
      () => changeManifest({ headChannels: undefined }),
    ],
    ['a malformed hash', 'corrupt', /"sha256"/, () => changeManifest({ sha256: 'ABC' })],
    ['a future version', 'unsupported-version', /format version 2/, () => changeManifest({ formatVersion: 2 })],
    ['the version of other models', 'unsupported-version', /version 5/, () => changeManifest({ formatVersion: 5 })],
    ['another process', 'unsupported-version', /format version 1/, () => changeManifest({ process: 'gaussian' })],
  ])('refuses %s', async (_title, code, message, damage) => {
    damage();
    const loading = loadModel(FOLDER);
    await expect(loading).rejects.toMatchObject({ name: 'CodecError', code });
    await expect(loading).rejects.toThrow(message);
  });

  // Widths that no kernel takes, with weights of the right size.
  it.each([{ channels: 12 }, { channels: 0 }, { headChannels: 4 }, { components: 0 }])('refuses %j', async (fields) => {
    const { channels, blocks, headChannels, components } = { ...tinyPixels.weights, ...fields };
    changeManifest(fields);
    changeWeights(encodePixelWeights(emptyPixelWeights({ channels, blocks, headChannels, components })));
    const outcome = loadModel(FOLDER).then(() => 'loaded');
    await expect(outcome).rejects.toMatchObject({ name: 'CodecError', code: 'corrupt' });
  });
});

it('a model of absorbing diffusion is none of Gaussian diffusion', async () => {
  const error = new RangeError('"model" must be one of Gaussian diffusion here, got tiny-pixels');
  await expect(loadGaussianModel(fixturePath('networks/tiny-pixels'))).rejects.toThrow(error);
  expect(() => requireGaussian(tinyPixels)).toThrow(error);
  expect(requireGaussian(tinyModel)).toBe(tinyModel);
});
