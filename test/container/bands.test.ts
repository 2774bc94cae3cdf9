import { expect, it } from 'vitest';
import { encodeBands, readBands } from '../../src/container/bands.ts';
import { concatenate } from '../../src/image/png-chunks.ts';

const PAYLOADS = [Uint8Array.of(1, 2, 3), new Uint8Array(300).fill(7), Uint8Array.of(9)];
const BYTES = concatenate(encodeBands(PAYLOADS));

it('gives back the payloads of all bands', () => {
  const { count, reader } = readBands(BYTES, { least: 2, most: 3 });
  expect(count).toBe(3);
  expect(PAYLOADS.map((_, i) => reader.next(i === 2))).toEqual(PAYLOADS);
});

it('may be one', () => {
  const { count, reader } = readBands(Uint8Array.of(1, 5), { least: 1, most: 4 });
  expect([count, reader.next(true)]).toEqual([1, Uint8Array.of(5)]);
});

it.each([
  ['no band', Uint8Array.of(0), 4, 'corrupt'],
  ['one band where there must be two', Uint8Array.of(1, 5), 4, 'corrupt'],
  ['more bands than there can be', BYTES, 2, 'corrupt'],
  ['nothing', new Uint8Array(0), 4, 'truncated'],
  ['a number that is cut off', Uint8Array.of(0x80), 4, 'truncated'],
  ['a number that is longer than need be', Uint8Array.of(0x82, 0), 4, 'corrupt'],
])('refuses %s', (_title, bytes, most, code) => {
  const failure = { name: 'CodecError', code, byteOffset: undefined };
  expect(() => readBands(bytes, { least: 2, most })).toThrow(expect.objectContaining(failure));
});
