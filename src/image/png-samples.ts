/**
 * From inflated PNG scanlines to samples and back: filters, Adam7 passes and packed samples
 * (W3C PNG, third edition, sections 7 to 9).
 */
import { CodecError } from '../errors.ts';
import { COLOUR_GRAY_ALPHA, COLOUR_RGB, COLOUR_RGBA, type PngHeader } from './png-chunks.ts';
import { RECIPE_FILTER_COUNT, resolveFilter } from './png-filter-rules.ts';
import { FILTER_COUNT, filterLine, type LinePair, unfilterLine } from './png-filters.ts';

/** [first row, first column, row step, column step] */
type PassGrid = readonly [number, number, number, number];

const PLAIN: readonly PassGrid[] = [[0, 0, 1, 1]];
const ADAM7: readonly PassGrid[] = [
  [0, 0, 8, 8],
  [0, 4, 8, 8],
  [4, 0, 8, 4],
  [0, 2, 4, 4],
  [2, 0, 4, 2],
  [0, 1, 2, 2],
  [1, 0, 2, 1],
];

interface Pass {
  readonly grid: PassGrid;
  readonly height: number;
  readonly width: number;
  /** Without the filter type byte. */
  readonly lineBytes: number;
}

/** Samples of a pixel as stored: a palette index counts as one. */
export function samplesPerPixel(colourType: number): number {
  if (colourType === COLOUR_RGBA) return 4;
  if (colourType === COLOUR_RGB) return 3;
  return colourType === COLOUR_GRAY_ALPHA ? 2 : 1;
}

/** Bytes of a pixel once its samples are unpacked: two for a sample of 16 bits, high byte first, and else one. */
const bytesPerPixel = ({ depth, colourType }: PngHeader): number =>
  samplesPerPixel(colourType) * (depth === 16 ? 2 : 1);

/** Size of the inflated data that a header asks for. */
export function scanlineBytes(header: PngHeader): number {
  return passesOf(header).reduce((sum, { height, lineBytes }) => sum + height * (lineBytes + 1), 0);
}

/**
 * Reads the samples as they are stored, neither scaled nor looked up: [height, width, bytes per pixel].
 * @param scanlines exactly scanlineBytes(header) bytes; used up as scratch space.
 * @throws CodecError 'corrupt' for an unknown filter.
 */
export function readSamples(scanlines: Uint8Array, header: PngHeader): Uint8Array {
  const samples = new Uint8Array(header.height * header.width * bytesPerPixel(header));
  let offset = 0;
  for (const pass of passesOf(header)) {
    let above: Uint8Array = new Uint8Array(pass.lineBytes);
    for (let row = 0; row < pass.height; row++) {
      const filter = scanlines[offset]!;
      const line = scanlines.subarray(offset + 1, offset + 1 + pass.lineBytes);
      if (filter >= FILTER_COUNT) throw new CodecError('corrupt', `PNG has no filter type ${filter}`);
      unfilterLine(filter, { line, above }, filterStep(header));
      placeLine(line, samples, header, { pass, row });
      above = line;
      offset += pass.lineBytes + 1;
    }
  }
  return samples;
}

/** Number of scanlines of all passes. */
export const lineCount = (header: PngHeader): number => passesOf(header).reduce((sum, { height }) => sum + height, 0);

/** The filter type of every line, in the order of the scanlines. */
export function filtersOf(scanlines: Uint8Array, header: PngHeader): Uint8Array {
  const filters = new Uint8Array(lineCount(header));
  let line = 0;
  let offset = 0;
  for (const { height, lineBytes } of passesOf(header)) {
    for (let row = 0; row < height; row++, offset += lineBytes + 1) filters[line++] = scanlines[offset]!;
  }
  return filters;
}

/**
 * Writes samples as scanlines: undoes readSamples. Bits that no sample fills are 0.
 * @param filters of every line, those of a recipe included
 * @throws CodecError 'corrupt' for an unknown filter.
 */
export function writeScanlines(samples: Uint8Array, header: PngHeader, filters: Uint8Array): Uint8Array {
  const scanlines = new Uint8Array(scanlineBytes(header));
  const step = filterStep(header);
  let index = 0;
  let offset = 0;
  for (const pair of linePairs(samples, header)) {
    const stated = filters[index++]!;
    if (stated >= RECIPE_FILTER_COUNT) throw new CodecError('corrupt', `PNG has no filter type ${stated}`);
    const filter = resolveFilter(stated, pair, step);
    scanlines[offset] = filter;
    filterLine(filter, pair, step, scanlines.subarray(offset + 1));
    offset += pair.line.length + 1;
  }
  return scanlines;
}

/** Every line as samples are packed into it, with the one above it in its pass, in the order of the scanlines. */
export function* linePairs(samples: Uint8Array, header: PngHeader): Generator<LinePair> {
  for (const pass of passesOf(header)) {
    let above: Uint8Array = new Uint8Array(pass.lineBytes);
    for (let row = 0; row < pass.height; row++) {
      const line = lineOf(samples, header, { pass, row });
      yield { line, above };
      above = line;
    }
  }
}

/** Bytes from one that filters see to its left neighbour. */
export const filterStep = (header: PngHeader): number => (header.depth < 8 ? 1 : bytesPerPixel(header));

function lineOf(samples: Uint8Array, header: PngHeader, at: { pass: Pass; row: number }): Uint8Array {
  const { grid, width, lineBytes } = at.pass;
  const { depth } = header;
  const perPixel = bytesPerPixel(header);
  const line = new Uint8Array(lineBytes);
  let source = ((grid[0] + at.row * grid[2]) * header.width + grid[1]) * perPixel;
  for (let column = 0; column < width; column++, source += grid[3] * perPixel) {
    if (depth >= 8) for (let i = 0; i < perPixel; i++) line[column * perPixel + i] = samples[source + i]!;
    else line[(column * depth) >> 3]! |= samples[source]! << (8 - depth - ((column * depth) & 7));
  }
  return line;
}

function passesOf({ height, width, depth, colourType, interlaced }: PngHeader): Pass[] {
  const bitsPerPixel = depth * samplesPerPixel(colourType);
  const passes = (interlaced ? ADAM7 : PLAIN).map((grid) => {
    const passWidth = Math.ceil((width - grid[1]) / grid[3]);
    const passHeight = Math.ceil((height - grid[0]) / grid[2]);
    return { grid, height: passHeight, width: passWidth, lineBytes: Math.ceil((passWidth * bitsPerPixel) / 8) };
  });
  // A pass without pixels has no scanlines at all, not even their filter bytes.
  return passes.filter((pass) => pass.height > 0 && pass.width > 0);
}

function placeLine(line: Uint8Array, samples: Uint8Array, header: PngHeader, at: { pass: Pass; row: number }): void {
  const { grid, width } = at.pass;
  const perPixel = bytesPerPixel(header);
  const step = grid[3] * perPixel;
  let target = ((grid[0] + at.row * grid[2]) * header.width + grid[1]) * perPixel;
  for (let column = 0; column < width; column++, target += step) {
    if (header.depth < 8) samples[target] = packedSample(line, column, header.depth);
    else for (let i = 0; i < perPixel; i++) samples[target + i] = line[column * perPixel + i]!;
  }
}

/** Samples of less than a byte are packed from the high bit down. */
function packedSample(line: Uint8Array, column: number, depth: number): number {
  const bit = column * depth;
  return (line[bit >> 3]! >> (8 - depth - (bit & 7))) & ((1 << depth) - 1);
}
