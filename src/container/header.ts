/**
 * The header of a compressed file, byte by byte:
 *
 *     magic 'vdmz' | version (1) | model id (4) | kind (1) | height, width (varints) | steps (1)
 *     | CRC-32 of everything before it, then of the pixels (4) | with alpha only: length of the alpha section (varint)
 *
 * Numbers of more than one byte are big-endian. Kind is the number of channels; its higher bits are reserved and 0.
 * Invariant: a header has exactly one encoding, so encodeHeader(decodeHeader(bytes).header) gives the same bytes.
 */
import { CodecError } from '../errors.ts';
import { type ChannelCount, checkSizeInFile, hasAlpha, isChannelCount, MAX_PIXELS, MAX_SIDE } from '../image/image.ts';
import { crc32 } from './checksum.ts';
import { decodeVarint, encodeVarint } from './varint.ts';

const MAGIC = Uint8Array.of(0x76, 0x64, 0x6d, 0x7a); // 'vdmz'
const VERSION = 2;
const UINT32_MAX = 0xffff_ffff;
const UINT8_MAX = 0xff;

/** Steps of a file whose payload is a PNG; its model id and alpha length are 0. */
export const PNG_STEPS = 0;

/** The header's fields that come before the checksum. */
export interface HeaderStart {
  readonly version: 2;
  /** First 32 bits of the SHA-256 of the model's weights, big-endian. */
  readonly modelId: number;
  readonly height: number;
  readonly width: number;
  readonly channels: ChannelCount;
  /** Diffusion steps T of every stage, or PNG_STEPS. */
  readonly numSteps: number;
}

export interface Header extends HeaderStart {
  /** imageChecksum of the header's start and the image's data. */
  readonly checksum: number;
  /** Size in bytes of the alpha section, which opens the payload; 0 for images without alpha. */
  readonly alphaLength: number;
}

/** Checks the whole image: CRC-32 of encodeHeaderStart(header), then of the pixels. */
export const imageChecksum = (headerStart: Uint8Array, data: Uint8Array): number => crc32(data, crc32(headerStart));

/** Encodes the bytes before the checksum. @throws RangeError for a field out of its range. */
export function encodeHeaderStart({ version, modelId, height, width, channels, numSteps }: HeaderStart): Uint8Array {
  assertRange('version', version, VERSION, VERSION);
  assertRange('modelId', modelId, 0, UINT32_MAX);
  assertRange('height', height, 1, MAX_SIDE);
  assertRange('width', width, 1, MAX_SIDE);
  assertRange('height * width', height * width, 1, MAX_PIXELS);
  assertRange('channels', channels, 1, 4);
  assertRange('numSteps', numSteps, 0, UINT8_MAX);
  return Uint8Array.of(
    ...MAGIC,
    version,
    ...uint32Bytes(modelId),
    channels,
    ...encodeVarint(height),
    ...encodeVarint(width),
    numSteps,
  );
}

/** Encodes a header. @throws RangeError for a field out of its range. */
export function encodeHeader(header: Header): Uint8Array {
  const { channels, checksum, alphaLength } = header;
  assertRange('checksum', checksum, 0, UINT32_MAX);
  assertRange('alphaLength', alphaLength, 0, hasAlpha(channels) ? UINT32_MAX : 0);
  const alphaBytes = hasAlpha(channels) ? encodeVarint(alphaLength) : [];
  return Uint8Array.of(...encodeHeaderStart(header), ...uint32Bytes(checksum), ...alphaBytes);
}

/**
 * Reads and checks the header of a whole compressed file.
 * @throws TypeError when it is given no bytes; CodecError 'not-our-format', 'unsupported-version', 'truncated', 'corrupt' or 'too-large'.
 */
export function decodeHeader(bytes: Uint8Array): { header: Header; payloadOffset: number } {
  if (!(bytes instanceof Uint8Array)) throw new TypeError('"bytes" must be a Uint8Array');
  checkMagic(bytes);
  const version = byteAt(bytes, 4);
  if (version !== VERSION) {
    const message = `file has format version ${version}, this program reads version ${VERSION}; use a newer program`;
    throw new CodecError('unsupported-version', message, { byteOffset: 4 });
  }
  const modelId = uint32At(bytes, 5);
  const channels = channelsAt(bytes, 9);
  const height = decodeVarint(bytes, 10);
  const width = decodeVarint(bytes, height.end);
  checkSizeInFile(height.value, width.value);
  const numSteps = byteAt(bytes, width.end);
  const checksum = uint32At(bytes, width.end + 1);
  const alpha = alphaLengthAt(bytes, width.end + 5, channels);
  const start: HeaderStart = { version, modelId, height: height.value, width: width.value, channels, numSteps };
  return { header: { ...start, checksum, alphaLength: alpha.value }, payloadOffset: alpha.end };
}

function checkMagic(bytes: Uint8Array): void {
  const start = bytes.subarray(0, MAGIC.length);
  if (start.length === 0 || start.some((byte, index) => byte !== MAGIC[index])) {
    throw new CodecError('not-our-format', "not a vdmz file: it does not begin with 'vdmz'", { byteOffset: 0 });
  }
  if (start.length < MAGIC.length) byteAt(bytes, MAGIC.length);
}

function channelsAt(bytes: Uint8Array, byteOffset: number): ChannelCount {
  const kind = byteAt(bytes, byteOffset);
  if (!isChannelCount(kind)) throw new CodecError('corrupt', `kind must be 1..4, found ${kind}`, { byteOffset });
  return kind;
}

function alphaLengthAt(bytes: Uint8Array, byteOffset: number, channels: ChannelCount): { value: number; end: number } {
  if (!hasAlpha(channels)) return { value: 0, end: byteOffset };
  const alpha = decodeVarint(bytes, byteOffset);
  const left = bytes.length - alpha.end;
  if (alpha.value > left) {
    const message = `alpha section states ${alpha.value} bytes, but the file ends after ${left}`;
    throw new CodecError('truncated', message, { byteOffset });
  }
  return alpha;
}

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

const uint32Bytes = (value: number): number[] => [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255];

function assertRange(name: string, value: number, min: number, max: number): void {
  if (!Number.isInteger(value) || value < min || value > max) {
    throw new RangeError(`"${name}" must be an integer in ${min}..${max}, got ${value}`);
  }
}
