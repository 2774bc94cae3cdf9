/**
 * What the images of bench/hostile.js show: functions of a place that give a level from 0 to 1, 1 excluded, without
 * any randomness but that of a hash, and without functions that engines approximate: the same on every machine.
 *
 * A place is { row, column, channel, height, width, levels }; levels are how many its kind of PNG tells apart.
 */

/** Without order, from 0 to 1: the same for the same numbers. */
export function hash(...numbers) {
  let mixed = 0x9e3779b9;
  for (const number of numbers) {
    mixed = Math.imul(mixed ^ (number | 0), 0x85ebca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
    mixed ^= mixed >>> 16;
  }
  return (mixed >>> 0) / 2 ** 32;
}

/** Rises from 0 to 1 and falls again, once in every period. */
function triangle(position, period) {
  const phase = (((position % period) + period) % period) / period;
  return Math.min(2 * Math.min(phase, 1 - phase), 0.999_999);
}

const ease = (t) => t * t * (3 - 2 * t);

/** Hashes on a grid, and what is smooth between them. */
function valueNoise(row, column, cell, seed) {
  const [top, left] = [Math.floor(row / cell), Math.floor(column / cell)];
  const [y, x] = [ease(row / cell - top), ease(column / cell - left)];
  const corner = (dy, dx) => hash(seed, cell, top + dy, left + dx);
  const [above, below] = [0, 1].map((dy) => corner(dy, 0) * (1 - x) + corner(dy, 1) * x);
  return above * (1 - y) + below * y;
}

/** Like a photograph: coarse and fine clouds, which the channels share but for a little, with grain. */
function photo({ row, column, channel }) {
  const shared = 0.55 * valueNoise(row, column, 61, 1) + 0.2 * valueNoise(row, column, 17, 2);
  const own = 0.15 * valueNoise(row, column, 43, 10 + channel) + 0.07 * valueNoise(row, column, 5, 3);
  return shared + own + 0.03 * hash(row, column, channel, 4);
}

const smooth = ({ row, column, channel, height, width }) =>
  0.5 * triangle(row + 20 * channel, 1.7 * height + 3) + 0.499 * triangle(2 * column - row, 2.3 * width + 5);

/** The digits 0 to 9 and a blank, each 5 rows of 3 bits. */
const GLYPHS = [0x7b6f, 0x2c97, 0x73e7, 0x73cf, 0x5bc9, 0x79cf, 0x79ef, 0x7292, 0x7bef, 0x7bcf, 0];

function isInk(row, column) {
  const glyph = GLYPHS[Math.floor(hash(Math.floor(row / 8), Math.floor(column / 4)) * GLYPHS.length)];
  return row % 8 < 5 && column % 4 < 3 && ((glyph >> ((4 - (row % 8)) * 3 + 2 - (column % 4))) & 1) === 1;
}

const text = ({ row, column }) => (isInk(row, column) ? 0 : 0.999);

/** A desktop: windows with a bar, a frame and text, icons, a background. */
function screen(place) {
  const { row, column, channel } = place;
  const [top, left] = [row % 96, column % 128];
  const window = Math.floor(row / 96) * 7 + Math.floor(column / 128);
  if (top < 6 || left < 6) return [0.2, 0.35, 0.5, 0.999][channel];
  if (top < 16) return left > 114 ? icon(place) : [0.1, 0.3, 0.7, 0.999][channel] * (1 - (window % 3) / 5);
  if (top === 95 || left === 127) return 0.3;
  const isText = top > 22 && left > 12 && left < 110 && hash(window, Math.floor(row / 8)) < 0.7;
  return isText ? text(place) : 0.93;
}

const icon = ({ row, column, channel }) => hash(row >> 1, Math.abs((column % 12) - 6) >> 1, channel, 5);

/** Lines of rings, soft where levels allow it. */
function drawing({ row, column, height, width }) {
  const [y, x] = [row - height / 2, column - width / 3];
  const distance = Math.sqrt(y * y + x * x) % 17;
  return Math.min(0.999, Math.abs(distance - 8) / 1.5);
}

/** The order of Bayer: 0 to 63, each once in 8 x 8 pixels. */
function bayer(row, column) {
  let value = 0;
  for (let bit = 0; bit < 3; bit++) {
    const [y, x] = [(row >> bit) & 1, (column >> bit) & 1];
    value = value * 4 + ((x ^ y) * 2 + y);
  }
  return value;
}

/** The smooth pattern in so many levels, with a threshold that differs from pixel to pixel. */
function dithered(place, threshold) {
  const steps = place.levels - 1;
  return Math.floor(smooth(place) * steps + threshold) / place.levels;
}

export const PATTERNS = {
  flat: () => 0.6,
  ramp: ({ row, column, channel, height, width }) => (channel % 2 === 0 ? column / width : row / height),
  slope: ({ row, column, channel, height, width }) =>
    ((channel + 1) * row + (4 - channel) * column) / ((channel + 1) * height + (4 - channel) * width),
  checker: ({ row, column, channel }) => (((row >> 2) + (column >> 2)) % 2 === 0 ? 0.8 - channel * 0.1 : 0.1),
  stripes: ({ row, column, channel }) => hash((row + 2 * column) % 11, channel),
  blocks: ({ row, column, channel }) => hash(row >> 4, column >> 4, channel),
  cells: ({ row, column, channel }) => hash(row >> 2, column >> 2, channel),
  tiles: ({ row, column, channel }) => hash(row % 24, column % 24, channel),
  xor: ({ row, column, channel }) => (((row ^ column) * (channel + 1)) & 255) / 256,
  rings: ({ row, column, channel, height, width }) =>
    ((((row - (height >> 1)) ** 2 + (column - (width >> 1)) ** 2) * (channel + 1)) % 509) / 509,
  noise: ({ row, column, channel }) => hash(row, column, channel),
  sparse: ({ row, column, channel }) => (hash(row, column) < 0.02 ? hash(row, column, channel) : 0.999),
  walk: ({ row, column, channel }) =>
    (0.5 + 0.49 * (hash(row, column, channel) - 0.5) + 0.24 * triangle(column, 90)) % 1,
  text,
  screen,
  drawing,
  smooth,
  photo,
  dither: (place) => dithered(place, bayer(place.row, place.column) / 64),
  grain: (place) => dithered(place, hash(place.row, place.column, place.channel)),
};

/** Alpha, the last channel of kinds that have it. */
export const ALPHAS = {
  opaque: () => 0.999_999,
  binary: (place) => (disc(place) > 0 ? 0.999_999 : 0),
  soft: (place) => Math.max(0, Math.min(0.999_999, disc(place) * 4)),
  noise: ({ row, column }) => hash(row, column, 99),
};

/** Above 0 within the disc that fills the image. */
function disc({ row, column, height, width }) {
  const [y, x] = [(2 * row + 1) / height - 1, (2 * column + 1) / width - 1];
  return 0.9 - y * y - x * x;
}
