import { describe, expect, it } from 'vitest';
import { encodeSmallImage, readSmallImage, startOfSmallImage } from '../../src/container/small-image.ts';
import { concatenate } from '../../src/image/png-chunks.ts';

const SMALL = { level: 3, payload: new Uint8Array(200).map((_, i) => i) };
const REST = Uint8Array.of(7, 8, 9);
const BYTES = concatenate([...encodeSmallImage(SMALL), REST]);
const START = 7;

it('comes back with what follows it', () => {
  expect(readSmallImage(BYTES, 100)).toEqual({ ...SMALL, isWhole: true, rest: REST });
  expect(BYTES).toHaveLength(START + 200 + 3);
});

it.each([
  [1, 1, false],
  [1, 2, true],
  [3, 4, false],
  [3, 5, true],
  [16, 32_768, false],
  [16, 65_535, true],
  [17, 65_535, false],
  [0, 65_535, false],
])('of %i halvings fits a side of %i: %s', (level, longest, fits) => {
  const bytes = concatenate(encodeSmallImage({ ...SMALL, level }));
  const read = () => readSmallImage(bytes, longest);
  if (fits) expect(read().level).toBe(level);
  else expect(read).toThrow(expect.objectContaining({ name: 'CodecError', code: 'corrupt' }));
});

describe('cut off', () => {
  it('is what there is of it', () => {
    const start = startOfSmallImage(BYTES.subarray(0, START + 50), 100);
    expect(start).toEqual({
      level: 3,
      payload: SMALL.payload.subarray(0, 50),
      isWhole: false,
      rest: new Uint8Array(0),
    });
  });

  it('is refused where it must be whole, or has not begun', () => {
    const error = expect.objectContaining({ name: 'CodecError', code: 'truncated' });
    for (let length = 0; length < START + 200; length++) {
      expect(() => readSmallImage(BYTES.subarray(0, length), 100)).toThrow(error);
      if (length < START) expect(() => startOfSmallImage(BYTES.subarray(0, length), 100)).toThrow(error);
    }
  });
});

it.each([0, 1, 4, START, START + 199])('damaged at byte %i is refused', (at) => {
  const damaged = BYTES.with(at, BYTES[at]! ^ 1);
  expect(() => readSmallImage(damaged, 100)).toThrow(expect.objectContaining({ name: 'CodecError', code: 'corrupt' }));
});
