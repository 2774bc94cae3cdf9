import { describe, expect, it } from 'vitest';
import { ColourCounts, KAPPAS } from '../../src/codec/colour-counts.ts';
import { ColourData, type DataCodec, PlainData } from '../../src/codec/data-codec.ts';
import { PixelSamples, planeCount } from '../../src/codec/planes.ts';
import { codedIndices } from '../../src/codec/stage-tiles.ts';
import { buildPyramid, readDetail } from '../../src/pyramid/stages.ts';
import { tilesOf } from '../../src/pyramid/tiles.ts';
import { makeImage } from '../helpers/images.ts';
import { randomNeighbours } from '../helpers/neighbours.ts';
import { randomInteger, seededRandom } from '../helpers/random.ts';
import { stackOfBytes } from '../helpers/stacks.ts';

const NEIGHBOURS = randomNeighbours();
const STRONGEST = { chroma: KAPPAS.length - 1, luma: KAPPAS.length - 1 };

/** The tiles of an image's finest stage in decoding order, each with Gaussians around its details. */
function tilesOfImage(height: number, width: number, channels: 1 | 3) {
  const random = seededRandom(6);
  const planes = planeCount(channels);
  const stage = buildPyramid(new PixelSamples(makeImage('gradient', { height, width, channels })), planes).stages[0]!;
  return tilesOf(Math.ceil(height / 2), Math.ceil(width / 2), true).map((tile) => {
    const detail = readDetail(stage, tile, planes);
    const u = new Int32Array((detail.length * 3) / planes);
    for (let i = 0; i < detail.length; i++) u[(i * 3) / planes] = detail[i]!;
    const mean16 = u.map((value) => 16 * value + randomInteger(random, 25) - 12);
    const scale = Uint8Array.from(u, () => 60 + randomInteger(random, 60));
    const gaussians = { mean16, scale };
    return {
      stage,
      tile,
      planes,
      u,
      known: { gaussians, neighbours: NEIGHBOURS },
      coded: codedIndices(stage, tile, planes),
    };
  });
}

const codecsOf = (tiles: ReturnType<typeof tilesOfImage>, counts: ColourCounts): DataCodec[] =>
  tiles.map(({ stage, tile, planes }) => new ColourData(counts, stage, tile, planes));

describe.each([
  [16, 24, 3],
  [17, 25, 3],
  [1, 9, 3],
  [8, 1, 1],
  [150, 33, 1],
  [2, 2, 3],
] as const)('the colours of an image of %i x %i with %i channels', (height, width, channels) => {
  const tiles = tilesOfImage(height, width, channels);

  it('come back when the encoder goes from the last tile to the first', () => {
    const stack = stackOfBytes(100);
    const before = stack.toBytes();
    const encoders = codecsOf(tiles, new ColourCounts(STRONGEST, planeCount(channels)));
    for (const [i, { u }] of tiles.entries()) encoders[i]!.count(u, 1);
    for (let i = tiles.length - 1; i >= 0; i--) {
      const { u, known, coded } = tiles[i]!;
      encoders[i]!.count(u, -1);
      // Twice, as when a tile is tried in several modes: the counts must be as before.
      encoders[i]!.push(stackOfBytes(10), u, known, coded);
      encoders[i]!.push(stack, u, known, coded);
    }
    const decoders = codecsOf(tiles, new ColourCounts(STRONGEST, planeCount(channels)));
    for (const [i, { u, known, coded }] of tiles.entries()) {
      expect(decoders[i]!.pop(stack, known, { coded, size: u.length })).toEqual(u);
    }
    expect(stack.toBytes()).toEqual(before);
  });

  it('cost what the codec says', () => {
    const stack = stackOfBytes(100);
    const before = stack.bitLength;
    const [first] = tiles;
    const codec = codecsOf(tiles, new ColourCounts(STRONGEST, planeCount(channels)))[0]!;
    const bits = codec.push(stack, first!.u, first!.known, first!.coded)!;
    expect(Math.abs(stack.bitLength - before - bits)).toBeLessThan(1 + bits / 500);
  });
});

describe('plain data', () => {
  it('come back, and nothing is counted', () => {
    for (const { u, known, coded, tile } of tilesOfImage(9, 12, 3)) {
      const stack = stackOfBytes(100);
      const before = stack.toBytes();
      const data = new PlainData(tile.width);
      const bits = data.push(stack, u, known, coded);
      expect(Math.abs(stack.bitLength - 8 * before.length - bits)).toBeLessThan(32);
      expect(data.pop(stack, known, { coded, size: u.length })).toEqual(u);
      expect(stack.toBytes()).toEqual(before);
    }
  });
});
