import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeOrder, encodeOrder, orderBytes } from '../../src/image/palette-order.ts';

const order = fc
  .integer({ min: 0, max: 256 })
  .chain((count) => fc.shuffledSubarray([...Array(count).keys()], { minLength: count, maxLength: count }));

describe('an order of colours', () => {
  it('comes back', () => {
    fc.assert(
      fc.property(order, (given) => {
        const bytes = encodeOrder(given);
        expect(bytes.length).toBe(orderBytes(given.length));
        expect(decodeOrder(bytes, given.length)).toEqual(given);
      }),
      { seed: 1 },
    );
  });

  it.each([
    [[], []],
    [[0], []],
    [[1, 0], [1]],
    [[0, 2, 1], [1]],
    [[1, 0, 2], [2]],
    [[2, 1, 0], [5]],
  ])('%j is its rank %j', (given, rank) => {
    expect([...encodeOrder(given)]).toEqual(rank);
  });

  it.each([
    [0, 0],
    [1, 0],
    [2, 1],
    [5, 1],
    [6, 2],
    [17, 7],
    [33, 16],
    [256, 211],
  ])('of %i takes %i bytes', (count, bytes) => {
    expect(orderBytes(count)).toBe(bytes);
    expect(decodeOrder(new Uint8Array(bytes), count)).toEqual([...Array(count).keys()]);
  });

  it.each([
    [2, [2]],
    [3, [6]],
    [6, [2, 0xd0]],
    [17, Array(7).fill(255)],
  ])('of %i is not %j, which lies beyond the last one', (count, bytes) => {
    expect(() => decodeOrder(Uint8Array.from(bytes), count)).toThrow(expect.objectContaining({ code: 'corrupt' }));
  });
});
