/**
 * The formats of Netpbm, one image a file: PBM, PGM and PPM, as text (P1 to P3) or in binary (P4 to P6), and PAM (P7).
 * Samples come as they are where the largest is 255 or 65,535, and multiplied where that makes it 255 or 65,535.
 */
import { CodecError } from '../errors.ts';
import { type ChannelCount, checkSizeInFile, type Image } from './image.ts';

/** True for what begins like a file of Netpbm. */
export const hasPnmMagic = (bytes: Uint8Array): boolean =>
  bytes[0] === P && bytes[1]! >= ZERO + 1 && bytes[1]! <= ZERO + 7 && isSpace(bytes[2] ?? 0);

const P = 0x50;
const ZERO = 0x30;
const NEWLINE = 0x0a;
const HASH = 0x23;

const isSpace = (byte: number): boolean => byte === 0x20 || (byte >= 0x09 && byte <= 0x0d);
const isDigit = (byte: number): boolean => byte >= ZERO && byte <= ZERO + 9;

interface PnmHeader {
  readonly height: number;
  readonly width: number;
  readonly channels: ChannelCount;
  /** Value of the largest sample. */
  readonly maxval: number;
  /** How the samples are stored: as numbers in text, as digits in text, packed in bits, or in bytes. */
  readonly raster: 'numbers' | 'digits' | 'bits' | 'bytes';
  /** In PBM, but not in PAM, 1 is black. */
  readonly isInverted: boolean;
  /** Offset of the samples. */
  readonly end: number;
}

/** @throws CodecError 'truncated', 'corrupt', 'too-large', or 'unsupported-image' for several images and odd largest samples */
export function decodePnm(bytes: Uint8Array, maxPixels?: number): Image {
  const header = bytes[1] === ZERO + 7 ? readPamHeader(bytes) : readPnmHeader(bytes);
  const { height, width, channels, maxval, isInverted } = header;
  checkSizeInFile(height, width, maxPixels);
  const largest = maxval <= 255 ? 255 : 65_535;
  if (maxval < 1 || maxval > 65_535)
    throw new CodecError('corrupt', `largest sample must be 1..65535, found ${maxval}`);
  if (largest % maxval !== 0) {
    throw new CodecError('unsupported-image', `samples up to ${maxval} fit neither 8 nor 16 bits without rounding`);
  }
  const samples = readSamples(bytes, header);
  const scale = largest / maxval;
  if (isInverted || scale > 1) {
    for (let i = 0; i < samples.length; i++) samples[i] = (isInverted ? maxval - samples[i]! : samples[i]!) * scale;
  }
  const shape = { height, width, channels };
  return samples instanceof Uint16Array
    ? { ...shape, bitDepth: 16, data: samples }
    : { ...shape, bitDepth: 8, data: samples };
}

const RASTERS = ['digits', 'numbers', 'numbers', 'bits', 'bytes', 'bytes'] as const;

function readPnmHeader(bytes: Uint8Array): PnmHeader {
  const kind = bytes[1]! - ZERO;
  const isBitmap = kind === 1 || kind === 4;
  const width = readNumber(bytes, 2);
  const height = readNumber(bytes, width.end);
  const maxval = isBitmap ? { value: 1, end: height.end } : readNumber(bytes, height.end);
  const channels = kind % 3 === 0 ? 3 : 1;
  const raster = RASTERS[kind - 1]!;
  // A single space stands before the samples; in text there may be more.
  return {
    height: height.value,
    width: width.value,
    channels,
    maxval: maxval.value,
    raster,
    isInverted: isBitmap,
    end: maxval.end + 1,
  };
}

/** The next number of a header or of samples in text; what comes before it may be spaces and comments. */
function readNumber(bytes: Uint8Array, from: number): { value: number; end: number } {
  const start = skipSpace(bytes, from);
  let [end, value] = [start, 0];
  for (; isDigit(bytes[end] ?? 0); end++) {
    value = 10 * value + bytes[end]! - ZERO;
    if (value > 0xffff_ffff) break;
  }
  if (end > start) return { value, end };
  if (start >= bytes.length) throw new CodecError('truncated', `file ends at byte ${bytes.length}, within its numbers`);
  throw new CodecError('corrupt', 'expected a number', { byteOffset: start });
}

function skipSpace(bytes: Uint8Array, from: number): number {
  let offset = from;
  while (offset < bytes.length) {
    if (isSpace(bytes[offset]!)) offset++;
    else if (bytes[offset] === HASH) offset = lineEnd(bytes, offset);
    else break;
  }
  return offset;
}

function lineEnd(bytes: Uint8Array, from: number): number {
  const end = bytes.indexOf(NEWLINE, from);
  return end < 0 ? bytes.length : end;
}

/** Longest header of a PAM file that is looked at. */
const MAX_PAM_HEADER = 10_000;

function readPamHeader(bytes: Uint8Array): PnmHeader {
  const fields = new Map<string, string>();
  let start = lineEnd(bytes, 0) + 1;
  for (;;) {
    const end = lineEnd(bytes, start);
    if (end >= Math.min(bytes.length, MAX_PAM_HEADER)) throw new CodecError('truncated', 'PAM header has no ENDHDR');
    const [name = '', ...words] = new TextDecoder('latin1').decode(bytes.subarray(start, end)).trim().split(/\s+/);
    start = end + 1;
    if (name === 'ENDHDR') break;
    if (name !== '' && !name.startsWith('#')) fields.set(name, words.join(' '));
  }
  const numberOf = (name: string): number => {
    const text = fields.get(name) ?? '';
    if (!/^\d{1,10}$/.test(text)) throw new CodecError('corrupt', `PAM header has no sound ${name}`);
    return Number(text);
  };
  const channels = numberOf('DEPTH');
  if (channels < 1 || channels > 4)
    throw new CodecError('unsupported-image', `PAM of ${channels} planes is not supported`);
  return {
    height: numberOf('HEIGHT'),
    width: numberOf('WIDTH'),
    channels: channels as ChannelCount,
    maxval: numberOf('MAXVAL'),
    raster: 'bytes',
    isInverted: false,
    end: start,
  };
}

function readSamples(bytes: Uint8Array, header: PnmHeader): Uint8Array | Uint16Array {
  const { raster, maxval, end } = header;
  const count = header.height * header.width * header.channels;
  const isText = raster === 'numbers' || raster === 'digits';
  const rowBytes = Math.ceil(header.width / 8);
  const size = raster === 'bits' ? header.height * rowBytes : isText || maxval <= 255 ? count : 2 * count;
  // In text every sample takes a byte or more.
  if (bytes.length - end < size) {
    throw new CodecError('truncated', `file ends at byte ${bytes.length}, within its samples`);
  }
  const samples = maxval <= 255 ? new Uint8Array(count) : new Uint16Array(count);
  const after = isText ? fillFromText(samples, bytes, header) : end + size;
  if (raster === 'bits') fillFromBits(samples, bytes.subarray(end), header.width);
  if (raster === 'bytes') fillFromBytes(samples, bytes.subarray(end));
  if (after < bytes.length) throw new CodecError('unsupported-image', 'files of several images are not supported');
  for (const [i, sample] of maxval === 255 || maxval === 65_535 ? [] : samples.entries()) {
    if (sample > maxval) throw new CodecError('corrupt', `sample ${i} is ${sample}, at most ${maxval}`);
  }
  return samples;
}

/** @returns the offset after the samples and the spaces that follow */
function fillFromText(
  samples: Uint8Array | Uint16Array,
  bytes: Uint8Array,
  { raster, maxval, end }: PnmHeader,
): number {
  let offset = end;
  for (let i = 0; i < samples.length; i++) {
    const number = raster === 'digits' ? readDigit(bytes, offset) : readNumber(bytes, offset);
    if (number.value > maxval) throw new CodecError('corrupt', `sample ${i} is ${number.value}, at most ${maxval}`);
    samples[i] = number.value;
    offset = number.end;
  }
  return skipSpace(bytes, offset);
}

/** The samples of PBM in text need no spaces between them. */
function readDigit(bytes: Uint8Array, from: number): { value: number; end: number } {
  const start = skipSpace(bytes, from);
  if (start >= bytes.length) throw new CodecError('truncated', `file ends at byte ${bytes.length}, within its samples`);
  if (!isDigit(bytes[start]!)) throw new CodecError('corrupt', 'expected a digit', { byteOffset: start });
  return { value: bytes[start]! - ZERO, end: start + 1 };
}

/** Each row begins with a new byte, at its high bit. */
function fillFromBits(samples: Uint8Array | Uint16Array, bytes: Uint8Array, width: number): void {
  const rowBytes = Math.ceil(width / 8);
  for (let i = 0; i < samples.length; i++) {
    const [row, column] = [Math.floor(i / width), i % width];
    samples[i] = (bytes[row * rowBytes + (column >> 3)]! >> (7 - (column & 7))) & 1;
  }
}

/** Samples above 255 have two bytes, the high one first. */
function fillFromBytes(samples: Uint8Array | Uint16Array, bytes: Uint8Array): void {
  if (samples instanceof Uint8Array) samples.set(bytes.subarray(0, samples.length));
  else for (let i = 0; i < samples.length; i++) samples[i] = (bytes[2 * i]! << 8) | bytes[2 * i + 1]!;
}
