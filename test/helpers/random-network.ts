/** Seeded random networks whose activations are alive: neither all zero nor all at a clamp. */
import {
  type ConvWeights,
  DENOISER_OUTPUTS,
  DENOISER_PLANES,
  type Film,
  KNOWN_PLANES,
  type NetworkWeights,
} from '../../src/network/network.ts';

export interface RandomNetworkOptions {
  /** Default 1. */
  readonly seed?: number;
  /** A multiple of 8. Default 8. */
  readonly channels?: number;
  /** Default 1. */
  readonly trunkBlocks?: number;
  /** Default 1. */
  readonly denoiserBlocks?: number;
}

/** Uniform numbers in [0, 1), the same for the same seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 0x1_0000_0000;
  };
}

export function randomNetwork(options: RandomNetworkOptions = {}): NetworkWeights {
  const { seed = 1, channels = 8, trunkBlocks = 1, denoiserBlocks = 1 } = options;
  const random = seededRandom(seed);
  const blocks = (count: number) =>
    Array.from({ length: count }, () => ({
      conv1: randomConv(random, channels, channels),
      conv2: randomConv(random, channels, channels),
    }));
  return {
    channels,
    trunkIn: randomConv(random, KNOWN_PLANES, channels),
    trunkBlocks: blocks(trunkBlocks),
    denoiserIn: randomConv(random, DENOISER_PLANES, channels),
    denoiserBlocks: blocks(denoiserBlocks),
    denoiserOut: randomConv(random, channels, DENOISER_OUTPUTS),
  };
}

/** Scales around 1 and offsets around 0 for networks of this many blocks and channels. */
export function randomFilm(seed: number, blocks: number, channels: number): Film {
  const random = seededRandom(seed);
  const multiplier = new Int16Array(blocks * channels).map(() => 256 + between(random, -128, 128));
  const offset = new Int32Array(blocks * channels).map(() => between(random, -30_000, 30_000));
  return { multiplier, offset };
}

export function randomInt8(seed: number, length: number): Int8Array {
  const random = seededRandom(seed);
  return new Int8Array(length).map(() => between(random, -128, 127));
}

/** The amplitude of the weights differs between channels, and the shift brings all outputs to a similar size. */
function randomConv(random: () => number, inChannels: number, outChannels: number): ConvWeights {
  const size = 9 * inChannels;
  const weights = new Int8Array(outChannels * size);
  const bias = new Int32Array(outChannels);
  const shift = new Uint8Array(outChannels);
  // Keeps size * amplitude * 255 + |bias| below 2^24.
  const maxAmplitude = Math.min(127, Math.floor(0xf0_0000 / (255 * size)));
  for (let o = 0; o < outChannels; o++) {
    const amplitude = between(random, Math.ceil(maxAmplitude / 8), maxAmplitude);
    for (let i = 0; i < size; i++) weights[o * size + i] = between(random, -amplitude, amplitude);
    // Inputs of about 50 make sums of about 30 * amplitude * sqrt(size); outputs should be about 256.
    shift[o] = Math.max(0, Math.round(Math.log2((30 * amplitude * Math.sqrt(size)) / 256)));
    bias[o] = between(random, -64, 64) * (1 << shift[o]!);
  }
  return { inChannels, outChannels, weights, bias, shift };
}

/** A uniform integer from min to max, both included. */
const between = (random: () => number, min: number, max: number): number =>
  min + Math.floor(random() * (max - min + 1));
