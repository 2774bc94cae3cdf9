import { describe, expect, it } from 'vitest';
import {
  checkSmallImage,
  encodeSmallImage,
  passSmallImage,
  startOfSmallImage,
} from '../../src/container/small-image.ts';
import { concatenate } from '../../src/image/png-chunks.ts';

const SMALL = { level: 3, payload: new Uint8Array(200).map((_, i) => i) };
const REST = Uint8Array.of(7, 8, 9);
const BYTES = concatenate([...encodeSmallImage(SMALL), REST]);
/** Of its payload. */
const START = 7;
const failure = (code: string) => expect.objectContaining({ name: 'CodecError', code, byteOffset: undefined });

it('comes back with what follows it', () => {
  expect(startOfSmallImage(BYTES, 100)).toMatchObject({ ...SMALL, length: 200, rest: REST });
  expect(passSmallImage(BYTES, 100)).toEqual(REST);
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
  const start = () => startOfSmallImage(bytes, longest);
  if (fits) expect(start().level).toBe(level);
  else expect(start).toThrow(failure('corrupt'));
});

describe('cut off', () => {
  it('is what there is of it, and not checked', () => {
    const start = startOfSmallImage(BYTES.subarray(0, START + 50), 100);
    expect(start).toMatchObject({ level: 3, payload: SMALL.payload.subarray(0, 50), length: 200 });
    expect(start.rest).toHaveLength(0);
    checkSmallImage(start);
  });

  it('is refused where it must be whole, or has not begun', () => {
    for (let length = 0; length < START + 200; length++) {
      expect(() => passSmallImage(BYTES.subarray(0, length), 100)).toThrow(failure('truncated'));
      if (length < START) expect(() => startOfSmallImage(BYTES.subarray(0, length), 100)).toThrow(failure('truncated'));
    }
  });
});

it.each([0, 1, 4, START, START + 199])('damaged at byte %i is refused', (at) => {
  const damaged = BYTES.with(at, BYTES[at]! ^ 1);
  expect(() => passSmallImage(damaged, 100)).toThrow(failure('corrupt'));
  expect(() => checkSmallImage(startOfSmallImage(damaged, 100))).toThrow(failure('corrupt'));
});
