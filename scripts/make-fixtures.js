/**
 * Writes the generated images of fixtures/images: small PNG files, one for each kind of PNG and of content.
 *
 * Everything is seeded, so running it again changes nothing. Usage: node scripts/make-fixtures.js
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { encode } from 'fast-png';

const FOLDER = new URL('../fixtures/images/', import.meta.url);

/** Small generator of 32-bit numbers (mulberry32): seeded, the same on every machine. */
function seeded(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
}

/** The digits 0 to 9 and a blank, each 5 rows of 3 bits. */
const GLYPHS = [0x7b6f, 0x2c97, 0x73e7, 0x73cf, 0x5bc9, 0x79cf, 0x79ef, 0x7292, 0x7bef, 0x7bcf, 0];

const CONTENT = {
  flat: (_row, _column, channel) => [200, 120, 40, 255][channel],
  gradient: (row, column, channel, { height, width }) =>
    Math.floor(
      (255 * ((channel + 1) * row + (4 - channel) * column)) / ((channel + 1) * height + (4 - channel) * width),
    ),
  checker: (row, column, channel) => (((row >> 1) + (column >> 2)) % 2 === 0 ? 230 - channel * 30 : 20 + channel * 10),
  /** Cells of 4 x 4 pixels in many colours: for palettes. */
  cells: (row, column) => (row >> 2) * 7 + (column >> 2) * 3,
  noise: (_row, _column, _channel, { random, depth }) => random() & (2 ** depth - 1),
  text: (row, column) => (isInk(row, column) ? 16 : 244),
  /** Two smooth waves of integers with a little noise: photo-like. */
  smooth: (row, column, channel, { random }) =>
    Math.min(255, 60 + triangle(row * 3 + column, 97 + channel) + triangle(column * 2 - row, 61) + (random() & 7)),
  /** Steep waves of which each channel is cut off at both ends, at different places. */
  clipped: (row, column, channel, { random }) =>
    Math.max(0, Math.min(255, 9 * triangle(row + 3 * column + 40 * channel, 131) - 170 + (random() & 3))),
  /** A slow ramp with a few blocks of 2 x 2 pixels that are far from it but for their means. */
  spikes: (row, column) => {
    const isSpike = ((row >> 1) * 37 + (column >> 1) * 7) % 211 === 200;
    return 110 + (column >> 5) + (isSpike ? 100 * (1 - 2 * ((row ^ column) & 1)) : 0);
  },
  /** Smooth waves without noise, 0..65535. */
  waves: (row, column, channel) =>
    20000 + 331 * triangle(row * 2 + column, 211 + 40 * channel) + 57 * ((row * column) % 89),
  /** 12 bits in the upper ones of 16. */
  shifted: (row, column, channel) => CONTENT.waves(row, column, channel) & 0xfff0,
  /** 12 bits in the lower ones of 16, with noise. */
  dark: (row, column, channel, { random }) => (CONTENT.waves(row, column, channel) >> 4) + (random() & 3),
  /** A fine pattern in few colours, as those of an image that was YCbCr once. */
  lattice: (row, column, channel) => {
    const luma = 70 + triangle(row * 3 + column, 97) + 3 * (((row * 73) ^ (column * 151)) % 5);
    const blue = 5 * (triangle(row + 2 * column, 71) >> 3);
    const red = 4 * (triangle(2 * row - column, 53) >> 2);
    return [luma + red, luma - (blue >> 2) - (red >> 1), luma + blue][channel];
  },
  /** Levels that were stretched, which leaves gaps in the histogram, and coarse chroma. */
  levels: (row, column, channel) => {
    const luma = Math.floor(1.3 * (20 + triangle(row * 3 + column, 97) + (((row * 73) ^ (column * 151)) % 13)));
    const red = 5 * (triangle(row, 53) >> 4);
    const blue = 4 * (((row * 31) ^ (column * 17)) % 3);
    return [luma, luma - red, luma + blue][channel];
  },
  /** The same, the darker the more opaque. */
  shaded: (row, column, channel) =>
    channel === 3 ? 255 - CONTENT.levels(row, column, 0) : CONTENT.levels(row, column, channel),
  /** All values, without order, and the opposite of each in the last channel. */
  inverse: (row, column, channel, { width }) => (((row * width + column) * 163 + row * 71) & 255) ^ (255 * channel),
  /** Colour in the first channels, a soft disc as the last. */
  disc: (row, column, channel, { height, width, channels }) => {
    if (channel < channels - 1) return (row * 7 + column * 3 + channel * 80) & 255;
    const distance = (2 * row - height) ** 2 + (2 * column - width) ** 2;
    return Math.max(0, Math.min(255, 128 + Math.floor((height * width - distance) / 4)));
  },
};

function isInk(row, column) {
  const glyph = GLYPHS[(Math.floor(row / 7) * 4 + Math.floor(column / 4) * 5) % GLYPHS.length];
  return row % 7 < 5 && column % 4 < 3 && ((glyph >> ((4 - (row % 7)) * 3 + 2 - (column % 4))) & 1) === 1;
}

/** Rises from 0 to 63 and falls again, once in every period. */
function triangle(position, period) {
  const phase = (((position % period) + period) % period) / period;
  return Math.floor(126 * Math.min(phase, 1 - phase));
}

const PALETTE = [
  [255, 255, 255],
  [200, 30, 30],
  [30, 90, 200],
  [10, 10, 10],
  [250, 200, 40],
];
const TRANSPARENT_PALETTE = PALETTE.map((colour, index) => [...colour, Math.min(255, index * 64)]);

const KINDS = {
  gray8: { channels: 1 },
  'gray-alpha8': { channels: 2 },
  rgb8: { channels: 3 },
  rgba8: { channels: 4 },
  palette8: { channels: 1, palette: PALETTE },
  'palette-alpha8': { channels: 1, palette: TRANSPARENT_PALETTE },
  gray16: { channels: 1, depth: 16 },
  'gray-alpha16': { channels: 2, depth: 16 },
  rgb16: { channels: 3, depth: 16 },
  rgba16: { channels: 4, depth: 16 },
  'interlaced-gray8': { channels: 1, interlace: 'Adam7' },
  'interlaced-rgb8': { channels: 3, interlace: 'Adam7' },
};

/** [content, kind, width, height] */
const FIXTURES = [
  ['noise', 'gray8', 1, 1],
  ['noise', 'rgb8', 1, 1],
  ['noise', 'rgba8', 1, 1],
  ['gradient', 'gray8', 1, 9],
  ['gradient', 'rgb8', 13, 1],
  ['gradient', 'rgb8', 17, 5],
  ['gradient', 'gray-alpha8', 19, 11],
  ['gradient', 'interlaced-rgb8', 33, 21],
  ['flat', 'gray8', 24, 24],
  ['flat', 'rgb8', 32, 32],
  ['flat', 'rgba8', 7, 7],
  ['noise', 'gray8', 31, 29],
  ['noise', 'rgb8', 32, 32],
  ['noise', 'interlaced-gray8', 15, 10],
  ['text', 'gray8', 120, 56],
  ['text', 'rgb8', 65, 67],
  ['smooth', 'rgb8', 32, 32],
  ['smooth', 'rgb8', 97, 71],
  ['smooth', 'gray8', 64, 48],
  ['disc', 'rgba8', 40, 33],
  ['disc', 'gray-alpha8', 25, 25],
  ['shaded', 'rgba8', 34, 27],
  ['inverse', 'gray-alpha8', 32, 32],
  ['cells', 'palette8', 23, 18],
  ['cells', 'palette-alpha8', 16, 16],
  ['checker', 'rgba8', 21, 14],
  // More than 64 positions wide: two tiles of the finest stage.
  ['smooth', 'gray8', 131, 20],
  ['lattice', 'rgb8', 151, 110],
  // Too wide for WebP.
  ['flat', 'gray8', 16385, 1],
  ['waves', 'gray16', 27, 20],
  ['shifted', 'rgb16', 19, 13],
  ['dark', 'gray-alpha16', 17, 11],
  ['noise', 'rgba16', 5, 4],
  // Three tiles of the finest stage, which is then coded without latents.
  ['smooth', 'gray8', 261, 23],
  ['clipped', 'rgb8', 259, 20],
  ['spikes', 'gray8', 160, 8],
  // 66 tiles: more than learn together.
  ['gradient', 'gray8', 8323, 2],
  // As many pixels as colours weigh in.
  ['levels', 'rgb8', 62, 67],
  ['levels', 'gray8', 64, 64],
];

function makeFixture([content, kind, width, height], seed) {
  const { channels, palette, depth = 8, interlace = 'null' } = KINDS[kind];
  const context = { height, width, channels, depth, random: seeded(seed + 1) };
  const data = new (depth === 16 ? Uint16Array : Uint8Array)(height * width * channels);
  for (let i = 0; i < data.length; i++) {
    const pixel = Math.floor(i / channels);
    const value = CONTENT[content](Math.floor(pixel / width), pixel % width, i % channels, context);
    data[i] = palette ? value % palette.length : value;
  }
  const image = { width, height, channels, depth, data, ...(palette && { palette }) };
  writeFileSync(new URL(`${content}-${kind}-${width}x${height}.png`, FOLDER), encode(image, { interlace }));
}

mkdirSync(FOLDER, { recursive: true });
FIXTURES.forEach(makeFixture);
