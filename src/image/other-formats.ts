/**
 * Still images of other formats, of 8 or 16 bits a sample, decoded by sharp (libvips): their pixels exactly as the
 * file's decoder gives them, with neither a colour profile nor an orientation applied.
 */
import type { Metadata, Sharp } from 'sharp';
import { CodecError } from '../errors.ts';
import { type ChannelCount, checkSizeInFile, type Image, isChannelCount, MAX_PIXELS } from './image.ts';

/** Formats of pixels, by sharp's names; it also draws vector images, which have none. */
const FORMATS: readonly string[] = ['gif', 'heif', 'jpeg', 'tiff', 'webp'];
/** Colour spaces whose samples need no conversion, RGB of any primaries and gray, by sharp's name of their depth. */
const SPACES: Readonly<Record<string, readonly string[]>> = { uchar: ['b-w', 'srgb'], ushort: ['grey16', 'rgb16'] };

/**
 * Decodes a WebP, JPEG, TIFF, GIF or AVIF file.
 * @throws CodecError 'unsupported-image', 'too-large' or 'corrupt'.
 */
export async function decodeWithSharp(bytes: Uint8Array, maxPixels?: number): Promise<Image> {
  // Loaded on demand: PNG files need no native module.
  const { default: sharp } = await import('sharp');
  if (bytes.length === 0) throw new CodecError('unsupported-image', 'file is empty');
  const input = sharp(bytes, { ignoreIcc: true, limitInputPixels: MAX_PIXELS });
  const metadata = await input.metadata().catch(failMetadata);
  checkMetadata(metadata, maxPixels);
  return decodePixels(input, metadata);
}

function checkMetadata({ format, pages, depth, space, height, width }: Metadata, maxPixels?: number): void {
  if (!FORMATS.includes(format)) throw unsupported(`${format} images are not supported`);
  if (pages !== undefined && pages > 1) {
    throw unsupported(`animations and files of several images are not supported, this one has ${pages}`);
  }
  const spaces = SPACES[depth ?? ''];
  if (spaces === undefined) throw unsupported(`samples of type ${depth} are not supported, only of 8 and 16 bits`);
  if (!spaces.includes(space)) throw unsupported(`colour space ${space} is not supported, only RGB and gray`);
  checkSizeInFile(height, width, maxPixels);
}

async function decodePixels(input: Sharp, metadata: Metadata): Promise<Image> {
  return metadata.depth === 'ushort' ? decodePixels16(input, metadata) : decodePixels8(input, metadata);
}

async function decodePixels16(input: Sharp, { channels: stored, space }: Metadata): Promise<Image> {
  // Without a colour space of its own sharp would convert to 8 bits first.
  const output = input.toColourspace(space).raw({ depth: 'ushort' });
  const { data, info } = await output.toBuffer({ resolveWithObject: true }).catch(failPixels);
  const { height, width, channels } = info;
  checkChannels(channels, stored);
  return { height, width, channels, bitDepth: 16, data: samplesOf(data) };
}

/** The buffer's numbers in the order of this machine's bytes, which is sharp's; copied where they are not aligned. */
function samplesOf(bytes: Buffer): Uint16Array {
  const { buffer, byteOffset, length } = bytes.byteOffset % 2 === 0 ? bytes : Uint8Array.from(bytes);
  return new Uint16Array(buffer, byteOffset, length / 2);
}

async function decodePixels8(input: Sharp, { channels: stored }: Metadata): Promise<Image> {
  // By default sharp widens gray to RGB; its 'b-w' in turn drops alpha, so gray + alpha takes the way over RGBA.
  const output = stored === 1 ? input.toColourspace('b-w') : input;
  const { data, info } = await output.raw().toBuffer({ resolveWithObject: true }).catch(failPixels);
  const { height, width, channels } = info;
  if (stored === 2 && channels === 4) {
    return { height, width, channels: 2, bitDepth: 8, data: grayAlphaOfRgba(data) };
  }
  checkChannels(channels, stored);
  return { height, width, channels, bitDepth: 8, data: new Uint8Array(data.buffer, data.byteOffset, data.length) };
}

function checkChannels(found: number, stored: number): asserts found is ChannelCount {
  if (found !== stored || !isChannelCount(found)) throw unsupported(`images of ${stored} channels are not supported`);
}

function grayAlphaOfRgba(rgba: Uint8Array): Uint8Array {
  const data = new Uint8Array(rgba.length / 2);
  for (let i = 0; i < data.length; i += 2) {
    data[i] = rgba[i * 2]!;
    data[i + 1] = rgba[i * 2 + 3]!;
  }
  return data;
}

function failMetadata(cause: unknown): never {
  const message = firstLine(cause);
  if (message.includes('pixel limit')) throw new CodecError('too-large', message, { cause });
  if (message.includes('corrupt')) throw new CodecError('corrupt', message, { cause });
  throw new CodecError('unsupported-image', `not an image that can be read: ${message}`, { cause });
}

function failPixels(cause: unknown): never {
  throw new CodecError('corrupt', `image cannot be decoded: ${firstLine(cause)}`, { cause });
}

const firstLine = (error: unknown): string => String(error instanceof Error ? error.message : error).split('\n')[0]!;

const unsupported = (message: string): CodecError => new CodecError('unsupported-image', message);
