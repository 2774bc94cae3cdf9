/** Networks and calls on which every engine must equal the reference engine bit for bit. */
import { expect } from 'vitest';
import { type Film, KNOWN_PLANES, type NetworkEngine, type NetworkWeights } from '../../src/network/network.ts';
import { createReferenceEngine } from '../../src/network/reference-engine.ts';
import { randomFilm, randomInt8, randomNetwork } from './random-network.ts';

export interface EngineCall {
  readonly height: number;
  readonly width: number;
  readonly seed: number;
  /** The same for all blocks and channels; default: random. */
  readonly film?: { readonly multiplier: number; readonly offset: number };
}

interface EngineCase {
  readonly title: string;
  readonly weights: NetworkWeights;
  readonly calls: readonly EngineCall[];
}

/** Runs trunk and denoiser. */
export function runEngine(engine: NetworkEngine, weights: NetworkWeights, call: EngineCall) {
  const { height, width, seed } = call;
  const positions = height * width;
  const known = randomInt8(seed, positions * KNOWN_PLANES);
  const context = engine.trunk(known, height, width, filmOf(call, weights.trunkBlocks.length, weights.channels));
  const planes = randomInt8(seed + 1, positions * 54);
  const film = filmOf(call, weights.denoiserBlocks.length, weights.channels);
  return { context, output: engine.denoise(planes, context, height, width, film) };
}

function filmOf({ seed, film }: EngineCall, blocks: number, channels: number): Film {
  if (film === undefined) return randomFilm(seed, blocks, channels);
  return {
    multiplier: new Int16Array(blocks * channels).fill(film.multiplier),
    offset: new Int32Array(blocks * channels).fill(film.offset),
  };
}

export function checkEngine(engine: NetworkEngine, { weights, calls }: Omit<EngineCase, 'title'>): void {
  const reference = createReferenceEngine(weights);
  for (const call of calls) expect(runEngine(engine, weights, call)).toEqual(runEngine(reference, weights, call));
}

const SIZES = [
  [1, 1],
  [1, 5],
  [7, 3],
  [16, 16],
  [33, 17],
  [2, 2],
] as const;

const NETWORKS = [
  { seed: 1, channels: 8, trunkBlocks: 1, denoiserBlocks: 1 },
  { seed: 2, channels: 16, trunkBlocks: 3, denoiserBlocks: 4 },
  { seed: 3, channels: 24, trunkBlocks: 0, denoiserBlocks: 2 },
];

const FILMS = [-1023, 0, 1023].flatMap((multiplier) =>
  [-(2 ** 22), 0, 2 ** 22].map((offset) => ({ multiplier, offset })),
);

/** Accumulators reach the bound, where there are 56 channels: 9 * 56 * 128 * 255 + 300,000 is 2^24 - 26,656. */
function extremeNetwork(weight: number): NetworkWeights {
  const weights = randomNetwork({ seed: 6, channels: 56, trunkBlocks: 1, denoiserBlocks: 1 });
  const layers = [weights.trunkIn, weights.denoiserIn, weights.denoiserOut];
  for (const { conv1, conv2 } of [...weights.trunkBlocks, ...weights.denoiserBlocks]) layers.push(conv1, conv2);
  for (const layer of layers) {
    layer.weights.fill(weight);
    layer.bias.fill(Math.sign(weight) * 300_000);
    layer.shift.fill(0);
  }
  return weights;
}

export const ENGINE_CASES: readonly EngineCase[] = [
  ...NETWORKS.map((options) => ({
    title: `on all sizes in turn, ${options.channels} channels`,
    weights: randomNetwork(options),
    calls: SIZES.map(([height, width], seed) => ({ height, width, seed })),
  })),
  {
    title: 'with 96 channels',
    weights: randomNetwork({ seed: 4, channels: 96, trunkBlocks: 1, denoiserBlocks: 1 }),
    calls: [
      { height: 6, width: 5, seed: 1 },
      { height: 3, width: 9, seed: 2 },
    ],
  },
  ...FILMS.map((film) => ({
    title: `with all multipliers ${film.multiplier} and offsets ${film.offset}`,
    weights: randomNetwork({ seed: 5, channels: 8, trunkBlocks: 2, denoiserBlocks: 2 }),
    calls: [{ height: 5, width: 6, seed: 3, film }],
  })),
  ...[-128, 127].map((weight) => ({
    title: `with all weights ${weight}, where streams and outputs saturate`,
    weights: extremeNetwork(weight),
    calls: [
      { height: 5, width: 6, seed: 3, film: { multiplier: 1023, offset: 0 } },
      { height: 5, width: 6, seed: 3, film: { multiplier: -1023, offset: 2 ** 22 } },
    ],
  })),
];
