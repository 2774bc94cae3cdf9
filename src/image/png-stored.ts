/** From pixels to samples as a PNG stores them: what decodePng does, undone. */
import { CodecError } from '../errors.ts';
import { rgbaNumber } from './colours.ts';
import { type Image, type Image8, requireImage8, sampleBytes } from './image.ts';
import { COLOUR_PALETTE, type PngHeader, type PngTables } from './png-chunks.ts';
import { samplesPerPixel } from './png-samples.ts';

/**
 * The samples of an image in the kind of PNG that the header states: [height, width, bytes per pixel].
 * Of equal palette entries it takes the first.
 * @throws CodecError 'corrupt' for an image that such a PNG cannot hold.
 */
export function storedSamples(image: Image, parts: Tables): Uint8Array {
  const { depth, colourType } = parts.header;
  if ((depth === 16) !== (image.bitDepth === 16)) {
    throw new CodecError('corrupt', `a PNG of ${depth} bits cannot hold an image of ${image.bitDepth} bits`);
  }
  return colourType === COLOUR_PALETTE ? indices(requireImage8(image), parts) : narrowed(image, parts);
}

type Tables = PngTables & { readonly header: PngHeader };

function indices(
  { channels, data }: Image8,
  { header, palette = NOTHING, transparency = NOTHING }: Tables,
): Uint8Array {
  checkChannels(channels, transparency.length > 0 ? 4 : 3);
  const indexOf = new Map<number, number>();
  for (let index = Math.floor(palette.length / 3) - 1; index >= 0; index--) {
    const alpha = channels === 4 ? (transparency[index] ?? 255) : 255;
    indexOf.set(rgbaNumber(palette, index * 3, alpha), index);
  }
  const samples = new Uint8Array(data.length / channels);
  for (let i = 0; i < samples.length; i++) {
    const alpha = channels === 4 ? data[i * 4 + 3]! : 255;
    const index = indexOf.get(rgbaNumber(data, i * channels, alpha));
    if (index === undefined || index >= 1 << header.depth) {
      throw new CodecError('corrupt', 'a colour of the image is not in the palette of the PNG');
    }
    samples[i] = index;
  }
  return samples;
}

const NOTHING = new Uint8Array(0);

/** Drops the alpha that a colour key made, and scales samples down to their depth. */
function narrowed(image: Image, { header, transparency }: Tables): Uint8Array {
  const { channels, data } = image;
  const perPixel = samplesPerPixel(header.colourType);
  checkChannels(channels, perPixel + (transparency === undefined ? 0 : 1));
  const scale = header.depth === 16 ? 1 : 255 / ((1 << header.depth) - 1);
  if (channels === perPixel && scale === 1) return sampleBytes(image);
  const samples = new (image.bitDepth === 16 ? Uint16Array : Uint8Array)((data.length / channels) * perPixel);
  for (let target = 0, source = 0; target < samples.length; source += channels) {
    for (let i = 0; i < perPixel; i++) samples[target++] = data[source + i]! / scale;
  }
  return sampleBytes({ data: samples });
}

function checkChannels(found: number, expected: number): void {
  if (found === expected) return;
  throw new CodecError('corrupt', `the PNG needs an image of ${expected} channels, this one has ${found}`);
}
