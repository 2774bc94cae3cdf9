import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PlainData } from '../../src/codec/data-codec.ts';
import type { Gaussians } from '../../src/codec/gaussians.ts';
import { TilePredictor } from '../../src/codec/predictor.ts';
import { StageContext } from '../../src/codec/stage-context.ts';
import { popTile, pushTile } from '../../src/codec/tile-codec.ts';
import type { TileObserver } from '../../src/codec/tile-observer.ts';
import { chainsFor, NUM_COMMON_CHAINS, STEP_COUNTS } from '../../src/diffusion/chains.ts';
import { type Chain, emptyNeighbourTable } from '../../src/model/model.ts';
import { engineFor } from '../../src/options.ts';
import { AnsStack } from '../../src/rans/ans-stack.ts';
import { popFlag, pushFlag } from '../../src/rans/bernoulli.ts';
import { pushGaussian } from '../../src/rans/discretised-gaussian.ts';
import { popUniform, pushUniform } from '../../src/rans/uniform.ts';
import { tinyModel as model } from '../helpers/fixtures.ts';
import { randomInteger, seededRandom } from '../helpers/random.ts';
import { stackOfBytes } from '../helpers/stacks.ts';

/** The main chain has half of the flag's interval; the seed chains 1 to 4 and direct coding follow in 3 bits. */
const FREQ_OF_MAIN = 1 << 19;
const MODE_BITS = 3;
const MAIN = 0;
const DIRECT = 5;

const CONDITION = 3;
const plain = (numSteps: number, { width }: Shape) => ({
  chains: chainsFor(CONDITION, { numSteps, startsLate: false }),
  data: new PlainData(width),
});

interface Shape {
  readonly height: number;
  readonly width: number;
}
/** With 270 coefficients it is tried in every mode; with 1350 it takes the first mode that the stack can pay. */
const SMALL: Shape = { height: 5, width: 6 };
const LARGE: Shape = { height: 10, width: 15 };

const sizeOf = ({ height, width }: Shape): number => height * width * 9;
const allOf = (shape: Shape): Int32Array => Int32Array.from({ length: sizeOf(shape) }, (_, i) => i);

const engine = await engineFor(model);

function realPredictor(shape: Shape): TilePredictor {
  const random = seededRandom(2);
  const data = Int16Array.from({ length: 3 * shape.height * shape.width }, () => 100 + randomInteger(random, 50));
  const tile = { row: 0, column: 0, ...shape };
  const condition = model.conditions[CONDITION]!;
  const network = { engine, architecture: model, trunkFilm: condition.trunkFilm };
  const context = new StageContext(network, { ...shape, planes: 3, data }).of(tile);
  return new TilePredictor(engine, condition, tile, context);
}

/** A real one whose direct coding is far too dear to be chosen where a chain can be paid. */
function chainPredictor(shape: Shape): TilePredictor {
  const predictor = realPredictor(shape);
  predictor.direct = () => constantGaussians(sizeOf(shape), 0, 220);
  return predictor;
}

/** What the codec asks of a predictor. */
type Predictions = Pick<TilePredictor, 'chains' | 'reverse' | 'prior' | 'direct' | 'neighbours' | 'directNeighbours'>;

const constantGaussians = (size: number, mean16: number, scale: number): Gaussians => ({
  mean16: new Int32Array(size).fill(mean16),
  scale: new Uint8Array(size).fill(scale),
});

/** The same Gaussian for every coefficient, whatever the latents, and the same forward scales in every chain. */
function constantPredictor(
  shape: Shape,
  { forward, mean16 = 0, scale = 100 }: { forward: readonly number[]; mean16?: number; scale?: number },
): TilePredictor {
  const gaussians = () => constantGaussians(sizeOf(shape), mean16, scale);
  const chain = { forwardScale: Uint8Array.from(forward) } as unknown as Chain;
  const chains = Array.from({ length: NUM_COMMON_CHAINS }, () => chain);
  const known = { reverse: gaussians, prior: gaussians, direct: gaussians };
  const tables = { neighbours: emptyNeighbourTable, directNeighbours: emptyNeighbourTable };
  const predictions: Predictions = { chains, ...known, ...tables };
  return predictions as TilePredictor;
}

function randomCoefficients(seed: number, shape: Shape, coded = allOf(shape)): Int32Array {
  const random = seededRandom(seed);
  const u = new Int32Array(sizeOf(shape));
  for (const index of coded) u[index] = randomInteger(random, 31) - 15;
  return u;
}

/** Counts what an observer hears. */
class Counter implements TileObserver {
  readonly heard = { direct: 0, reverse: 0, prior: 0 };
  direct(): void {
    this.heard.direct++;
  }
  reverse(): void {
    this.heard.reverse++;
  }
  prior(): void {
    this.heard.prior++;
  }
}

/** The mode of the tile on top of a stack, as the format has it. */
function topMode(stack: AnsStack): number {
  const copy = AnsStack.fromBytes(stack.toBytes());
  return popFlag(copy, FREQ_OF_MAIN) ? MAIN : popUniform(copy, MODE_BITS);
}

interface TileCase {
  readonly shape: Shape;
  readonly u: Int32Array;
  readonly coded?: Int32Array;
  readonly numSteps?: number;
}

/** Pushes a tile, pops it again, checks that all is as it was, and says the mode that was used. */
function checkTile(stack: AnsStack, predictor: TilePredictor, tile: TileCase): number {
  const { shape, u, coded = allOf(shape), numSteps = 4 } = tile;
  const before = stack.toBytes();
  const observer = new Counter();
  pushTile(stack, { u, coded }, predictor, { ...plain(numSteps, shape), observer });
  const mode = topMode(stack);
  expect(popTile(stack, { coded, size: sizeOf(shape) }, predictor, plain(numSteps, shape))).toEqual(u);
  expect(stack.toBytes()).toEqual(before);
  const chain = predictor.chains[plain(numSteps, shape).chains[mode]!];
  const numLatents = chain?.forwardScale.length ?? 0;
  expect(observer.heard).toEqual({ direct: chain ? 0 : 1, reverse: numLatents, prior: chain ? 1 : 0 });
  return mode;
}

describe.each(STEP_COUNTS)('the main chain of %i steps', (numSteps) => {
  const tile = { shape: LARGE, u: randomCoefficients(3, LARGE), numSteps };

  it('is that of a large tile on a rich stack, and popping restores the stack', () => {
    expect(checkTile(stackOfBytes(20_000), chainPredictor(LARGE), tile)).toBe(MAIN);
  });

  it('gives way to direct coding on an empty stack, and popping empties it', () => {
    expect(checkTile(new AnsStack(), realPredictor(LARGE), tile)).toBe(DIRECT);
  });
});

describe('a tile', () => {
  it('comes back from a stack of any size, in a seed chain where there are bits for no more', () => {
    const predictor = chainPredictor(LARGE);
    const sizes = Array.from({ length: 50 }, (_, i) => 4 + 30 * i);
    const modes = sizes.map((size) =>
      checkTile(stackOfBytes(size, size), predictor, { shape: LARGE, u: randomCoefficients(size, LARGE) }),
    );
    expect(modes[0]).toBe(DIRECT);
    expect(modes.some((mode) => mode > MAIN && mode < DIRECT)).toBe(true);
    expect(modes.at(-1)).toBe(MAIN);
  });

  it('comes back when only some of its coefficients exist', () => {
    const coded = allOf(SMALL).filter((i) => i % 3 === 0);
    const u = randomCoefficients(1, SMALL, coded);
    for (const size of [4, 40, 400, 4000]) {
      checkTile(stackOfBytes(size), realPredictor(SMALL), { shape: SMALL, u, coded });
    }
  });

  it('without any coefficients costs one bit', () => {
    const stack = stackOfBytes(100);
    const before = stack.bitLength;
    const tile = { u: new Int32Array(sizeOf(SMALL)), coded: new Int32Array(0) };
    checkTile(stack, realPredictor(SMALL), { shape: SMALL, ...tile });
    pushTile(stack, tile, realPredictor(SMALL), plain(2, SMALL));
    expect(stack.bitLength - before).toBe(1);
  });

  it('comes back whatever the Gaussians, also far away ones and all scales', () => {
    const options = fc.record({
      forward: fc.array(fc.integer({ min: 0, max: 255 }), { minLength: 1, maxLength: 5 }),
      mean16: fc.integer({ min: -20_000, max: 20_000 }),
      scale: fc.integer({ min: 0, max: 255 }),
    });
    const shape = fc.constantFrom(SMALL, LARGE);
    fc.assert(
      fc.property(options, shape, fc.integer({ min: 4, max: 3000 }), fc.nat(), (gaussian, size, bytes, seed) => {
        const tile = { shape: size, u: randomCoefficients(seed, size) };
        checkTile(stackOfBytes(bytes, seed), constantPredictor(size, gaussian), tile);
      }),
      { numRuns: 60 },
    );
  });

  it('holds coefficients at the ends of the Haar range', () => {
    const u = Int32Array.from({ length: sizeOf(LARGE) }, (_, i) => (i % 2 === 0 ? 1020 : -1020));
    for (const size of [20_000, 4]) checkTile(stackOfBytes(size), realPredictor(LARGE), { shape: LARGE, u });
  });
});

/** What pushTile leaves of a tile that it codes directly. */
function pushDirectly(stack: AnsStack, u: Int32Array, { mean16, scale }: Gaussians): AnsStack {
  for (let i = u.length - 1; i >= 0; i--) pushGaussian(stack, u[i]!, mean16[i]!, scale[i]!);
  pushUniform(stack, DIRECT, MODE_BITS);
  pushFlag(stack, false, FREQ_OF_MAIN);
  return stack;
}

describe('where no chain will do', () => {
  /** The first latents take little and u is cheap; then more is asked for than there is. */
  const thirsty = { forward: [0, 240], scale: 80 };
  const zeros = (shape: Shape) => new Int32Array(sizeOf(shape));

  it.each([
    ['at once', { forward: [240] }, SMALL, 4],
    ['in mid-chain', thirsty, SMALL, 4],
    ['at once, of a large tile', { forward: [240] }, LARGE, 400],
    ['in mid-chain, of a large tile', thirsty, LARGE, 400],
  ])('because the bits run out %s, the stack holds the directly coded tile alone', (_when, options, shape, size) => {
    const predictor = constantPredictor(shape, options);
    const stack = stackOfBytes(size);
    pushTile(stack, { u: zeros(shape), coded: allOf(shape) }, predictor, plain(4, shape));
    const expected = pushDirectly(stackOfBytes(size), zeros(shape), predictor.direct());
    expect(stack.toBytes()).toEqual(expected.toBytes());
  });

  it('because the bits make a latent too large, the tile is coded directly', () => {
    const u = randomCoefficients(4, LARGE);
    const stack = stackOfBytes(20_000);
    pushGaussian(stack, u[0]! + 100_000, 16 * u[0]!, 20);
    const predictor = constantPredictor(LARGE, { forward: [20, 30] });
    expect(checkTile(stack, predictor, { shape: LARGE, u })).toBe(DIRECT);
  });

  it('because direct coding is cheaper, a small tile is coded directly', () => {
    const predictor = constantPredictor(SMALL, { forward: [60, 60] });
    predictor.direct = () => constantGaussians(sizeOf(SMALL), 0, 0);
    expect(checkTile(stackOfBytes(20_000), predictor, { shape: SMALL, u: zeros(SMALL) })).toBe(DIRECT);
  });

  it('because of a bug, the error is passed on', () => {
    const predictor = constantPredictor(SMALL, { forward: [20] });
    predictor.reverse = () => {
      throw new RangeError('bug');
    };
    const tile = { u: zeros(SMALL), coded: allOf(SMALL) };
    expect(() => pushTile(stackOfBytes(20_000), tile, predictor, plain(4, SMALL))).toThrow('bug');
  });
});

describe('a damaged tile', () => {
  const shape = { coded: Int32Array.of(0), size: 9 };
  const gaussiansAround = (value: number) => constantGaussians(9, 16 * value, 20);
  /** A stack with u = 0, y_0 and y_1 as given, and a predictor that expects the latents there. */
  const crafted = (y1: number, y0: number) => {
    const stack = stackOfBytes(100);
    const predictor = constantPredictor({ height: 1, width: 1 }, { forward: [20, 20] });
    predictor.prior = () => gaussiansAround(y1);
    predictor.reverse = (_chain, i) => gaussiansAround(i === 0 ? 0 : y0);
    pushGaussian(stack, 0, 0, 20);
    pushGaussian(stack, y0, 16 * y0, 20);
    pushGaussian(stack, y1, 16 * y1, 20);
    pushFlag(stack, true, FREQ_OF_MAIN);
    return { stack, predictor };
  };

  it.each([
    [100_000, -90_000],
    [40_000, 0],
    [-40_000, 0],
    [30_000, 40_000],
    // In range, and so can be pushed around each other; then u is popped from the bits that this leaves.
    [32_767, -32_767],
  ])('with latents %i and %i is refused', (y1, y0) => {
    const { stack, predictor } = crafted(y1, y0);
    const popping = () => popTile(stack, shape, predictor, plain(2, { height: 1, width: 1 }));
    expect(popping).toThrow(expect.objectContaining({ code: 'corrupt' }));
  });

  it.each([0, 6, 7])('of mode %i, which is the main one or does not exist, is refused', (mode) => {
    const stack = stackOfBytes(100);
    pushUniform(stack, mode, MODE_BITS);
    pushFlag(stack, false, FREQ_OF_MAIN);
    const popping = () => popTile(stack, shape, realPredictor(SMALL), plain(2, SMALL));
    expect(popping).toThrow(expect.objectContaining({ code: 'corrupt' }));
  });

  it('that ends early is truncated', () => {
    const tile = { coded: allOf(SMALL), size: sizeOf(SMALL) };
    const popping = () => popTile(stackOfBytes(8), tile, realPredictor(SMALL), plain(4, SMALL));
    expect(popping).toThrow(expect.objectContaining({ code: 'truncated' }));
  });
});
