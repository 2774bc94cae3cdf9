import { expect, it } from 'vitest';
import { leastPhotographBytes } from '../../src/codec/webp-forecast.ts';
import { encodeWebpPayload } from '../../src/codec/webp-payload.ts';
import type { Image8 } from '../../src/image/image.ts';
import { decodePng } from '../../src/image/png.ts';
import { readFixture } from '../helpers/fixtures.ts';
import { randomInteger, seededRandom } from '../helpers/random.ts';

const SIDE = 264;

type ColourAt = (row: number, column: number) => ArrayLike<number>;

function imageOf(colourAt: ColourAt): Image8 {
  const data = new Uint8Array(SIDE * SIDE * 3);
  for (let i = 0; i < SIDE * SIDE; i++) data.set(colourAt(Math.floor(i / SIDE), i % SIDE), i * 3);
  return { height: SIDE, width: SIDE, channels: 3, bitDepth: 8, data };
}

const random = seededRandom(5);
const photo = decodePng(readFixture('images/photo-rgb8-256x192.png'));

/** The photograph, mirrored on and on, with noise in its low bits, so that no part is there twice. */
const photographAt: ColourAt = (row, column) => {
  const [y, x] = [mirrored(row, photo.height), mirrored(column, photo.width)];
  return [0, 1, 2].map((c) => photo.data[(y * photo.width + x) * 3 + c]! ^ randomInteger(random, 4));
};

const mirrored = (at: number, size: number): number => Math.min(at % (2 * size), 2 * size - 1 - (at % (2 * size)));

const photograph = imageOf(photographAt);

it('knows about how many bytes a photograph takes', async () => {
  const least = leastPhotographBytes(photograph)!;
  const webp = (await encodeWebpPayload(photograph, true))!;
  expect(least).toBeLessThan(webp.length);
  expect(least).toBeGreaterThan(0.7 * webp.length);
});

const COLOURS = Array.from({ length: 300 }, () => [0, 1, 2].map(() => randomInteger(random, 256)));

it('counts colours where these cost less than residuals', async () => {
  const noise = imageOf(() => COLOURS[randomInteger(random, COLOURS.length)]!);
  expect(leastPhotographBytes(noise)).toBeLessThan((await encodeWebpPayload(noise, true))!.length);
});

const pixelOf = (row: number, column: number) => photograph.data.subarray((row * SIDE + column) * 3).subarray(0, 3);

it.each([
  ['few colours', imageOf((row, column) => COLOURS[(row * column) % 200]!)],
  ['pixels that are twice as large', imageOf((row, column) => pixelOf(row >> 1, column >> 1))],
  ['tiles', imageOf((row, column) => pixelOf(row % 66, column % 66))],
  ['a smooth ramp', imageOf((row, column) => [row >> 1, column >> 1, (row + column) >> 2])],
  ['gray and alpha', { ...photograph, channels: 2 as const, width: Math.floor((SIDE * 3) / 2) }],
  ['few pixels', { ...photograph, height: 200, data: photograph.data.subarray(0, 200 * SIDE * 3) }],
])('says nothing of an image of %s', (_title, image) => {
  expect(leastPhotographBytes(image)).toBeUndefined();
});
