import { describe, expect, it } from 'vitest';
import { ClippedBlocks } from '../../src/codec/clipped-blocks.ts';
import { NotingPort, PoppingPort, type SymbolPort } from '../../src/codec/symbol-port.ts';
import { analyse } from '../../src/pyramid/haar.ts';
import { rgbToYcocg } from '../../src/pyramid/ycocg.ts';
import { AnsStack } from '../../src/rans/ans-stack.ts';
import { randomInteger, seededRandom } from '../helpers/random.ts';

type Colouring = (channel: number, random: () => number) => number;

interface Blocks {
  readonly side: number;
  /** [2 * side, 2 * side, 3] */
  readonly rgb: Uint8Array;
  readonly low: Int16Array;
  readonly u: Int32Array;
}

/** A square of blocks of pixels in red, green and blue. */
function blocksOf(side: number, colouring: Colouring): Blocks {
  const random = seededRandom(side);
  const rgb = Uint8Array.from({ length: 12 * side * side }, (_, i) => colouring(i % 3, random));
  const { low, detail } = analyse(rgbToYcocg(rgb), 2 * side, 2 * side, 3);
  return { side, rgb, low, u: Int32Array.from(detail) };
}

/** One channel at an end of its range, the others far from both. */
const clipped =
  (clippedChannel: number, end: number): Colouring =>
  (channel, random) =>
    channel === clippedChannel ? end : 60 + randomInteger(random, 130);

const ordinary: Colouring = (_channel, random) => 1 + randomInteger(random, 254);
/** Red is next to an end in about half of the pixels, so low values are at times as if it were there. */
const nearlyClipped: Colouring = (channel, random) =>
  channel === 0 ? randomInteger(random, 2) : 60 + randomInteger(random, 130);

/** Codes the flags of a tile. @returns whether Y follows, by position */
function code(port: SymbolPort, { side, low, u }: Blocks, learned = new ClippedBlocks()): boolean[] {
  learned.startTile({ height: side, width: side });
  return Array.from({ length: side * side }, (_, position) => {
    learned.code(port, position, { low, lowBase: 3 * position, u, base: 9 * position });
    return learned.follows(position);
  });
}

/** Of the four pixels of a block. */
function redOf({ side, rgb }: Blocks, position: number): number[] {
  const upperLeft = 4 * side * Math.floor(position / side) + 2 * (position % side);
  return [0, 1, 2 * side, 2 * side + 1].map((offset) => rgb[3 * (upperLeft + offset)]!);
}

const withoutLuma = (blocks: Blocks): Blocks => ({
  ...blocks,
  u: blocks.u.map((value, i) => (i % 3 === 0 ? 0 : value)),
});

/** What a decoder has that knows Co and Cg alone. */
function decoded(port: NotingPort, blocks: Blocks): { follows: boolean[]; u: Int32Array } {
  const stack = new AnsStack();
  port.pushOnto(stack);
  const known = withoutLuma(blocks);
  const follows = code(new PoppingPort(stack), known);
  expect(stack.isPristine).toBe(true);
  return { follows, u: known.u };
}

/** Bits of so many true flags in a row, whose probability goes from 1/2 to 1023/1024 by 1/32 of what is left. */
function bitsOfSure(count: number): number {
  let [bits, probability] = [0, 0.5];
  for (let i = 0; i < count; i++) {
    bits -= Math.log2(probability);
    probability += (1 - 1 / 1024 - probability) / 32;
  }
  return bits;
}

describe('blocks with a clipped channel', () => {
  it.each([
    ['red', 0, 0],
    ['red', 0, 255],
    ['green', 1, 0],
    ['green', 1, 255],
    ['blue', 2, 0],
    ['blue', 2, 255],
  ] as const)('of %s (channel %d) at %d are found, and give the details of Y', (_name, channel, end) => {
    const blocks = blocksOf(12, clipped(channel, end));
    const port = new NotingPort();
    const follows = code(port, blocks);
    expect(follows).toEqual(new Array(144).fill(true));
    expect(port.count).toBe(144);
    expect(decoded(port, blocks)).toEqual({ follows, u: blocks.u });
  });

  it('cost less than 0.05 bits each where a whole tile is clipped, and less still in the next tile', () => {
    const blocks = blocksOf(64, clipped(2, 255));
    const [port, learned] = [new NotingPort(), new ClippedBlocks()];
    for (let tile = 0; tile < 2; tile++) code(port, blocks, learned);
    expect(port.contentBits(0, 4096) / 4096).toBeLessThan(0.05);
    expect(port.contentBits(4096) / 4096).toBeLessThan(0.005);
  });

  it('cost what follows from flags at the left and above, each pair of which is learned by itself', () => {
    const port = new NotingPort();
    code(port, blocksOf(20, clipped(0, 0)));
    // Neither of both, the left one alone, the upper one alone, both.
    const expected = [1, 19, 19, 19 * 19].reduce((sum, count) => sum + bitsOfSure(count), 0);
    expect(port.contentBits()).toBeCloseTo(expected, 2);
  });
});

describe('other blocks', () => {
  it('have no flag where colours are ordinary', () => {
    const blocks = blocksOf(32, ordinary);
    const [port, before] = [new NotingPort(), blocks.u.slice()];
    expect(code(port, blocks)).not.toContain(true);
    expect(port.count).toBe(0);
    expect(blocks.u).toEqual(before);
  });

  it('have a flag that is refused where the low value is as if a channel were clipped', () => {
    const blocks = blocksOf(32, nearlyClipped);
    const [port, before] = [new NotingPort(), blocks.u.slice()];
    const follows = code(port, blocks);
    expect(follows).toEqual(follows.map((_, position) => redOf(blocks, position).every((red) => red === 0)));
    expect(port.count).toBeGreaterThan(2 * follows.filter(Boolean).length);
    expect(blocks.u).toEqual(before);
    const { u } = decoded(port, blocks);
    const expected = withoutLuma(blocks).u.map((value, i) => (follows[Math.floor(i / 9)] ? before[i]! : value));
    expect(u).toEqual(expected);
  });

  it('are known of the tile at hand alone', () => {
    const learned = new ClippedBlocks();
    code(new NotingPort(), blocksOf(4, clipped(0, 0)), learned);
    learned.startTile({ height: 4, width: 4 });
    expect(learned.follows(5)).toBe(false);
  });
});
