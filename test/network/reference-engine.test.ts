import { describe, expect, it } from 'vitest';
import type { ConvWeights, Film, NetworkWeights } from '../../src/network/network.ts';
import { KNOWN_PLANES } from '../../src/network/network.ts';
import { createReferenceEngine } from '../../src/network/reference-engine.ts';

const C = 8;

/** A convolution whose weights are zero but for these: [output, ky, kx, input, weight]. */
function conv(inChannels: number, outChannels: number, taps: number[][], shift = 0, bias = 0): ConvWeights {
  const weights = new Int8Array(outChannels * 9 * inChannels);
  for (const [o, ky, kx, i, weight] of taps as [number, number, number, number, number][]) {
    weights[((o * 3 + ky) * 3 + kx) * inChannels + i] = weight;
  }
  return {
    inChannels,
    outChannels,
    weights,
    bias: new Int32Array(outChannels).fill(bias),
    shift: new Uint8Array(outChannels).fill(shift),
  };
}

/** Nothing anywhere, but for the layers given. */
function network(layers: Partial<NetworkWeights>): NetworkWeights {
  return {
    channels: C,
    trunkIn: conv(KNOWN_PLANES, C, []),
    trunkBlocks: [],
    denoiserIn: conv(54, C, []),
    denoiserBlocks: [],
    denoiserOut: conv(C, 18, []),
    ...layers,
  };
}

const film = (multiplier: number, offset: number, blocks = 1): Film => ({
  multiplier: new Int16Array(blocks * C).fill(multiplier),
  offset: new Int32Array(blocks * C).fill(offset),
});
const NO_FILM = film(0, 0, 0);

/** [height, width, KNOWN_PLANES] with these values in plane 0. */
const known = (values: number[]) =>
  Int8Array.from({ length: values.length * KNOWN_PLANES }, (_, i) =>
    i % KNOWN_PLANES === 0 ? values[i / KNOWN_PLANES]! : 0,
  );
/** Channel c of a map. */
const channel = (map: Int16Array, c: number, channels = C) => [...map.filter((_, i) => i % channels === c)];

describe('convolution', () => {
  it('correlates without flipping and pads with zeros', () => {
    const right = createReferenceEngine(network({ trunkIn: conv(KNOWN_PLANES, C, [[0, 1, 2, 0, 1]]) }));
    expect(channel(right.trunk(known([1, 2, 3]), 1, 3, NO_FILM), 0)).toEqual([2, 3, 0]);
    const below = createReferenceEngine(network({ trunkIn: conv(KNOWN_PLANES, C, [[1, 2, 1, 0, -1]]) }));
    expect(channel(below.trunk(known([1, 2, 3]), 3, 1, NO_FILM), 1)).toEqual([-2, -3, 0]);
  });

  it('sums all taps that lie inside', () => {
    const taps = Array.from({ length: 9 }, (_, tap) => [0, Math.floor(tap / 3), tap % 3, 0, 1]);
    const engine = createReferenceEngine(network({ trunkIn: conv(KNOWN_PLANES, C, taps) }));
    expect(channel(engine.trunk(known([1, 2, 4, 8]), 2, 2, NO_FILM), 0)).toEqual([15, 15, 15, 15]);
  });

  it('adds the bias before the shift and rounds ties up', () => {
    const engine = createReferenceEngine(network({ trunkIn: conv(KNOWN_PLANES, C, [[0, 1, 1, 0, 1]], 2, 1) }));
    expect(channel(engine.trunk(known([0, 1, 4, -3, -4]), 1, 5, NO_FILM), 0)).toEqual([0, 1, 1, 0, -1]);
  });

  it('saturates to int16', () => {
    const engine = createReferenceEngine(network({ trunkIn: conv(KNOWN_PLANES, C, [[0, 1, 1, 0, 127]], 0, 30_000) }));
    expect(channel(engine.trunk(known([127, 21, 22, -128]), 1, 4, NO_FILM), 0)).toEqual([32767, 32667, 32767, 13744]);
  });
});

describe('residual block', () => {
  const identity = [[0, 1, 1, 0, 1]];
  // x = 127 * plane; the block's convolutions pass channel 0 on.
  const engine = createReferenceEngine(
    network({
      trunkIn: conv(KNOWN_PLANES, C, [[0, 1, 1, 0, 127]]),
      trunkBlocks: [{ conv1: conv(C, C, identity), conv2: conv(C, C, identity) }],
    }),
  );
  const run = (plane: number, rows: Film) => channel(engine.trunk(known([plane]), 1, 1, rows), 0)[0];

  it('activates, convolves, modulates, activates, convolves and adds', () => {
    // x = 254: a = 32; 32 * 1000 / 2048 = 15.6
    expect(run(2, film(1000, 0))).toBe(254 + 16);
    expect(run(2, film(0, 2048 * 7 + 1024))).toBe(254 + 8);
    expect(run(2, film(0, 2048 * 7 + 1023))).toBe(254 + 7);
  });

  it('cuts negative values off, before and inside the block', () => {
    expect(run(-2, film(1023, 2048))).toBe(-254 + 1);
    expect(run(2, film(-1000, 0))).toBe(254);
  });

  it('clamps activations to 255', () => {
    // x = 16129: a = 255, not 2016
    expect(run(127, film(1023, 0))).toBe(16129 + 127);
    expect(run(2, film(0, 2 ** 22))).toBe(254 + 255);
  });

  it('clamps what FiLM multiplies to -4096..4095', () => {
    const wide = createReferenceEngine(
      network({
        trunkIn: conv(KNOWN_PLANES, C, [[0, 1, 1, 0, 127]]),
        trunkBlocks: [{ conv1: conv(C, C, [[0, 1, 1, 0, 127]]), conv2: conv(C, C, identity) }],
      }),
    );
    // 127 * 255 = 32385 is clamped to 4095; 4095 * 100 / 2048 = 199.95
    expect(channel(wide.trunk(known([127]), 1, 1, film(100, 0)), 0)).toEqual([16129 + 200]);
  });
});

describe('denoiser', () => {
  it('adds the context and ends with an activation and a convolution', () => {
    const engine = createReferenceEngine(
      network({ denoiserIn: conv(54, C, [[0, 1, 1, 53, 3]]), denoiserOut: conv(C, 18, [[17, 1, 1, 0, 2]]) }),
    );
    const planes = new Int8Array(54);
    planes[53] = 10;
    const context = new Int16Array(C).fill(58);
    // x = 30 + 58 = 88, a = 11
    expect(channel(engine.denoise(planes, context, 1, 1, NO_FILM), 17, 18)).toEqual([22]);
    expect(context[0]).toBe(58);
  });
});

describe('arguments', () => {
  const engine = createReferenceEngine(network({}));

  it.each([
    { height: 0, width: 1 },
    { height: 1, width: -1 },
    { height: 1.5, width: 2 },
    { height: 2 ** 20, width: 2 },
    { height: Number.NaN, width: 1 },
  ])('refuses a map of $height x $width', ({ height, width }) => {
    expect(() => engine.trunk(new Int8Array(5), height, width, NO_FILM)).toThrow(RangeError);
  });

  it('refuses arrays of the wrong length', () => {
    expect(() => engine.trunk(new Int8Array(17), 1, 2, NO_FILM)).toThrow('"known" must have 34 values, got 17');
    expect(() => engine.trunk(new Int8Array(17), 1, 1, film(0, 0))).toThrow('"film.multiplier" must have 0 values');
    expect(() => engine.denoise(new Int8Array(54), new Int16Array(7), 1, 1, NO_FILM)).toThrow(
      '"context" must have 8 values, got 7',
    );
  });
});
