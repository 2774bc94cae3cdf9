/**
 * What a decoder knows of a file of absorbing diffusion as its bits come in: pixels in the order in which the file reveals them, and
 * the bits of the file that these took. DDPM's rate-distortion curve (arXiv:2006.11239, section 4.3) of the other process.
 */
import { type Band, bandsOf, pixelsOfBand } from './absorbing/bands.ts';
import { pixelsRevealed, wholeDiagonals } from './absorbing/diagonals.ts';
import { NUM_CHANNELS, type Pixels } from './absorbing/neighbourhood.ts';
import { decodePixels } from './absorbing/pixel-codec.ts';
import { decodeAlpha } from './codec/alpha.ts';
import { planeCount, writeAlpha } from './codec/planes.ts';
import { startOfAbsorbing } from './container/absorbing-payload.ts';
import { decodeFile } from './container/header.ts';
import { hasAlphaSection, isAbsorbingPayload } from './container/payload-kind.ts';
import { SegmentReader } from './container/segments.ts';
import { assertImageOf } from './decompress.ts';
import { CodecError } from './errors.ts';
import { checkSizeInFile, type Image8 } from './image/image.ts';
import { rmseOf } from './image/rmse.ts';
import { absorbingModelOf } from './open-coder.ts';
import { emptyPixels, imageOf, type PixelModel, pixelCodingOf } from './open-pixels.ts';
import { assertCodingOptions, type CodingOptions, partOf } from './options.ts';
import { payloadsOf } from './pixel-payload.ts';
import { AnsStack } from './rans/ans-stack.ts';
import { GRAY } from './revealed-start.ts';

export interface RevealedStep {
  /** Pixels that are revealed, from the first on. */
  readonly pixels: number;
  /** Bits of the file's payload received so far, a small image at its start included: header, alpha and what restores a PNG come before it. */
  readonly bits: number;
  /** Root mean square error of the estimate's samples, alpha left out, in 0..255. */
  readonly rmse: number;
  /** Makes the estimate: pixels that are revealed, and their mean in place of others. */
  readonly estimate: () => Image8;
}

/** Steps from the first pixel to the last, about. */
const STEPS = 48;

/**
 * The steps by which a file of absorbing diffusion is decoded, band after band.
 * @throws CodecError when it is not a sound one of these, or of 16 bits a sample, or its model is not installed
 */
export async function revealedSteps(bytes: Uint8Array, options: CodingOptions = {}): Promise<RevealedStep[]> {
  const { header, alpha, payload } = decodeFile(bytes);
  assertCodingOptions(options);
  checkSizeInFile(header.height, header.width, options.maxPixels);
  if (!isAbsorbingPayload(header)) throw new CodecError('unsupported-image', 'file is not of absorbing diffusion');
  if (header.bitDepth !== 8) {
    throw new CodecError('unsupported-image', 'images of 16 bits a sample are not supported here, only of 8');
  }
  const { weights } = await absorbingModelOf(header, options.model);
  const pixels = emptyPixels(header);
  const marks = await decodeWithMarks(pixels, payloadsOf(header, payload), {
    model: { weights, channels: header.channels },
    options,
    firstOffset: startOfAbsorbing(header, payload).bands.byteOffset - payload.byteOffset,
    offsetOf: (part) => part.byteOffset - payload.byteOffset,
  });
  const image = imageOf(pixels, header.channels);
  if (hasAlphaSection(header)) writeAlpha(image, await decodeAlpha(alpha, image));
  assertImageOf({ header, payload }, image);
  return marks.map(({ bits, ...mark }) => {
    const estimate = () => imageOf(estimateOf(pixels, mark), planeCount(header.channels));
    return { pixels: revealedBy(pixels, mark), bits, rmse: rmseOf(estimate(), image), estimate };
  });
}

/** How far a decoder is: bands before this one are whole, and of it the first diagonals are there. */
interface Place {
  readonly band: Band;
  readonly diagonals: number;
}

interface Mark extends Place {
  readonly bits: number;
}

interface Decoding {
  readonly model: PixelModel;
  readonly options: CodingOptions;
  /** Where the bands begin in the payload, in bytes. */
  readonly firstOffset: number;
  /** Where a part of the payload begins in it. */
  readonly offsetOf: (part: Uint8Array) => number;
}

/** Decodes all bands and marks how far that is now and then, at last at the end. @param pixels overwritten @throws CodecError */
async function decodeWithMarks(
  pixels: Pixels,
  payloads: readonly Uint8Array[],
  { model, options, firstOffset, offsetOf }: Decoding,
): Promise<readonly Mark[]> {
  const { height } = pixels;
  const bands = bandsOf(pixels, payloads.length);
  const marks: Mark[] = [{ band: bands[0]!, diagonals: 0, bits: 8 * firstOffset }];
  for (const [i, band] of bands.entries()) {
    const part = pixelsOfBand(pixels, band);
    const reader = new SegmentReader(payloads[i]!);
    let [stack, end] = [new AnsStack(), 0];
    const stackOf = (isLast: boolean): AnsStack => {
      const bytes = reader.next(isLast);
      end = 8 * (offsetOf(bytes) + bytes.length);
      stack = AnsStack.fromBytes(bytes);
      return stack;
    };
    const [from, to] = [band.row / height, (band.row + band.height) / height];
    const share = partOf(options, from, to);
    const onProgress = (fraction: number): void => {
      share.onProgress?.(fraction);
      const done = from + fraction * (to - from);
      if (fraction < 1 && done * STEPS < marks.length) return;
      marks.push({ band, diagonals: wholeDiagonals(part, fraction), bits: end - stack.bitLength });
    };
    await decodePixels(part, pixelCodingOf(model, { ...options, onProgress }), stackOf);
  }
  return marks;
}

/** Pixels of an image that are revealed in each of its rows. */
function* revealedRows({ height, width }: Omit<Pixels, 'data'>, { band, diagonals }: Place): Generator<number> {
  for (let row = 0; row < height; row++) {
    if (row < band.row) yield width;
    else yield row < band.row + band.height ? pixelsRevealed(row - band.row, diagonals, width) : 0;
  }
}

function revealedBy(pixels: Pixels, place: Place): number {
  let count = 0;
  for (const revealed of revealedRows(pixels, place)) count += revealed;
  return count;
}

function estimateOf(pixels: Pixels, place: Place): Pixels {
  const { height, width } = pixels;
  const data = pixels.data.slice();
  const mean = meanOf(pixels, place);
  let row = 0;
  for (const revealed of revealedRows(pixels, place)) {
    for (let i = row * width + revealed; i < (row + 1) * width; i++) data.set(mean, i * NUM_CHANNELS);
    row++;
  }
  return { height, width, data };
}

/** [3] */
function meanOf(pixels: Pixels, place: Place): number[] {
  const { width, data } = pixels;
  const sums = new Array<number>(NUM_CHANNELS).fill(0);
  let [row, count] = [0, 0];
  for (const revealed of revealedRows(pixels, place)) {
    const start = row++ * width * NUM_CHANNELS;
    for (let i = 0; i < revealed * NUM_CHANNELS; i++) sums[i % NUM_CHANNELS]! += data[start + i]!;
    count += revealed;
  }
  return sums.map((sum) => (count === 0 ? GRAY : Math.round(sum / count)));
}
