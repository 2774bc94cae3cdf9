import { Deflate, type DeflateOptions } from 'pako';
import { describe, expect, it } from 'vitest';
import { countFirstBlock, readTokens } from '../../src/image/deflate-tokens.ts';
import { randomInteger, seededRandom } from '../helpers/random.ts';

const random = seededRandom(4);
/** Few values, so that there are matches of many lengths. */
const DATA = Uint8Array.from({ length: 100_000 }, (_, i) => (i % 5000 < 900 ? 7 : randomInteger(random, 3)));

function deflateRaw(data: Uint8Array, options: DeflateOptions): Uint8Array {
  const deflate = new Deflate({ ...options, raw: true });
  deflate.push(data, true);
  return deflate.result as Uint8Array;
}

/** What the tokens make. */
function bytesOf(tokens: readonly number[]): Uint8Array {
  const bytes: number[] = [];
  for (const token of tokens) {
    const [length, distance] = [(token >> 16) & 0xff_ff, token & 0xff_ff];
    if (token < 256) bytes.push(token);
    else for (let i = 0; i < length - 256; i++) bytes.push(bytes.at(-distance)!);
  }
  return Uint8Array.from(bytes);
}

const SETTINGS = [
  { level: 1 },
  { level: 6 },
  { level: 9, memLevel: 9 },
  { level: 6, strategy: 2 },
  { level: 6, strategy: 3 },
  { level: 6, strategy: 4 },
] as const;

describe.each(SETTINGS)('the tokens of a stream made with %j', (settings) => {
  const stream = deflateRaw(DATA, settings);

  it('make its data', () => {
    expect(bytesOf(readTokens(stream, DATA.length))).toEqual(DATA);
    expect(bytesOf(readTokens(stream, 500)).subarray(0, 500)).toEqual(DATA.subarray(0, 500));
  });

  it('are counted block by block', () => {
    const { memLevel = 8 } = settings as { memLevel?: number };
    const all = readTokens(stream, DATA.length).length;
    const first = Math.min(all, (1 << (memLevel + 6)) - 1);
    expect(countFirstBlock(stream, 1 << 20)).toEqual({ count: first, isLast: first === all });
    expect(countFirstBlock(stream, 10)!.count).toBe(11);
  });
});

it('ends at a stored block', () => {
  const stream = deflateRaw(DATA, { level: 0 });
  expect(readTokens(stream, DATA.length)).toEqual([]);
  expect(countFirstBlock(stream, 10)).toBeUndefined();
});
