/**
 * A small image at the start of a payload, which shows the image without the rest: how often its height and width were halved, each
 * time rounded up (1 byte), a CRC-32 of that byte and its own payload (4), the length of this (varint), and the payload. As the
 * pixels of the file do not depend on it, it has a checksum of its own.
 */
import { CodecError } from '../errors.ts';
import { ByteReader } from './byte-reader.ts';
import { crc32 } from './checksum.ts';
import { uint32Bytes } from './uint32.ts';
import { encodeVarint } from './varint.ts';

export interface SmallImage {
  /** Halvings, from 1 to as many as there can be. */
  readonly level: number;
  readonly payload: Uint8Array;
}

/** What there is of one, and what follows it. */
export interface SmallImageStart extends SmallImage {
  /** Bytes of its whole payload. */
  readonly length: number;
  readonly checksum: number;
  readonly rest: Uint8Array;
}

export const encodeSmallImage = (small: SmallImage): Uint8Array[] => [
  Uint8Array.of(small.level, ...uint32Bytes(checksumOf(small)), ...encodeVarint(small.payload.length)),
  small.payload,
];

/**
 * @param payload of a file, which may be cut off
 * @param longest side of the image
 * @throws CodecError 'truncated' where it ends before the small image's own payload, or 'corrupt'
 */
export function startOfSmallImage(payload: Uint8Array, longest: number): SmallImageStart {
  const reader = new ByteReader(payload, 'small image');
  const level = reader.uint8();
  const most = halvingsOf(longest);
  if (level < 1 || level > most) {
    const halvings = most === 0 ? 'an image of one pixel has none' : `there must be 1..${most}`;
    throw new CodecError('corrupt', `small image of ${level} halvings, of which ${halvings}`);
  }
  const checksum = reader.uint32();
  const length = reader.varint();
  const left = reader.rest();
  return { level, length, checksum, payload: left.subarray(0, length), rest: left.subarray(length) };
}

/** @throws CodecError 'corrupt' where all of it is there, and is not what it was */
export function checkSmallImage(small: SmallImageStart): void {
  if (isWhole(small) && checksumOf(small) !== small.checksum) {
    throw new CodecError('corrupt', 'checksum of the small image does not match');
  }
}

export const isWhole = ({ length, payload }: SmallImageStart): boolean => payload.length === length;

/** What follows a small image that must be whole and sound. @throws CodecError 'truncated' or 'corrupt' */
export function passSmallImage(payload: Uint8Array, longest: number): Uint8Array {
  const small = startOfSmallImage(payload, longest);
  if (!isWhole(small)) throw new CodecError('truncated', 'payload ends within its small image');
  checkSmallImage(small);
  return small.rest;
}

/** Halvings, each rounded up, until a side is 1. */
const halvingsOf = (side: number): number => 32 - Math.clz32(side - 1);

const checksumOf = ({ level, payload }: SmallImage): number => crc32(payload, crc32(Uint8Array.of(level)));
