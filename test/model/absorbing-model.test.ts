import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { NUM_INPUTS } from '../../src/absorbing/neighbourhood.ts';
import {
  decodePixelWeights,
  emptyPixelWeights,
  encodePixelWeights,
  pixelMacs,
} from '../../src/model/absorbing-model.ts';
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
/** Bytes of a shift, of weights and of biases. */
const sizeOf = ([inputs, outputs]: readonly [number, number]): number => 1 + 2 * inputs * outputs + 4 * outputs;
const SIZE = LAYERS.reduce((sum, layer) => sum + sizeOf(layer), 0);

/** Bytes that are all different from the ones beside them. */
const someBytes = (): Uint8Array => {
  const random = seededRandom(5);
  return Uint8Array.from({ length: SIZE }, () => Math.floor(256 * random()));
};

describe('the weights file', () => {
  it('holds the shift, the weights and the biases of every layer, little-endian', () => {
    const bytes = someBytes();
    const { input, hidden, heads, outputs } = decodePixelWeights(bytes, ARCHITECTURE);
    const layers = [input, ...hidden, ...heads, ...outputs];
    expect(layers.map((layer) => [layer.inputs, layer.outputs])).toEqual(LAYERS);
    const view = new DataView(bytes.buffer);
    let offset = 0;
    for (const { shift, weights, bias } of layers) {
      expect([...shift]).toEqual([bytes[offset]]);
      expect([...weights]).toEqual(Array.from(weights, (_, i) => view.getInt16(offset + 1 + 2 * i, true)));
      offset += 1 + 2 * weights.length;
      expect([...bias]).toEqual(Array.from(bias, (_, i) => view.getInt32(offset + 4 * i, true)));
      offset += 4 * bias.length;
    }
    expect(offset).toBe(SIZE);
  });

  it('is written as it is read, from any part of a buffer', () => {
    const bytes = someBytes();
    const shifted = new Uint8Array(SIZE + 9);
    shifted.set(bytes, 5);
    const weights = decodePixelWeights(shifted.subarray(5, -4), ARCHITECTURE);
    expect(weights).toMatchObject(ARCHITECTURE);
    expect(encodePixelWeights(weights)).toEqual(bytes);
  });

  it('of a model that is empty is 0 but for the least shifts', () => {
    const expected = new Uint8Array(SIZE);
    let offset = 0;
    for (const layer of LAYERS) {
      expected[offset] = 2;
      offset += sizeOf(layer);
    }
    expect(encodePixelWeights(emptyPixelWeights(ARCHITECTURE))).toEqual(expected);
  });

  it.each([0, SIZE - 4, SIZE - 1, SIZE + 1])('is not one of %i bytes', (length) => {
    const decode = () => decodePixelWeights(new Uint8Array(length), ARCHITECTURE);
    expect(decode).toThrow(new RangeError(`weights must have ${SIZE} bytes, got ${length}`));
  });
});

it('a pixel takes as many multiplications as there are weights', () => {
  const expected = LAYERS.reduce((sum, [inputs, outputs]) => sum + inputs * outputs, 0);
  expect(pixelMacs(emptyPixelWeights(ARCHITECTURE))).toBe(expected);
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
    [
      'a shift that is too small',
      'corrupt',
      /shifts must be 2..20, found 1/,
      () => changeWeights(weights().fill(1, 0, 1)),
    ],
    ['a shift that is too large', 'corrupt', /found 21/, () => changeWeights(weights().fill(21, 0, 1))],
    ['weights that are too large', 'corrupt', /sums may overflow/, () => changeWeights(weights().fill(127, 1, 4001))],
    [
      'the version of weights in floats',
      'unsupported-version',
      /version 1/,
      () => changeManifest({ formatVersion: 1 }),
    ],
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
    ['a future version', 'unsupported-version', /format version 3/, () => changeManifest({ formatVersion: 3 })],
    ['the version of other models', 'unsupported-version', /version 5/, () => changeManifest({ formatVersion: 5 })],
    ['another process', 'unsupported-version', /format version 2/, () => changeManifest({ process: 'gaussian' })],
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
