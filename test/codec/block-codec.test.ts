import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BlockCodec } from '../../src/codec/block-codec.ts';
import { ColourCounts, KAPPAS } from '../../src/codec/colour-counts.ts';
import type { Gaussians } from '../../src/codec/gaussians.ts';
import { NotingPort, PoppingPort } from '../../src/codec/symbol-port.ts';
import { analyse } from '../../src/pyramid/haar.ts';
import { rgbToYcocg } from '../../src/pyramid/ycocg.ts';
import { gaussianFreq } from '../../src/rans/discretised-gaussian.ts';
import { randomInteger, seededRandom } from '../helpers/random.ts';
import { stackOfBytes } from '../helpers/stacks.ts';

const STRENGTH = KAPPAS.length - 1;

interface BlockCase {
  readonly low: Int16Array;
  readonly u: Int32Array;
  readonly gaussians: Gaussians;
}

/** Counts that have seen a few colours many times. */
function learnedCounts(planes: 1 | 3): ColourCounts {
  const counts = new ColourCounts({ chroma: STRENGTH, luma: STRENGTH }, planes);
  const random = seededRandom(8);
  for (let i = 0; i < 400; i++) {
    const chroma = planes === 3 ? 4 * randomInteger(random, 5) - 8 : 0;
    counts.add(100 + 3 * randomInteger(random, 20), chroma, planes === 3 ? -chroma : 0);
  }
  return counts;
}

const integers = (min: number, max: number) => fc.array(fc.integer({ min, max }), { minLength: 9, maxLength: 9 });

/** Details near the means and far from them, of narrow, wide and too wide Gaussians. */
const blocks: fc.Arbitrary<BlockCase> = fc
  .record({
    low: fc.array(fc.integer({ min: -255, max: 255 }), { minLength: 3, maxLength: 3 }),
    mean16: integers(-400, 400),
    offset: fc.oneof(integers(-2, 2), integers(-40, 40), integers(-30_000, 30_000)),
    scale: fc.oneof(integers(0, 80), integers(60, 100), integers(90, 255)),
  })
  .map(({ low, mean16, offset, scale }) => ({
    low: Int16Array.from(low),
    u: Int32Array.from(offset, (value, i) => value + (mean16[i]! >> 4)),
    gaussians: { mean16: Int32Array.from(mean16), scale: Uint8Array.from(scale) },
  }));

describe.each([1, 3] as const)('the block codec with %i planes', (planes) => {
  const codec = new BlockCodec(learnedCounts(planes), planes);
  const existing = [0, 1, 2, 3, 4, 5, 6, 7, 8].filter((c) => planes === 3 || c % 3 === 0);

  it('pops what was pushed and leaves the stack as it was', () => {
    fc.assert(
      fc.property(blocks, ({ low, u, gaussians }) => {
        const stack = stackOfBytes(200);
        const before = stack.toBytes();
        const noting = new NotingPort();
        codec.code(noting, gaussians, { low, lowBase: 0, u: u.slice(), base: 0 });
        noting.pushOnto(stack);
        const popped = new Int32Array(9);
        codec.code(new PoppingPort(stack), gaussians, { low, lowBase: 0, u: popped, base: 0 });
        for (const c of existing) expect(popped[c]).toBe(u[c]);
        expect(stack.toBytes()).toEqual(before);
      }),
      { numRuns: 500 },
    );
  });

  it('says its content to the bit that the stack counts', () => {
    fc.assert(
      fc.property(blocks, ({ low, u, gaussians }) => {
        const stack = stackOfBytes(200);
        const before = stack.bitLength;
        const noting = new NotingPort();
        codec.code(noting, gaussians, { low, lowBase: 0, u: u.slice(), base: 0 });
        noting.pushOnto(stack);
        const bits = noting.contentBits();
        expect(Math.abs(stack.bitLength - before - bits)).toBeLessThan(1 + bits / 500);
      }),
    );
  });

  it('pops something from any bits, as damaged files will have it', () => {
    fc.assert(
      fc.property(blocks, fc.nat(), ({ low, gaussians }, seed) => {
        const u = new Int32Array(9);
        codec.code(new PoppingPort(stackOfBytes(400, seed)), gaussians, { low, lowBase: 0, u, base: 0 });
        expect(u.every((value) => Math.abs(value) < 1 << 19)).toBe(true);
      }),
    );
  });
});

/** Blocks of an image whose colours are steps of 3 in luma and 4 in chroma, and Gaussians around their details. */
function latticeBlocks(count: number): BlockCase[] {
  const random = seededRandom(4);
  return Array.from({ length: count }, () => {
    const colours = Array.from({ length: 4 }, () => {
      const green = 90 + 3 * randomInteger(random, 6);
      return [green + 4 * randomInteger(random, 3), green, green - 4 * randomInteger(random, 3)];
    });
    const { low, detail } = analyse(rgbToYcocg(Uint8Array.from(colours.flat())), 2, 2, 3);
    const mean16 = Int32Array.from(detail, (value) => 16 * value + randomInteger(random, 33) - 16);
    return { low, u: Int32Array.from(detail), gaussians: { mean16, scale: new Uint8Array(9).fill(84) } };
  });
}

const plainBits = ({ u, gaussians: { mean16, scale } }: BlockCase): number =>
  u.reduce((bits, value, c) => bits + 20 - Math.log2(gaussianFreq(value, mean16[c]!, scale[c]!)), 0);

function blockBits(codec: BlockCodec, { low, u, gaussians }: BlockCase): number {
  const port = new NotingPort();
  codec.code(port, gaussians, { low, lowBase: 0, u, base: 0 });
  return port.contentBits();
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

describe('the weights of colours', () => {
  const cases = latticeBlocks(300);
  const plain = sum(cases.map(plainBits));

  it('cost next to nothing before any colour is known', () => {
    const codec = new BlockCodec(new ColourCounts({ chroma: STRENGTH, luma: STRENGTH }, 3), 3);
    expect(sum(cases.map((block) => blockBits(codec, block))) / plain).toBeCloseTo(1, 2);
  });

  it('save bits where few colours occur', () => {
    const counts = new ColourCounts({ chroma: STRENGTH, luma: STRENGTH }, 3);
    for (let green = 90; green < 108; green += 3) {
      for (const red of [0, 4, 8]) {
        for (const blue of [0, 4, 8]) {
          const [y, co, cg] = rgbToYcocg(Uint8Array.of(green + red, green, green - blue));
          for (let i = 0; i < 30; i++) counts.add(y!, co!, cg!);
        }
      }
    }
    const codec = new BlockCodec(counts, 3);
    expect(sum(cases.map((block) => blockBits(codec, block))) / plain).toBeLessThan(0.6);
  });
});
