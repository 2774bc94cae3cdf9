import { describe, expect, it } from 'vitest';
import { NUM_COLOUR_CLASSES } from '../../src/codec/colour-classes.ts';
import { NUM_ERROR_CLASSES } from '../../src/codec/error-classes.ts';
import { type DetailClasses, type Expected, Experts } from '../../src/codec/experts.ts';
import { DEVIATIONS16 } from '../../src/codec/neighbour-residuals.ts';
import { NotingPort, PoppingPort, type SymbolPort } from '../../src/codec/symbol-port.ts';
import { AnsStack } from '../../src/rans/ans-stack.ts';
import { gaussianFreq, halfWidthOf, normalCdf, scaleIndexForVariance } from '../../src/rans/discretised-gaussian.ts';
import { randomInteger, seededRandom } from '../helpers/random.ts';

type Kind = Pick<Expected, 'c' | 'scale'> & DetailClasses;
type Detail = Kind & Expected & { readonly value: number };

const TOTAL = 1 << 20;
const clamp = (value: number, low: number, high: number): number => Math.min(Math.max(value, low), high);
const sumOf = (list: readonly number[]): number => list.reduce((sum, value) => sum + value, 0);

/** Kinds that differ in one thing or in many. */
const KINDS = [0, 1, 8].flatMap((c) =>
  [0, 80, 81, 82, 150, 255].flatMap((scale) =>
    [0, NUM_ERROR_CLASSES - 1].flatMap((error) =>
      [0, 1, NUM_COLOUR_CLASSES - 1].map((colour) => ({ c, scale, error, colour })),
    ),
  ),
);

/** Now the long regression is right and now the short one, or neither; one value in 50 is far off. */
function randomDetails(count: number, kinds: readonly Kind[] = KINDS): Detail[] {
  const random = seededRandom(count);
  const noise = (): number => random() + random() + random() - 1.5;
  return Array.from({ length: count }, (_, i) => {
    const kind = kinds[randomInteger(random, kinds.length)]!;
    const deviation16 = DEVIATIONS16[kind.scale]!;
    const exact16 = 2000 * noise();
    const long16 = exact16 + (i & 256 ? 3 : 0.3) * noise() * deviation16;
    const short16 = exact16 + (i & 512 ? 3 : 0.3) * noise() * deviation16;
    const shift16 = 4 * (randomInteger(random, 9) - 4);
    const value16 = exact16 - shift16 + (i % 50 === 0 ? 60 : 1) * noise() * deviation16;
    return { ...kind, long16, short16, shift16, value: clamp(Math.round(value16 / 16), -0x7fff, 0x7fff) | 0 };
  });
}

const code = (experts: Experts, port: SymbolPort, detail: Detail): number =>
  experts.code(port, detail, detail, detail.value);

/** Bits of each detail. */
function bitsOf(details: readonly Detail[], experts = new Experts()): number[] {
  const port = new NotingPort();
  return details.map((detail) => {
    const before = port.count;
    code(experts, port, detail);
    return port.contentBits(before);
  });
}

/** What is learned of a class. */
interface Learned {
  readonly variance: number;
  readonly weights: readonly number[];
  readonly count: number;
}

const UNLEARNED: Learned = { variance: 1, weights: [0.02, 0.16, 0.64, 0.16, 0.02], count: 0 };

/** After a detail, to whose bin each component gave a part. */
function learn({ variance, weights, count }: Learned, error: number, parts: readonly number[]): Learned {
  const rate = Math.max(1 / 128, 1 / (count + 24));
  const wanted = parts.map((part) => 1 / 16_384 + (1 - 5 / 16_384) * (part / sumOf(parts)));
  return {
    variance: variance + Math.max(1 / 192, 1 / (count + 4)) * (Math.min(error ** 2, 25) - variance),
    weights: sumOf(parts) > 0 ? weights.map((weight, k) => weight + rate * (wanted[k]! - weight)) : weights,
    count: count + 1,
  };
}

/** After a detail, to whose bin each expert gave a part. */
function trusted(trusts: readonly number[], parts: readonly number[]): readonly number[] {
  const total = sumOf(parts);
  if (total === 0) return trusts;
  return trusts.map((trust, i) => trust + (1 / 96 + (1 - 3 / 96) * (parts[i]! / total) - trust) / 16);
}

/** The experts once more, with names for classes and nothing kept but what was learned. */
class PlainExperts {
  private readonly learned = new Map<string, Learned>();
  private readonly trusts = new Map<string, readonly number[]>();

  /** @returns bits of a detail, of which it learns */
  code({ c, scale, error, colour, long16, short16, shift16, value }: Detail): number {
    const deviation = DEVIATIONS16[scale]! / 16;
    const kind = `${c}, ${[0.5, 1, 2].filter((bound) => deviation >= bound).length}`;
    const names = [`long ${kind}, ${error}`, `short ${c}, ${colour}`, `middle ${c}, ${Math.floor(scale / 2)}`];
    const learned = names.map((name) => this.learned.get(name) ?? UNLEARNED);
    const trusts = this.trusts.get(kind) ?? [1 / 3, 1 / 3, 1 / 3];
    const means16 = [long16, short16, (long16 + short16) / 2].map((mean16) => mean16 - shift16);
    const centre = Math.round(sumOf(means16.map((mean16, i) => trusts[i]! * mean16)) / 16);
    const scales = learned.map(({ variance }) => {
      const middle = scaleIndexForVariance(Math.max(variance * deviation ** 2 - 1 / 12, 1 / 512));
      return [-32, -16, 0, 16, 32].map((step) => clamp(middle + step, 0, 255));
    });
    /** What components of an expert give to the bins from one on to before another. */
    const partsOf = (i: number, from: number, to: number): number[] => {
      const below = scales[i]!.map((own) => [from, to].map((bin) => normalCdf(bin, means16[i]! - 16 * centre, own)));
      return below.map(([low, high], k) => trusts[i]! * learned[i]!.weights[k]! * (high! - low!));
    };

    const widest = Math.max(...scales.flat());
    const end = halfWidthOf(widest);
    const start = (bin: number): number => {
      if (bin === -end) return 0;
      if (bin > end) return TOTAL;
      const sum = sumOf([0, 1, 2].flatMap((i) => partsOf(i, -Infinity, bin)));
      return Math.floor((sum * (TOTAL - 2 * end - 1)) / TOTAL) + bin + end;
    };
    const bin = clamp(value - centre, -end, end);
    const escaped = Math.abs(bin) === end ? 20 - Math.log2(gaussianFreq(value, 16 * centre, widest)) : 0;
    const bits = 20 - Math.log2(start(bin + 1) - start(bin)) + escaped;

    const parts = [0, 1, 2].map((i) => partsOf(i, bin, bin + 1));
    for (const [i, name] of names.entries()) {
      this.learned.set(name, learn(learned[i]!, (16 * value - means16[i]!) / (16 * deviation), parts[i]!));
    }
    this.trusts.set(kind, trusted(trusts, parts.map(sumOf)));
    return bits;
  }
}

/** Details of one kind, 20 off in one of the regressions. */
function oneSided(count: number, wrong: 'long16' | 'short16'): Detail[] {
  const random = seededRandom(count);
  return Array.from({ length: count }, () => {
    const value = randomInteger(random, 100);
    const mean16 = 16 * (value + random() - 0.5);
    const right = { c: 4, scale: 100, error: 5, colour: 20, long16: mean16, short16: mean16, shift16: 0, value };
    return { ...right, [wrong]: mean16 + 320 };
  });
}

const PROBE = oneSided(1, 'short16')[0]!;
const trained = (): Experts => after(new Experts(), oneSided(300, 'short16'));

function after(experts: Experts, details: readonly Detail[]): Experts {
  bitsOf(details, experts);
  return experts;
}

const DISTANCES = Array.from({ length: 100 }, (_, i) => i);

/** How far from the long to the short regression the mean of the mixture is. */
const shareOfShort = (experts: Experts, kind: Partial<Kind> = {}): number =>
  (experts.mean16({ ...PROBE, ...kind }) - PROBE.long16) / (PROBE.short16 - PROBE.long16);

describe('experts', () => {
  it('give details back to a decoder, far ones too, and both have learned the same', () => {
    const details = randomDetails(4000);
    const values = details.map(({ value }) => value);
    const [encoder, decoder, port, stack] = [new Experts(), new Experts(), new NotingPort(), new AnsStack()];
    expect(details.map((detail) => code(encoder, port, detail))).toEqual(values);
    // One more for each that escapes.
    expect(port.count).toBeGreaterThan(details.length + 10);
    port.pushOnto(stack);
    const popping = new PoppingPort(stack);
    expect(details.map((detail) => code(decoder, popping, { ...detail, value: 0 }))).toEqual(values);
    expect(decoder).toEqual(encoder);
    expect(stack.isPristine).toBe(true);
  });

  it('spend the bits that their formula does', () => {
    const details = [...randomDetails(1500), ...randomDetails(1000, KINDS.slice(9, 12))];
    const plain = new PlainExperts();
    for (const [i, bits] of bitsOf(details).entries()) {
      expect(bits, `detail ${i}`).toBeCloseTo(plain.code(details[i]!), 9);
    }
  });

  it.each([
    [8, 1],
    [7.99, 0],
    [-8, 0],
    [-8.01, -1],
  ])('count bins from the integer nearest to the mean: at %d / 16 from %d', (mean16, centre) => {
    const escapes = (value: number): boolean => {
      const port = new NotingPort();
      code(new Experts(), port, { ...PROBE, long16: mean16 + 8, short16: mean16 + 8, shift16: 8, value });
      return port.count === 2;
    };
    const [below, above] = [-1, 1].map((sign) => DISTANCES.map((distance) => escapes(centre + sign * distance)));
    expect(below).toEqual(above);
    expect(new Set(above).size).toBe(2);
  });

  it('trust the one that is right, the others a little, and change their minds', () => {
    expect(shareOfShort(new Experts())).toBeCloseTo(0.5, 12);
    // No trust is below 1/96, and half of what the third has counts.
    const experts = trained();
    expect(shareOfShort(experts)).toBeGreaterThan(1.5 / 96);
    expect(shareOfShort(experts)).toBeLessThan(2.5 / 96);
    expect(shareOfShort(after(experts, oneSided(100, 'long16')))).toBeGreaterThan(0.8);
    const opposite = after(new Experts(), oneSided(300, 'long16'));
    expect(shareOfShort(opposite)).toBeLessThan(1 - 1.5 / 96);
    expect(shareOfShort(opposite)).toBeGreaterThan(1 - 2.5 / 96);
  });

  it.each([
    { kind: { c: 3 }, isTrustNew: true, isAllNew: true },
    { kind: { scale: 95, error: 6, colour: 21 }, isTrustNew: true, isAllNew: true },
    { kind: { scale: 95 }, isTrustNew: true, isAllNew: false },
    { kind: { scale: 140 }, isTrustNew: false, isAllNew: false },
    { kind: { error: 6 }, isTrustNew: false, isAllNew: false },
    { kind: { colour: 21 }, isTrustNew: false, isAllNew: false },
  ])('learn apart what is apart: from $kind, trust $isTrustNew, all $isAllNew', ({ kind, isTrustNew, isAllNew }) => {
    expect(shareOfShort(trained(), kind) === shareOfShort(new Experts())).toBe(isTrustNew);
    const cost = (experts: Experts): number => bitsOf([{ ...PROBE, ...kind }], experts)[0]!;
    expect(cost(trained()) === cost(new Experts())).toBe(isAllNew);
  });

  it.each([
    [0x7fff, 10],
    [-10, -0x7ff6],
    [5, 0x7ffb],
  ])('refuse what no image has: %d, where the mean that is popped with is %d higher', (value, higher) => {
    const [port, stack] = [new NotingPort(), new AnsStack()];
    code(new Experts(), port, { ...PROBE, long16: 0, short16: 0, value });
    port.pushOnto(stack);
    const moved = { ...PROBE, long16: 16 * higher, short16: 16 * higher };
    const popping = () => code(new Experts(), new PoppingPort(stack), moved);
    expect(popping).toThrow(expect.objectContaining({ code: 'corrupt' }));
  });
});
