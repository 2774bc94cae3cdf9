/** Seeded images of 16 bits a sample, of every kind of content. */
import { type ChannelCount, hasAlpha, type Image16 } from '../../src/image/image.ts';
import type { ImageOptions } from './images.ts';
import { randomInteger, seededRandom } from './random.ts';

interface Place {
  readonly row: number;
  readonly column: number;
  readonly channel: number;
  readonly random: () => number;
}

/** Smooth in both directions, 0..65535, rounded to integers alone. */
const wave = ({ row, column, channel }: Place): number => {
  const [y, x] = [row / 40 - 1, column / 50 - 1];
  return Math.floor(30_000 + 9000 * (x * x - y) + 7000 * y * (y * y - x) + 900 * channel);
};

/** The sample at a place. */
const CONTENTS = {
  black: () => 0,
  white: () => 65_535,
  flat: ({ channel }) => [0x1234, 0xfe01, 0x8080, 0xffff][channel]!,
  smooth: wave,
  widened: (place) => (wave(place) >> 8) * 257,
  /** 12 bits in the upper ones. */
  shifted: (place) => wave(place) & 0xfff0,
  /** 12 bits in the lower ones, with a little noise. */
  dark: (place) => (wave(place) >> 4) + randomInteger(place.random, 4),
  /** 8 bits in the lower ones. */
  darkest: (place) => wave(place) >> 8,
  noise: ({ random }) => randomInteger(random, 65_536),
  corners: ({ random }) => 65_535 * randomInteger(random, 2),
} satisfies Record<string, (place: Place) => number>;

export type DeepContent = keyof typeof CONTENTS;
export const DEEP_CONTENT_NAMES = Object.keys(CONTENTS) as DeepContent[];

/** Alpha is opaque but for noise and corners. */
export function makeDeepImage(
  content: DeepContent,
  { height, width, channels, seed = 1 }: ImageOptions,
): Image16 & { readonly channels: ChannelCount } {
  const random = seededRandom(seed);
  const isOpaque = (channel: number) =>
    hasAlpha(channels) && channel === channels - 1 && content !== 'noise' && content !== 'corners';
  const data = Uint16Array.from({ length: height * width * channels }, (_, i) => {
    const pixel = Math.floor(i / channels);
    const place = { row: Math.floor(pixel / width), column: pixel % width, channel: i % channels, random };
    return isOpaque(place.channel) ? 65_535 : CONTENTS[content](place);
  });
  return { height, width, channels, bitDepth: 16, data };
}
