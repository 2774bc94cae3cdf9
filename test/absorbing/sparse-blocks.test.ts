import { expect, it } from 'vitest';
import { placedIndex, SparseBlocks } from '../../src/absorbing/sparse-blocks.ts';

const BITS = 3;

it('gives blocks places in the order in which they are written, from the second on', () => {
  const [blocks, places] = [new SparseBlocks(10, BITS), new Int32Array(10)];
  expect(blocks.placedCells).toBe(8);
  expect([50, 9, 51, 79, 8].map((index) => blocks.place(places, index))).toEqual([8 + 2, 16 + 1, 8 + 3, 24 + 7, 16]);
  expect(blocks.placedCells).toBe(32);
  expect([50, 9, 51, 79, 8].map((index) => placedIndex(places, BITS, index))).toEqual([10, 17, 11, 31, 16]);
});

it('has one place for all blocks that are not written', () => {
  const [blocks, places] = [new SparseBlocks(10, BITS), new Int32Array(10)];
  blocks.place(places, 50);
  expect([0, 3, 47, 56, 79].map((index) => placedIndex(places, BITS, index))).toEqual([0, 3, 7, 0, 7]);
});

it('takes all places back', () => {
  const [blocks, places] = [new SparseBlocks(10, BITS), new Int32Array(10)];
  for (let index = 0; index < 80; index++) blocks.place(places, index);
  blocks.clear(places);
  expect(places.some((place) => place !== 0)).toBe(false);
  expect(blocks.placedCells).toBe(8);
  expect(blocks.place(places, 70)).toBe(8 + 6);
});
