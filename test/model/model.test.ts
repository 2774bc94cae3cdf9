import { describe, expect, it } from 'vitest';
import { NUM_CONDITIONS, NUM_LARGE_CONDITIONS } from '../../src/diffusion/conditions.ts';
import { NUM_PASSES } from '../../src/diffusion/passes.ts';
import { arraysOf, decodeTables, emptyTables, encodeTables } from '../../src/model/model.ts';
import { NUM_CLASSES } from '../../src/network/local-contrast.ts';
import { DENOISER_OUTPUTS, DENOISER_PLANES, KNOWN_PLANES } from '../../src/network/network.ts';
import { fixturePath, readFixture, tinyModel } from '../helpers/fixtures.ts';
import { randomInteger, seededRandom } from '../helpers/random.ts';

const SMALL = { channels: 8, trunkBlocks: 1, denoiserBlocks: 2 };

/** Tables that hold every value their types can: each array begins with its least and its greatest one. */
function filledTables() {
  const random = seededRandom(1);
  const tables = emptyTables(SMALL);
  for (const array of arraysOf(tables)) {
    const bits = 8 * array.BYTES_PER_ELEMENT;
    const least = array instanceof Uint8Array ? 0 : -(2 ** (bits - 1));
    for (let i = 0; i < array.length; i++) array[i] = least + randomInteger(random, 2 ** bits);
    array[0] = least;
    array[1] = least + 2 ** bits - 1;
  }
  return tables;
}

describe('the weights file', () => {
  it('holds all tables: decoding gives them back', () => {
    const tables = filledTables();
    expect(decodeTables(encodeTables(tables), SMALL)).toEqual(tables);
  });

  it('of the tiny model is what encoding its tables gives', () => {
    expect(encodeTables(tinyModel)).toEqual(readFixture('networks/tiny/weights.bin'));
  });

  it('may begin anywhere in its buffer', () => {
    const bytes = encodeTables(filledTables());
    const shifted = new Uint8Array(bytes.length + 3);
    shifted.set(bytes, 3);
    expect(decodeTables(shifted.subarray(3), SMALL)).toEqual(filledTables());
  });

  it('is little-endian and begins with the first convolution: weights, bias, shift', () => {
    const tables = emptyTables(SMALL);
    tables.weights.trunkIn.weights[0] = -2;
    tables.weights.trunkIn.bias[0] = 0x01_0203;
    tables.weights.trunkIn.shift[7] = 9;
    const bytes = encodeTables(tables);
    const biasAt = 8 * 9 * KNOWN_PLANES;
    expect(bytes[0]).toBe(0xfe);
    expect([...bytes.subarray(biasAt, biasAt + 4)]).toEqual([3, 2, 1, 0]);
    expect(bytes[biasAt + 8 * 4 + 7]).toBe(9);
  });

  it('has the size that its layout states', () => {
    const conv = (inputs: number, outputs: number) => outputs * (9 * inputs + 4 + 1);
    const film = (blocks: number) => blocks * 8 * (2 + 4);
    const network = conv(KNOWN_PLANES, 8) + conv(DENOISER_PLANES, 8) + 6 * conv(8, 8) + conv(8, DENOISER_OUTPUTS);
    const tables = emptyTables(SMALL);
    const levels = tables.conditions.flatMap((condition) => condition.levels);
    const conditions =
      NUM_CONDITIONS * (film(1) + 18 * film(2) + 17 * 4 + NUM_CLASSES * 9 * 4 + 18 * (9 * 4 * 9 + 9 * 8));
    const details = network + NUM_LARGE_CONDITIONS * (film(1) + NUM_PASSES * film(2) + NUM_CLASSES * 9 * 4);
    const expected = network + conditions + details + levels.reduce((sum, chain) => sum + chain.length, 0);
    expect(encodeTables(tables)).toHaveLength(expected);
  });

  it.each([-1, 1])('of another size (%i) is refused', (more) => {
    const size = encodeTables(emptyTables(SMALL)).length;
    expect(() => decodeTables(new Uint8Array(size + more), SMALL)).toThrow(RangeError);
  });
});

it('the tiny model lies where the tests look for it', () => {
  expect(fixturePath('networks/tiny')).toMatch(/fixtures.networks.tiny$/);
  expect(tinyModel).toMatchObject({ name: 'tiny', channels: 8, trunkBlocks: 1, denoiserBlocks: 1 });
});
