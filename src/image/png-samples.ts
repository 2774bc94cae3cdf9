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
 * @param scanlines exactly scanlineBytes(header) bytes; used up, and where lines are samples, these are in its memory.
 * @throws CodecError 'corrupt' for an unknown filter.
 */
export function readSamples(scanlines: Uint8Array, header: PngHeader): Uint8Array {
  const sampleBytes = header.height * header.width * bytesPerPixel(header);
  const samples = hasPlainLines(header) ? scanlines.subarray(0, sampleBytes) : new Uint8Array(sampleBytes);
  let offset = 0;
  for (const pass of passesOf(header)) {
    let above: Uint8Array = new Uint8Array(pass.lineBytes);
    for (let row = 0; row < pass.height; row++) {
      const filter = scanlines[offset]!;
      const line = scanlines.subarray(offset + 1, offset + 1 + pass.lineBytes);
      if (filter >= FILTER_COUNT) throw new CodecError('corrupt', `PNG has no filter type ${filter}`);
      unfilterLine(filter, { line, above }, filterStep(header));
      above = placeLine(line, samples, header, { pass, row });
      offset += pass.lineBytes + 1;
    }
  }
  return samples;
}

/** True where a scanline is a filter type and a row of the image as it is. */
const hasPlainLines = ({ depth, interlaced }: PngHeader): boolean => depth >= 8 && !interlaced;

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
 * Samples as scanlines, one after the other, each valid until the next: undoes readSamples. Bits that no sample fills are 0.
 * @param filters of every line, those of a recipe included
 * @throws CodecError 'corrupt' for an unknown filter.
 */
export function* scanlinesOf(samples: Uint8Array, header: PngHeader, filters: Uint8Array): Generator<Uint8Array> {
  const step = filterStep(header);
  const longest = new Uint8Array(1 + Math.max(...passesOf(header).map(({ lineBytes }) => lineBytes)));
  let index = 0;
  for (const pair of linePairs(samples, header)) {
    const stated = filters[index++]!;
    if (stated >= RECIPE_FILTER_COUNT) throw new CodecError('corrupt', `PNG has no filter type ${stated}`);
    longest[0] = resolveFilter(stated, pair, step);
    filterLine(longest[0], pair, step, longest.subarray(1));
    yield longest.subarray(0, 1 + pair.line.length);
  }
}

/** All of them. @throws as scanlinesOf */
export function writeScanlines(samples: Uint8Array, header: PngHeader, filters: Uint8Array): Uint8Array {
  const scanlines = new Uint8Array(scanlineBytes(header));
  let offset = 0;
  for (const line of scanlinesOf(samples, header, filters)) {
    scanlines.set(line, offset);
    offset += line.length;
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
  if (hasPlainLines(header)) return samples.subarray(at.row * lineBytes, (at.row + 1) * lineBytes);
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

/** Returns the line, or its copy where its own memory may be that of other samples now. */
function placeLine(
  line: Uint8Array,
  samples: Uint8Array,
  header: PngHeader,
  at: { pass: Pass; row: number },
): Uint8Array {
  const { grid, width, lineBytes } = at.pass;
  if (hasPlainLines(header)) {
    samples.set(line, at.row * lineBytes);
    return samples.subarray(at.row * lineBytes, (at.row + 1) * lineBytes);
  }
  const perPixel = bytesPerPixel(header);
  const step = grid[3] * perPixel;
  let target = ((grid[0] + at.row * grid[2]) * header.width + grid[1]) * perPixel;
  for (let column = 0; column < width; column++, target += step) {
    if (header.depth < 8) samples[target] = packedSample(line, column, header.depth);
    else for (let i = 0; i < perPixel; i++) samples[target + i] = line[column * perPixel + i]!;
  }
  return line;
}

/** Samples of less than a byte are packed from the high bit down. */
function packedSample(line: Uint8Array, column: number, depth: number): number {
  const bit = column * depth;
  return (line[bit >> 3]! >> (8 - depth - (bit & 7))) & ((1 << depth) - 1);
}
