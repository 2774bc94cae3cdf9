/** Seeded images of every kind of content, size and channel count. */
import type { ChannelCount, Image8 } from '../../src/image/image.ts';
import { randomInteger, seededRandom } from './random.ts';

interface Place {
  readonly row: number;
  readonly column: number;
  readonly channel: number;
  readonly random: () => number;
}

const SATURATED = { red: [255, 0, 0, 255], blue: [0, 0, 255, 0], green: [0, 255, 0, 255], magenta: [255, 0, 255, 0] };

const isOdd = ({ row, column }: Place): boolean => (row + column) % 2 === 1;

/** The byte at a place. Alternating saturated colours reach the largest Haar coefficients: 2 * 510 in the diagonal. */
const CONTENTS = {
  black: () => 0,
  white: () => 255,
  flat: ({ channel }) => [200, 120, 40, 255][channel]!,
  gradient: ({ row, column, channel }) => (row * 3 + column * 5 + channel * 40) & 255,
  noise: ({ random }) => randomInteger(random, 256),
  text: ({ row, column }) => (((row * 7) ^ (column * 13) ^ ((row >> 1) * (column >> 1))) % 5 < 2 ? 16 : 244),
  checker: (place) => (isOdd(place) ? 255 : 0),
  redBlue: (place) => SATURATED[isOdd(place) ? 'red' : 'blue'][place.channel]!,
  greenMagenta: (place) => SATURATED[isOdd(place) ? 'green' : 'magenta'][place.channel]!,
  corners: ({ random }) => 255 * randomInteger(random, 2),
} satisfies Record<string, (place: Place) => number>;

export type Content = keyof typeof CONTENTS;
export const CONTENT_NAMES = Object.keys(CONTENTS) as Content[];

export interface ImageOptions {
  readonly height: number;
  readonly width: number;
  readonly channels: ChannelCount;
  /** Default 1. */
  readonly seed?: number;
}

export function makeImage(content: Content, { height, width, channels, seed = 1 }: ImageOptions): Image8 {
  const random = seededRandom(seed);
  const data = Uint8Array.from({ length: height * width * channels }, (_, i) => {
    const pixel = Math.floor(i / channels);
    return CONTENTS[content]({ row: Math.floor(pixel / width), column: pixel % width, channel: i % channels, random });
  });
  return { height, width, channels, bitDepth: 8, data };
}
