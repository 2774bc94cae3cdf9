/**
 * A PNG writer for tests that can make every kind of PNG, odd and broken ones too; unfiltered unless told otherwise,
 * deflated as zlib does.
 */
import { deflate } from 'pako';

export interface PngSpec {
  readonly height: number;
  readonly width: number;
  readonly depth: number;
  readonly colourType: number;
  readonly interlaced?: boolean;
  /** Samples as stored: [height, width, samples per pixel]. */
  readonly samples: ArrayLike<number>;
  /** Filter type of every line; only 0 stores the samples as they are. */
  readonly filter?: number;
  readonly palette?: readonly number[];
  readonly transparency?: readonly number[];
  /** Number of IDAT chunks. */
  readonly pieces?: number;
}

const SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);

const PASSES: readonly (readonly [number, number, number, number])[] = [
  [0, 0, 8, 8],
  [0, 4, 8, 8],
  [4, 0, 8, 4],
  [0, 2, 4, 4],
  [2, 0, 4, 2],
  [0, 1, 2, 2],
  [1, 0, 2, 1],
];

export function writePng(spec: PngSpec): Uint8Array {
  const { palette, transparency, pieces = 1 } = spec;
  const compressed = deflate(Uint8Array.from(scanlinesOf(spec)));
  const size = Math.ceil(compressed.length / pieces);
  return joinPng([
    headerChunk(spec),
    ...(palette ? [chunk('PLTE', palette)] : []),
    ...(transparency ? [chunk('tRNS', transparency)] : []),
    ...Array.from({ length: pieces }, (_, i) => chunk('IDAT', compressed.subarray(i * size, (i + 1) * size))),
    chunk('IEND', []),
  ]);
}

export function headerChunk({
  height,
  width,
  depth,
  colourType,
  interlaced = false,
}: Omit<PngSpec, 'samples'>): Uint8Array {
  return chunk('IHDR', [...uint32(width), ...uint32(height), depth, colourType, 0, 0, interlaced ? 1 : 0]);
}

export const joinPng = (chunks: readonly Uint8Array[]): Uint8Array =>
  Uint8Array.from([SIGNATURE, ...chunks].flatMap((part) => [...part]));

export function chunk(type: string, data: ArrayLike<number>): Uint8Array {
  const typed = Uint8Array.from([...type].map((letter) => letter.charCodeAt(0)).concat(Array.from(data)));
  return Uint8Array.from([...uint32(data.length), ...typed, ...uint32(crcOf(typed))]);
}

const uint32 = (value: number): number[] => [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255];

/** The standard's definition bit by bit, apart from the library's table. */
function crcOf(bytes: Uint8Array): number {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? 0xedb88320 ^ (crc >>> 1) : crc >>> 1;
  }
  return ~crc >>> 0;
}

function scanlinesOf(spec: PngSpec): number[] {
  const { height, width, depth, interlaced = false, samples, filter = 0 } = spec;
  const perPixel = samples.length / (height * width);
  const lines: number[] = [];
  for (const [firstRow, firstColumn, rowStep, columnStep] of interlaced ? PASSES : [[0, 0, 1, 1] as const]) {
    if (firstColumn >= width) continue;
    for (let row = firstRow; row < height; row += rowStep) {
      const line: number[] = [];
      for (let column = firstColumn; column < width; column += columnStep) {
        for (let i = 0; i < perPixel; i++) line.push(samples[(row * width + column) * perPixel + i]!);
      }
      lines.push(filter, ...pack(line, depth));
    }
  }
  return lines;
}

function pack(line: readonly number[], depth: number): number[] {
  if (depth === 16) return line.flatMap((sample) => [sample >> 8, sample & 255]);
  const bits = line.map((sample) => sample.toString(2).padStart(depth, '0')).join('');
  return (bits.match(/.{1,8}/g) ?? []).map((byte) => Number.parseInt(byte.padEnd(8, '0'), 2));
}
