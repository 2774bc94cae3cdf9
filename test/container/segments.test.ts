import { expect, it } from 'vitest';
import { encodeSegments, SegmentReader } from '../../src/container/segments.ts';
import { concatenate } from '../../src/image/png-chunks.ts';

const PARTS = [Uint8Array.of(1, 2, 3), new Uint8Array(0), new Uint8Array(300).fill(7), Uint8Array.of(9, 9)];
const PAYLOAD = concatenate(encodeSegments(PARTS));

it('gives back the parts in turn', () => {
  const reader = new SegmentReader(PAYLOAD);
  expect(PARTS.map((_, i) => reader.next(i === PARTS.length - 1))).toEqual(PARTS);
});

it('a payload of one part is that part', () => {
  expect(concatenate(encodeSegments([PARTS[2]!]))).toEqual(PARTS[2]);
});

it('what follows the last part belongs to it', () => {
  const reader = new SegmentReader(concatenate([PAYLOAD, Uint8Array.of(4)]));
  for (const part of PARTS.slice(0, -1)) expect(reader.next(false)).toEqual(part);
  expect(reader.next(true)).toEqual(Uint8Array.of(9, 9, 4));
});

it.each([0, 1, 4, 5, 6, 200])('a payload cut off after %i bytes ends within a part that is not the last', (length) => {
  const reader = new SegmentReader(PAYLOAD.subarray(0, length));
  const readAll = () => PARTS.slice(0, -1).map(() => reader.next(false));
  expect(readAll).toThrow(expect.objectContaining({ code: 'truncated' }));
});

it('gives the start of a part that is cut off', () => {
  const reader = new SegmentReader(PAYLOAD.subarray(0, 100));
  expect([reader.start(false), reader.start(false)].map(({ isWhole }) => isWhole)).toEqual([true, true]);
  const { bytes, isWhole } = reader.start(false);
  expect(isWhole).toBe(false);
  expect(bytes).toEqual(new Uint8Array(100 - 7).fill(7));
});
