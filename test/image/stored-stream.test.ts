import { deflateSync, inflateSync } from 'node:zlib';
import { zlibSync } from 'fflate';
import { deflate } from 'pako';
import { describe, expect, it } from 'vitest';
import { ByteReader } from '../../src/container/byte-reader.ts';
import { encodeRuns, findStoredStream, readRuns, storeData } from '../../src/image/stored-stream.ts';

const data = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => (i * i) >> 3);
const ENCODERS = {
  'node:zlib': (bytes: Uint8Array) => new Uint8Array(deflateSync(bytes, { level: 0 })),
  pako: (bytes: Uint8Array) => deflate(bytes, { level: 0 }),
  fflate: (bytes: Uint8Array) => zlibSync(bytes, { level: 0 }),
};

describe.each(Object.entries(ENCODERS))('%s', (_name, encode) => {
  it.each([1, 1000, 65_531, 65_534, 65_536, 100_000, 400_000])('%i bytes are stored again alike', (length) => {
    const [bytes, stream] = [data(length), encode(data(length))];
    const found = findStoredStream(stream)!;
    expect(storeData(found, bytes)).toEqual(stream);
    const reader = new ByteReader(encodeRuns(found), 'runs');
    expect(readRuns(reader, length)).toEqual(found.runs);
    expect(reader.rest()).toHaveLength(0);
  });
});

it('takes any blocks, and leaves a sound stream', () => {
  const runs = [
    { length: 1024, count: 2 },
    { length: 3000, count: 1 },
  ];
  const stream = storeData({ start: [0x78, 1], level: 0, runs }, data(9000));
  expect(new Uint8Array(inflateSync(stream))).toEqual(data(9000));
  expect(findStoredStream(stream)).toEqual({ start: [0x78, 1], level: 0, runs });
});

it.each([1, 6, 9])('finds nothing in streams that are deflated: level %i', (level) => {
  expect(findStoredStream(deflate(data(100_000), { level: level as 1 }))).toBeUndefined();
});

it('finds nothing in streams of short blocks or of many lengths', () => {
  const streamOf = (lengths: readonly number[]) => {
    const blocks = lengths.map((length) => [
      0,
      length & 255,
      length >> 8,
      ~length & 255,
      ~(length >> 8) & 255,
      ...data(length),
    ]);
    return Uint8Array.from([0x78, 1, ...blocks.flat(), 1, 0, 0, 255, 255, 0, 0, 0, 0]);
  };
  const lengths = Array.from({ length: 17 }, (_, i) => 1024 + i);
  expect(findStoredStream(streamOf(lengths.slice(1)))!.runs).toHaveLength(16);
  expect(findStoredStream(streamOf(lengths))).toBeUndefined();
  expect(findStoredStream(streamOf([1023]))).toBeUndefined();
});
