/**
 * The images of bench/hostile.js: PNG files of every kind, each named by what it shows and its kind, made without any
 * encoder that might choose another one.
 */
import { zlibSync } from 'fflate';
import { decodePng } from '../dist/image/png.js';
import { COLOUR_PALETTE, encodePngHeader, joinChunks } from '../dist/image/png-chunks.js';
import { LEAST_SUM } from '../dist/image/png-filter-rules.js';
import { FILTER_NONE, FILTER_PAETH } from '../dist/image/png-filters.js';
import { lineCount, samplesPerPixel, writeScanlines } from '../dist/image/png-samples.js';
import { deflateWith } from '../dist/image/zlib-settings.js';
import { ALPHAS, hash, PATTERNS } from './hostile-patterns.js';

const [GRAY, RGB, GRAY_ALPHA, RGBA] = [0, 2, 4, 6];
const ALPHA_TYPES = [GRAY_ALPHA, RGBA];

const gray = (depth, more) => ({ colourType: GRAY, depth, ...more });
const palette = (count, depth, more) => ({ colourType: COLOUR_PALETTE, depth, count, order: 'random', ...more });

/** Kinds by name. Palettes: how many entries, in which order, and how many of them pixels use. */
const KINDS = {
  gray1: gray(1),
  gray2: gray(2),
  gray4: gray(4),
  gray8: gray(8),
  gray16: gray(16),
  'gray4-key': gray(4, { key: [7] }),
  'gray8-few': gray(8, { few: 5 }),
  'gray16-wide': gray(16, { isWide: true }),
  'gray16-low': gray(16, { shift: 4 }),
  'gray-alpha8': { colourType: GRAY_ALPHA, depth: 8, alpha: 'soft' },
  'gray-alpha8-binary': { colourType: GRAY_ALPHA, depth: 8, alpha: 'binary' },
  'gray-alpha16': { colourType: GRAY_ALPHA, depth: 16, alpha: 'soft' },
  rgb8: { colourType: RGB, depth: 8 },
  'rgb8-few': { colourType: RGB, depth: 8, few: 4 },
  'rgb8-gray': { colourType: RGB, depth: 8, isGray: true },
  'rgb8-key': { colourType: RGB, depth: 8, few: 3, key: [255, 255, 255] },
  rgb16: { colourType: RGB, depth: 16 },
  'rgb16-wide': { colourType: RGB, depth: 16, isWide: true },
  rgba8: { colourType: RGBA, depth: 8, alpha: 'soft' },
  'rgba8-few': { colourType: RGBA, depth: 8, alpha: 'soft', few: 4 },
  'rgba8-binary': { colourType: RGBA, depth: 8, alpha: 'binary' },
  'rgba8-opaque': { colourType: RGBA, depth: 8, alpha: 'opaque' },
  'rgba8-noise': { colourType: RGBA, depth: 8, alpha: 'noise' },
  rgba16: { colourType: RGBA, depth: 16, alpha: 'soft' },
  'pal2-d1': palette(2, 1),
  'pal4-d2': palette(4, 2),
  'pal3-d8': palette(3, 8),
  'pal16-d4': palette(16, 4),
  'pal16-d8': palette(16, 8),
  'pal16-d4-alpha': palette(16, 4, { numAlphas: 5 }),
  'pal33-d8': palette(33, 8),
  'pal64-d8': palette(64, 8),
  'pal64-d8-sorted': palette(64, 8, { order: 'sorted' }),
  'pal128-d8-alpha': palette(128, 8, { numAlphas: 128 }),
  'pal255-d8': palette(255, 8),
  'pal255-d8-ramp': palette(255, 8, { order: 'ramp' }),
  'pal256-d8': palette(256, 8),
  'pal256-d8-sorted': palette(256, 8, { order: 'sorted' }),
  'pal256-d8-ramp': palette(256, 8, { order: 'ramp' }),
  'pal256-d8-cube': palette(216, 8, { order: 'cube' }),
  'pal256-d8-unused': palette(256, 8, { numUsed: 20 }),
  'pal256-d8-alpha': palette(256, 8, { order: 'sorted', numAlphas: 256 }),
};

/** [pattern, kind, width, height, interlaced] */
const IMAGES = [
  ['flat', 'rgb8', 1, 1],
  ['flat', 'rgba16', 1, 1],
  ['noise', 'pal2-d1', 1, 1],
  ['ramp', 'gray8', 3, 2],
  ['noise', 'rgba8', 5, 4],
  ['flat', 'gray1', 300, 300],
  ['flat', 'rgb8', 300, 200],
  ['flat', 'rgba8-opaque', 256, 256],
  ['flat', 'pal16-d4', 128, 128],
  ['flat', 'gray16', 100, 100],
  ['flat', 'rgba8', 64, 64],
  ['ramp', 'gray8', 256, 32],
  ['ramp', 'gray16', 300, 60],
  ['ramp', 'rgb8', 256, 256],
  ['ramp', 'rgba8', 120, 90],
  ['ramp', 'pal256-d8-ramp', 256, 100],
  ['ramp', 'pal256-d8', 256, 100],
  ['ramp', 'gray4', 160, 40],
  ['ramp', 'gray2', 1, 300],
  ['ramp', 'rgb16', 200, 100],
  ['slope', 'rgb8', 200, 150],
  ['slope', 'gray16', 120, 100],
  ['slope', 'pal64-d8-sorted', 200, 150],
  ['checker', 'gray1', 200, 200],
  ['checker', 'rgba8', 160, 160],
  ['checker', 'rgb16-wide', 64, 64],
  ['checker', 'gray-alpha8', 80, 80],
  ['stripes', 'rgb8', 200, 200],
  ['stripes', 'pal16-d4', 200, 200],
  ['stripes', 'gray16', 150, 150],
  ['blocks', 'rgb8', 256, 256],
  ['blocks', 'pal255-d8', 256, 256],
  ['blocks', 'pal255-d8-ramp', 256, 256],
  ['blocks', 'pal256-d8-cube', 256, 256],
  ['blocks', 'pal256-d8-unused', 200, 200],
  ['blocks', 'pal256-d8-sorted', 240, 240],
  ['blocks', 'pal64-d8', 128, 128],
  ['blocks', 'pal33-d8', 100, 100],
  ['blocks', 'pal16-d8', 100, 100],
  ['blocks', 'rgba8-few', 128, 128],
  ['blocks', 'rgb16', 96, 96],
  ['cells', 'rgb8-few', 160, 120],
  ['cells', 'pal128-d8-alpha', 160, 120],
  ['cells', 'pal256-d8', 200, 200],
  ['cells', 'gray8', 160, 120],
  ['cells', 'gray4', 200, 200],
  ['tiles', 'rgb8', 288, 288],
  ['tiles', 'gray8', 240, 240],
  ['tiles', 'pal4-d2', 240, 240],
  ['tiles', 'rgba8-noise', 120, 120],
  ['tiles', 'gray16', 120, 120],
  ['xor', 'gray8', 256, 256],
  ['xor', 'rgb8', 256, 256],
  ['xor', 'pal256-d8-sorted', 256, 256],
  ['xor', 'gray1', 256, 256],
  ['rings', 'gray8', 250, 250],
  ['rings', 'rgb8', 200, 200],
  ['rings', 'pal16-d4', 200, 200],
  ['rings', 'gray2', 250, 250],
  ['noise', 'gray1', 200, 200],
  ['noise', 'gray2', 150, 150],
  ['noise', 'gray8', 120, 100],
  ['noise', 'gray8-few', 120, 100],
  ['noise', 'gray16', 80, 70],
  ['noise', 'gray16-low', 80, 70],
  ['noise', 'gray16-wide', 80, 70],
  ['noise', 'rgb8', 100, 80],
  ['noise', 'rgb8-few', 100, 80],
  ['noise', 'rgb16', 60, 50],
  ['noise', 'rgba8-noise', 60, 60],
  ['noise', 'pal16-d4', 150, 150],
  ['noise', 'pal255-d8', 150, 150],
  ['noise', 'pal3-d8', 150, 150],
  ['noise', 'gray-alpha8-binary', 90, 90],
  ['sparse', 'rgb8', 200, 200],
  ['sparse', 'rgb8-key', 200, 200],
  ['sparse', 'gray8', 200, 200],
  ['sparse', 'gray16', 150, 150],
  ['sparse', 'pal64-d8', 150, 150],
  ['walk', 'gray8', 150, 150],
  ['walk', 'rgb8', 120, 120],
  ['text', 'gray1', 280, 160],
  ['text', 'gray8', 280, 160],
  ['text', 'rgb8', 280, 160],
  ['text', 'gray-alpha8-binary', 160, 100],
  ['text', 'pal2-d1', 280, 160],
  ['text', 'rgba8-opaque', 200, 120],
  ['screen', 'rgb8', 300, 290],
  ['screen', 'rgba8-opaque', 300, 200],
  ['screen', 'pal256-d8-cube', 300, 290],
  ['screen', 'pal64-d8', 260, 200],
  ['screen', 'gray8', 260, 200],
  ['screen', 'rgb16-wide', 140, 100],
  ['drawing', 'gray8', 250, 200],
  ['drawing', 'gray1', 250, 200],
  ['drawing', 'rgba8-binary', 120, 120],
  ['drawing', 'pal16-d4', 250, 200],
  ['drawing', 'gray4-key', 150, 120],
  ['drawing', 'rgb8-gray', 200, 150],
  ['drawing', 'gray-alpha16', 100, 80],
  ['smooth', 'rgb8', 200, 150],
  ['smooth', 'gray16', 150, 100],
  ['smooth', 'pal255-d8-ramp', 200, 150],
  ['smooth', 'pal256-d8-alpha', 200, 150],
  ['smooth', 'rgba8', 128, 128],
  ['dither', 'gray1', 256, 200],
  ['dither', 'gray2', 200, 150],
  ['dither', 'pal16-d4', 200, 150],
  ['dither', 'pal256-d8-cube', 200, 150],
  ['dither', 'rgb8-few', 200, 150],
  ['grain', 'gray1', 200, 150],
  ['grain', 'pal16-d8', 160, 120],
  ['grain', 'gray4', 160, 120],
  ['photo', 'rgb8', 200, 150],
  ['photo', 'gray8', 200, 150],
  ['photo', 'rgb8-gray', 120, 90],
  ['photo', 'gray16', 120, 90],
  ['photo', 'rgb16', 80, 60],
  ['photo', 'rgba8', 120, 90],
  ['photo', 'rgba8-binary', 64, 64],
  ['photo', 'rgba8-opaque', 64, 64],
  ['photo', 'rgba16', 60, 50],
  ['photo', 'gray-alpha8', 100, 80],
  ['photo', 'pal255-d8-ramp', 200, 150],
  ['photo', 'pal256-d8', 200, 150],
  ['photo', 'pal256-d8', 48, 48],
  ['photo', 'pal64-d8', 32, 32],
  ['photo', 'pal64-d8-sorted', 32, 32],
  ['photo', 'gray4', 160, 120],
  ['smooth', 'pal256-d8', 120, 90, true],
  ['screen', 'pal16-d4', 200, 150, true],
  ['photo', 'rgb8', 90, 70, true],
  ['photo', 'gray16', 61, 47, true],
  ['text', 'gray1', 150, 99, true],
  ['slope', 'rgba8', 77, 55, true],
  ['noise', 'gray2', 13, 11, true],
];

/** As encoders use zlib; the last one is another deflate, which no setting makes again. */
const DEFLATES = [
  (data) => deflateWith({ start: [0x78, 0xda], level: 9, windowBits: 15, memLevel: 9, strategy: 0 }, [data]),
  (data) => deflateWith({ start: [0x78, 0x9c], level: 6, windowBits: 15, memLevel: 8, strategy: 1 }, [data]),
  (data) => deflateWith({ start: [0x78, 0x9c], level: 6, windowBits: 15, memLevel: 9, strategy: 0 }, [data]),
  (data) => zlibSync(data, { level: 9 }),
];

/** { name, make }: gives { file: the PNG file, image: its pixels } */
export const HOSTILE_IMAGES = IMAGES.map(([pattern, kind, width, height, interlaced = false], i) => ({
  name: `${interlaced ? 'inter-' : ''}${pattern}-${kind}-${width}x${height}`,
  make() {
    const file = pngOf(pattern, KINDS[kind], { height, width, interlaced }, DEFLATES[i % DEFLATES.length]);
    return { file, image: decodePng(file) };
  },
}));

function pngOf(pattern, kind, { height, width, interlaced }, deflate) {
  const { colourType, depth } = kind;
  const header = { height, width, depth, colourType, interlaced };
  return joinChunks([
    { type: 'IHDR', data: encodePngHeader(header) },
    ...tablesOf(kind),
    { type: 'IDAT', data: deflate(filtered(samplesOf(pattern, kind, { height, width }), header)) },
    { type: 'IEND', data: new Uint8Array(0) },
  ]);
}

/** [height, width, bytes a pixel], as a PNG of the kind stores them. */
function samplesOf(pattern, kind, size) {
  const { colourType, depth } = kind;
  const perPixel = samplesPerPixel(colourType);
  const values = [];
  for (let row = 0; row < size.height; row++) {
    for (let column = 0; column < size.width; column++) {
      for (let channel = 0; channel < perPixel; channel++) {
        const isAlpha = ALPHA_TYPES.includes(colourType) && channel === perPixel - 1;
        const draw = isAlpha ? ALPHAS[kind.alpha] : PATTERNS[pattern];
        const place = { row, column, channel: kind.isGray ? 0 : channel, ...size };
        values.push(isAlpha ? Math.floor(draw(place) * 2 ** depth) : sampleOf(draw, place, kind));
      }
    }
  }
  return depth === 16 ? Uint8Array.from(values.flatMap((value) => [value >> 8, value & 255])) : Uint8Array.from(values);
}

function sampleOf(draw, place, { depth, count, numUsed = count, few, isWide = false, shift = 0 }) {
  const levels = numUsed ?? few ?? 2 ** (isWide ? 8 : depth - shift);
  const level = Math.floor(draw({ ...place, levels }) * levels);
  if (isWide) return level * 257;
  return few === undefined ? level : Math.floor((level * 255) / (few - 1));
}

function tablesOf({ colourType, depth, key, ...kind }) {
  if (colourType === COLOUR_PALETTE) return paletteChunks(kind);
  if (key === undefined) return [];
  return [{ type: 'tRNS', data: Uint8Array.from(key.flatMap((value) => [0, value % 2 ** depth])) }];
}

function paletteChunks({ count, order, numAlphas = 0 }) {
  const colours = Array.from({ length: count }, (_, i) => COLOURS[order](i, count));
  if (order === 'sorted') colours.sort((a, b) => luma(a) - luma(b));
  const alphas = Uint8Array.from({ length: numAlphas }, (_, i) => Math.floor((255 * i) / numAlphas));
  return [
    { type: 'PLTE', data: Uint8Array.from(colours.flat()) },
    ...(numAlphas === 0 ? [] : [{ type: 'tRNS', data: alphas }]),
  ];
}

const luma = ([red, green, blue]) => 2 * red + 5 * green + blue;

const byHash = (i) => [0, 1, 2].map((channel) => Math.floor(256 * hash(i, channel, 7)));

/** Colours of a palette; by luma where they are sorted. */
const COLOURS = {
  random: byHash,
  sorted: byHash,
  ramp: (i, count) => [i, Math.floor((200 * i) / count), 255 - i],
  cube: (i) => [51 * Math.floor(i / 36), 51 * (Math.floor(i / 6) % 6), 51 * (i % 6)],
};

/** Lines with filters as libpng chooses them, or of interlaced ones with one filter. */
function filtered(samples, header) {
  const { depth, colourType, interlaced } = header;
  const isPlain = depth < 8 || colourType === COLOUR_PALETTE;
  const filter = isPlain ? FILTER_NONE : interlaced ? FILTER_PAETH : LEAST_SUM;
  return writeScanlines(samples, header, new Uint8Array(lineCount(header)).fill(filter));
}
