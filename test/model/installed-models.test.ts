import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { defaultModelOf } from '../../src/default-model.ts';
import { findModel, installedModels, loadModel, modelIdOf } from '../../src/model/installed-models.ts';
import { decodeTables, encodeTables, type StoredCondition } from '../../src/model/model.ts';
import { fixturePath, tinyModel } from '../helpers/fixtures.ts';

const PARENT = mkdtempSync(join(tmpdir(), 'vdmz-models-'));
const FOLDER = join(PARENT, 'copy');
const MANIFEST = join(FOLDER, 'model.json');
const WEIGHTS = join(FOLDER, 'weights.bin');

beforeEach(() => cpSync(fixturePath('networks/tiny'), FOLDER, { recursive: true }));
afterAll(() => rmSync(PARENT, { recursive: true }));

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const manifest = (): object => JSON.parse(readFileSync(MANIFEST, 'utf8'));
const changeManifest = (fields: object): void => writeFileSync(MANIFEST, JSON.stringify({ ...manifest(), ...fields }));
/** Other weights, with a manifest that vouches for them. */
function changeWeights(weights: Uint8Array): void {
  writeFileSync(WEIGHTS, weights);
  changeManifest({ sha256: sha256(weights) });
}
const weights = (): Uint8Array => new Uint8Array(readFileSync(WEIGHTS));

describe('loadModel', () => {
  it('names a model by its folder, and its id is the start of its hash', async () => {
    const model = await loadModel(FOLDER);
    expect(model).toEqual({ ...tinyModel, name: 'copy' });
    expect(model.id).toBe(Number.parseInt(sha256(weights()).slice(0, 8), 16));
  });

  it.each([
    ['weights of another hash', 'corrupt', /SHA-256 [0-9a-f]{64}, expected/, () => writeFileSync(WEIGHTS, 'weights')],
    ['too few weights', 'corrupt', /must have \d+ bytes, got \d+/, () => changeWeights(weights().subarray(1))],
    [
      'too many weights',
      'corrupt',
      /must have \d+ bytes/,
      () => changeWeights(Buffer.concat([weights(), Buffer.of(0)])),
    ],
    ['another architecture', 'corrupt', /must have \d+ bytes/, () => changeManifest({ trunkBlocks: 2 })],
    ['channels no network has', 'corrupt', /do not fit/, () => changeManifest({ channels: 4 })],
    ['too many channels', 'corrupt', /"channels" .* found 1000000/, () => changeManifest({ channels: 1e6 })],
    ['half a block', 'corrupt', /"denoiserBlocks" .* found 0.5/, () => changeManifest({ denoiserBlocks: 0.5 })],
    [
      'a missing number',
      'corrupt',
      /"trunkBlocks" .* found undefined/,
      () => changeManifest({ trunkBlocks: undefined }),
    ],
    [
      'an unknown prediction',
      'corrupt',
      /"prediction" must be one of v, eps, x, found "u"/,
      () => changeManifest({ prediction: 'u' }),
    ],
    [
      'unknown variances',
      'corrupt',
      /"stepVariance" must be one of predicted, beta-tilde, interpolated, found 1/,
      () => changeManifest({ stepVariance: 1 }),
    ],
    ['a malformed hash', 'corrupt', /"sha256"/, () => changeManifest({ sha256: 'ABC' })],
    ['a manifest that is not JSON', 'corrupt', /is not JSON/, () => writeFileSync(MANIFEST, '{')],
    ['a future version', 'unsupported-version', /format version 6/, () => changeManifest({ formatVersion: 6 })],
    ['no version', 'unsupported-version', /format version undefined/, () => writeFileSync(MANIFEST, 'null')],
  ])('refuses %s', async (_title, code, message, damage) => {
    damage();
    const loading = loadModel(FOLDER);
    await expect(loading).rejects.toMatchObject({ name: 'CodecError', code });
    await expect(loading).rejects.toThrow(message);
  });

  it('refuses weights whose sums could leave the accumulators', async () => {
    const bytes = weights();
    // The first convolution: 8 outputs of 153 weights, then their biases.
    new DataView(bytes.buffer).setInt32(8 * 153, 1 << 24, true);
    changeWeights(bytes);
    await expect(loadModel(FOLDER)).rejects.toMatchObject({ code: 'corrupt' });
    await expect(loadModel(FOLDER)).rejects.toThrow(/accumulator/);
  });

  const tables = () => decodeTables(weights(), tinyModel);
  it.each<[string, RegExp, (condition: StoredCondition) => void]>([
    [
      'FiLM multiplier',
      /multipliers of condition 5 must be -1023..1023, found 1024/,
      (c) => c.films[16]!.multiplier.set([1024]),
    ],
    ['FiLM offset', /offsets of condition 5 .* found -4194305/, (c) => c.trunkFilm.offset.set([-4194305])],
    ['noise level', /noise levels of condition 5 must be 1..16777216, found 0/, (c) => c.noise.set([0])],
    ['deviation', /deviations of condition 5 .* found 16777217/, (c) => c.deviations.set([16777217], 116)],
    ['chain level', /levels of condition 5 must be 0..16, found 17/, (c) => c.levels[0]!.set([17])],
  ])('refuses a %s out of its range', async (_what, message, change) => {
    const changed = tables();
    change(changed.conditions[5]!);
    changeWeights(encodeTables(changed));
    await expect(loadModel(FOLDER)).rejects.toMatchObject({ code: 'corrupt', message: expect.stringMatching(message) });
  });

  it('passes on what the file system says', async () => {
    await expect(loadModel(join(PARENT, 'missing'))).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

describe('findModel', () => {
  it.each([
    [0, '00000000'],
    [0xabc, '00000abc'],
    [0xffff_fffe, 'fffffffe'],
  ])('says which model %i is missing', async (id, hex) => {
    const message = `file needs model ${hex}, which is not installed`;
    await expect(findModel(id)).rejects.toMatchObject({ code: 'unknown-model', message });
  });

  it('finds every installed model by its id', async () => {
    for (const { id, name, folder } of await installedModels()) {
      expect(await findModel(id)).toMatchObject({ id, name });
      expect(modelIdOf(sha256(readFileSync(join(folder, 'weights.bin'))))).toBe(id);
    }
  });
});

it('has a default model of either kind, of absorbing diffusion where none is asked for', async () => {
  expect(await defaultModelOf()).toBe(await defaultModelOf('absorbing'));
  expect((await defaultModelOf()).process).toBe('absorbing');
  expect((await defaultModelOf('gaussian')).process).toBeUndefined();
});
