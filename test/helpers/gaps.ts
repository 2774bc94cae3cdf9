/** Images with few of the colours around their own, as those that were YCbCr once and whose levels were adjusted. */
import type { Image8 } from '../../src/image/image.ts';
import type { ImageOptions } from './images.ts';
import { randomInteger, seededRandom } from './random.ts';

export function makeGaps({ height, width, channels, seed = 1 }: ImageOptions): Image8 {
  const random = seededRandom(seed);
  const colours = Array.from({ length: height * width }, (_, i) => {
    const [row, column] = [Math.floor(i / width), i % width];
    const value = 20 + ((row * 2 + column) % 101) + randomInteger(random, 12) + randomInteger(random, 12);
    const [chroma, other] = [4 * randomInteger(random, 3), 5 * ((row >> 4) % 4)];
    const luma = Math.round(value * 1.3);
    return channels < 3 ? [luma, 200 + (column & 15)] : [luma + chroma, luma, luma - other, 255 - (row & 7)];
  });
  const data = Uint8Array.from(colours.flatMap((colour) => colour.slice(0, channels)));
  return { height, width, channels, bitDepth: 8, data };
}
