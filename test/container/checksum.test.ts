import { describe, expect, it } from 'vitest';
import { crc32 } from '../../src/container/checksum.ts';

const ascii = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('crc32', () => {
  it.each([
    ['', 0],
    ['a', 0xe8b7be43],
    ['123456789', 0xcbf43926],
    ['The quick brown fox jumps over the lazy dog', 0x414fa339],
  ])('of %j is the published value', (text, expected) => {
    expect(crc32(ascii(text))).toBe(expected);
  });

  it('goes on from the CRC of the bytes before', () => {
    for (let cut = 0; cut <= 9; cut++) {
      expect(crc32(ascii('123456789').subarray(cut), crc32(ascii('123456789').subarray(0, cut)))).toBe(0xcbf43926);
    }
  });
});
