/**
 * The header of a compressed file, byte by byte:
 *
 *     magic 'vdmz' | version (1) | kind (1) | height, width (varints) | steps (1) | of diffusion only: model id (4)
 *     | CRC-32 of everything before it, then of the pixels (4) | lengths (varints) of the sections that there are:
 *     alpha, low bits, original
 *
 * Numbers of more than one byte are big-endian. Kind is the number of channels, plus 0x40 for 16 bits a sample, plus 0x80
 * for a file with an original section; its other bits are reserved and 0. Steps are T, or one of payload-kind.ts.
 * Invariant: a header has exactly one encoding, so encodeHeader(decodeHeader(bytes).header) gives the same bytes.
 */
import { CodecError } from '../errors.ts';
import {
  type BitDepth,
  type ChannelCount,
  checkSizeInFile,
  isChannelCount,
  MAX_PIXELS,
  MAX_SIDE,
} from '../image/image.ts';
import { crc32 } from './checksum.ts';
import {
  ABSORBING_STEPS,
  BANDED_STEPS,
  hasAlphaSection,
  hasLowSection,
  isKept,
  isKnownSteps,
  isOriginalPayload,
  KNOWN_STEPS,
  PREVIEWED_STEPS,
  WEBP_STEPS,
} from './payload-kind.ts';
import { uint32Bytes } from './uint32.ts';
import { unsupportedVersion } from './unsupported-version.ts';
import { decodeVarint, encodeVarint } from './varint.ts';

const MAGIC = Uint8Array.of(0x76, 0x64, 0x6d, 0x7a); // 'vdmz'
/** What an archive begins with (src/archive/group.ts). */
export const ARCHIVE_MAGIC = Uint8Array.of(0x76, 0x64, 0x6d, 0x61); // 'vdma'
/** The format version of files without absorbing diffusion, of those with it, with it in bands, and after a small image. */
export const VERSION = 6;
export const ABSORBING_VERSION = 9;
export const BANDED_VERSION = 10;
export const PREVIEWED_VERSION = 11;
const VERSIONS = [VERSION, ABSORBING_VERSION, BANDED_VERSION, PREVIEWED_VERSION] as const;
export type Version = (typeof VERSIONS)[number];

/** The version that a file states: the first one that had its payload. */
export function versionOf({ numSteps }: Pick<HeaderStart, 'numSteps'>): Version {
  if (numSteps === PREVIEWED_STEPS) return PREVIEWED_VERSION;
  if (numSteps === BANDED_STEPS) return BANDED_VERSION;
  return numSteps === ABSORBING_STEPS ? ABSORBING_VERSION : VERSION;
}

const UINT32_MAX = 0xffff_ffff;

/** Bit of the kind: samples have 16 bits. */
const DEEP_BIT = 0x40;
/** Bit of the kind: there is an original section. */
const ORIGINAL_BIT = 0x80;

/** The header's fields that come before the checksum. */
export interface HeaderStart {
  readonly version: Version;
  /** First 32 bits of the SHA-256 of the model's weights, big-endian; 0 without diffusion. */
  readonly modelId: number;
  readonly height: number;
  readonly width: number;
  readonly channels: ChannelCount;
  readonly bitDepth: BitDepth;
  /** Diffusion steps T of every stage, or the kind of a payload without diffusion. */
  readonly numSteps: number;
  /** There is an original section: the file knows the PNG file that the image comes from. */
  readonly hasOriginal: boolean;
}

export interface Header extends HeaderStart {
  /** fileChecksum, or imageChecksum of the payload if that is the original file. */
  readonly checksum: number;
  /** Size in bytes of the alpha section, which follows the header; 0 where there is none. */
  readonly alphaLength: number;
  /** Size in bytes of the low section, which ends the file; 0 where there is none. */
  readonly lowLength: number;
  /** Size in bytes of the original section, which follows that of alpha; 0 where there is none. */
  readonly originalLength: number;
}

/** Checks the whole image: CRC-32 of encodeHeaderStart(header), then of the pixels, sampleBytes(image). */
export const imageChecksum = (headerStart: Uint8Array, data: Uint8Array): number => crc32(data, crc32(headerStart));

/** The checksum of a file: decoders of WebP pass over damage, so there the payload is checked before the pixels. */
export function fileChecksum(start: HeaderStart, payload: Uint8Array, data: Uint8Array): number {
  const bytes = encodeHeaderStart(start);
  return start.numSteps === WEBP_STEPS ? crc32(data, crc32(payload, crc32(bytes))) : imageChecksum(bytes, data);
}

/** Encodes the bytes before the checksum. @throws RangeError for a field out of its range. */
export function encodeHeaderStart(start: HeaderStart): Uint8Array {
  const { version, modelId, height, width, channels, bitDepth, numSteps, hasOriginal } = start;
  assertRange('version', version, versionOf(start), versionOf(start));
  assertRange('modelId', modelId, 0, isKept(start) ? 0 : UINT32_MAX);
  assertRange('height', height, 1, MAX_SIDE);
  assertRange('width', width, 1, MAX_SIDE);
  assertRange('height * width', height * width, 1, MAX_PIXELS);
  assertRange('channels', channels, 1, 4);
  if (!isKnownSteps(numSteps)) throw new RangeError(`"numSteps" must be that of a payload, got ${numSteps}`);
  if (bitDepth !== 8 && bitDepth !== 16) throw new RangeError(`"bitDepth" must be 8 or 16, got ${bitDepth}`);
  return Uint8Array.of(
    ...MAGIC,
    version,
    channels + (bitDepth === 16 ? DEEP_BIT : 0) + (hasOriginal ? ORIGINAL_BIT : 0),
    ...encodeVarint(height),
    ...encodeVarint(width),
    numSteps,
    ...(isKept(start) ? [] : uint32Bytes(modelId)),
  );
}

/** Encodes a header. @throws RangeError for a field out of its range. */
export function encodeHeader(header: Header): Uint8Array {
  const { checksum, alphaLength, lowLength, hasOriginal, originalLength } = header;
  assertRange('checksum', checksum, 0, UINT32_MAX);
  const lengths = [
    ...sectionLength('alphaLength', alphaLength, hasAlphaSection(header)),
    ...sectionLength('lowLength', lowLength, hasLowSection(header)),
    ...sectionLength('originalLength', originalLength, hasOriginal),
  ];
  return Uint8Array.of(...encodeHeaderStart(header), ...uint32Bytes(checksum), ...lengths);
}

function sectionLength(name: string, length: number, exists: boolean): Iterable<number> {
  assertRange(name, length, 0, exists ? UINT32_MAX : 0);
  return exists ? encodeVarint(length) : [];
}

/**
 * Reads and checks the header of a compressed file.
 * @param fileLength of the whole file, where `bytes` are only its first ones
 * @throws TypeError when it is given no bytes; CodecError 'not-our-format', 'unsupported-version', 'truncated', 'corrupt' or 'too-large'.
 */
export function decodeHeader(bytes: Uint8Array, fileLength = bytes?.length): { header: Header; payloadOffset: number } {
  if (!(bytes instanceof Uint8Array)) throw new TypeError('"bytes" must be a Uint8Array');
  checkMagic(bytes);
  const version = versionAt(bytes, 4);
  const kind = kindAt(bytes, 5);
  const height = decodeVarint(bytes, 6);
  const width = decodeVarint(bytes, height.end);
  checkSizeInFile(height.value, width.value);
  const numSteps = stepsAt(bytes, width.end);
  const coding = { ...kind, numSteps };
  if (version !== versionOf(coding)) {
    throw new CodecError('corrupt', `version ${version} has no payload of ${numSteps} steps`, { byteOffset: 4 });
  }
  const modelEnd = width.end + (isKept(coding) ? 1 : 5);
  const modelId = isKept(coding) ? 0 : uint32At(bytes, width.end + 1);
  const checksum = uint32At(bytes, modelEnd);
  const alpha = sectionLengthAt(bytes, modelEnd + 4, hasAlphaSection(coding));
  const low = sectionLengthAt(bytes, alpha.end, hasLowSection(coding));
  const original = sectionLengthAt(bytes, low.end, kind.hasOriginal);
  if (kind.hasOriginal && (original.value === 0 || isOriginalPayload(coding))) {
    const message = original.value === 0 ? 'original section is empty' : 'an original file has no original section';
    throw new CodecError('corrupt', message, { byteOffset: low.end });
  }
  const left = fileLength - original.end;
  if (alpha.value + original.value > left) {
    const message = `file states sections of ${alpha.value} and ${original.value} bytes, but ends after ${left}`;
    throw new CodecError('truncated', message, { byteOffset: modelEnd + 4 });
  }
  const size = { height: height.value, width: width.value };
  const lengths = { alphaLength: alpha.value, lowLength: low.value, originalLength: original.value };
  return {
    header: { version, modelId, ...size, ...coding, checksum, ...lengths },
    payloadOffset: original.end,
  };
}

/** What comes before a file's payload. */
interface FileStart {
  readonly header: Header;
  readonly alpha: Uint8Array;
  readonly original: Uint8Array;
}

export interface FileParts extends FileStart {
  /** The stack, or the image file that is kept. */
  readonly payload: Uint8Array;
  readonly low: Uint8Array;
}

/** Bytes of a header, at most. */
export const MAX_HEADER_BYTES = 36;

/** A file as its parts, which share its memory. @throws as decodeHeader */
export function decodeFile(bytes: Uint8Array): FileParts {
  const { rest, ...start } = decodeFileStart(bytes);
  const payloadLength = rest.length - start.header.lowLength;
  if (payloadLength < 0) {
    const message = `file states a low section of ${start.header.lowLength} bytes, but ends after ${rest.length}`;
    throw new CodecError('truncated', message, { byteOffset: bytes.length });
  }
  return { ...start, payload: rest.subarray(0, payloadLength), low: rest.subarray(payloadLength) };
}

/** The parts of a file that may be cut off; the rest begins with its payload, or with as much of it as there is. */
export function decodeFileStart(bytes: Uint8Array): FileStart & { readonly rest: Uint8Array } {
  const { header, payloadOffset } = decodeHeader(bytes);
  const originalOffset = payloadOffset + header.alphaLength;
  const end = originalOffset + header.originalLength;
  const [alpha, original] = [bytes.subarray(payloadOffset, originalOffset), bytes.subarray(originalOffset, end)];
  return { header, alpha, original, rest: bytes.subarray(end) };
}

/** True for what begins as a file of this format. */
export const hasMagic = (bytes: Uint8Array): boolean => MAGIC.every((byte, index) => bytes[index] === byte);

/** True for what begins as an archive. */
export const hasArchiveMagic = (bytes: Uint8Array): boolean =>
  ARCHIVE_MAGIC.every((byte, index) => bytes[index] === byte);

function checkMagic(bytes: Uint8Array): void {
  const start = bytes.subarray(0, MAGIC.length);
  if (start.length === 0 || start.some((byte, index) => byte !== MAGIC[index])) {
    const what = hasArchiveMagic(start)
      ? 'an archive of many files, which list and unpack read'
      : "not a vdmz file: it does not begin with 'vdmz'";
    throw new CodecError('not-our-format', what, { byteOffset: 0 });
  }
  if (start.length < MAGIC.length) byteAt(bytes, MAGIC.length);
}

function versionAt(bytes: Uint8Array, byteOffset: number): Version {
  const found = byteAt(bytes, byteOffset);
  const version = VERSIONS.find((known) => known === found);
  if (version !== undefined) return version;
  throw unsupportedVersion('file', found, VERSIONS, byteOffset);
}

function kindAt(bytes: Uint8Array, byteOffset: number): Pick<HeaderStart, 'channels' | 'bitDepth' | 'hasOriginal'> {
  const kind = byteAt(bytes, byteOffset);
  const channels = kind & ~(DEEP_BIT | ORIGINAL_BIT);
  if (!isChannelCount(channels)) {
    throw new CodecError('corrupt', `kind must be 1..4, plus 64, 128 or both, found ${kind}`, { byteOffset });
  }
  return { channels, bitDepth: (kind & DEEP_BIT) === 0 ? 8 : 16, hasOriginal: (kind & ORIGINAL_BIT) !== 0 };
}

function stepsAt(bytes: Uint8Array, byteOffset: number): number {
  const numSteps = byteAt(bytes, byteOffset);
  if (isKnownSteps(numSteps)) return numSteps;
  const message = `number of steps must be one of ${KNOWN_STEPS.join(', ')}, found ${numSteps}`;
  throw new CodecError('corrupt', message, { byteOffset });
}

const sectionLengthAt = (bytes: Uint8Array, byteOffset: number, exists: boolean): { value: number; end: number } =>
  exists ? decodeVarint(bytes, byteOffset) : { value: 0, end: byteOffset };

function byteAt(bytes: Uint8Array, byteOffset: number): number {
  const byte = bytes[byteOffset];
  if (byte === undefined) {
    throw new CodecError('truncated', `file ends at byte ${bytes.length}, within its header`, { byteOffset });
  }
  return byte;
}

function uint32At(bytes: Uint8Array, byteOffset: number): number {
  byteAt(bytes, byteOffset + 3);
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(byteOffset);
}

function assertRange(name: string, value: number, min: number, max: number): void {
  if (!Number.isInteger(value) || value < min || value > max) {
    throw new RangeError(`"${name}" must be an integer in ${min}..${max}, got ${value}`);
  }
}
