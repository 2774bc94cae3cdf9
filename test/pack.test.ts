import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { type ArchiveSource, sourceOfBytes } from '../src/archive/archive-source.ts';
import { archiveStart, encodeGroup } from '../src/archive/group.ts';
import { compress } from '../src/compress.ts';
import type { CodecError } from '../src/errors.ts';
import type { Image } from '../src/image/image.ts';
import { decodePng, readSupportedPng } from '../src/image/png.ts';
import { concatenate } from '../src/image/png-chunks.ts';
import { findRestoration } from '../src/image/png-original.ts';
import { readImage } from '../src/image/read-image.ts';
import { listArchive } from '../src/list-archive.ts';
import { type PackItem, type PackOptions, pack } from '../src/pack.ts';
import { type Unpacked, type UnpackOptions, unpack } from '../src/unpack.ts';
import { fixtureImage, fixtureNames, tinyModel as model, readFixture } from './helpers/fixtures.ts';
import { makeImage } from './helpers/images.ts';
import { writePng } from './image/png-writer.ts';

const OPTIONS = { model, numSteps: 2, threads: 1 } as const;
/** The small model is behind WebP on most images. */
const DIFFUSION = { method: 'diffusion' } as const;

async function packed(items: Iterable<PackItem>, options: PackOptions = {}): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for await (const piece of pack(items, { ...OPTIONS, ...options })) pieces.push(piece);
  return concatenate(pieces);
}

async function unpacked(source: ArchiveSource | Uint8Array, options: UnpackOptions = {}): Promise<Unpacked[]> {
  const from = source instanceof Uint8Array ? sourceOfBytes(source) : source;
  return allOf(unpack(from, { model, threads: 1, ...options }));
}

async function allOf<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** A PNG with bytes after its end comes back whole, those included. */
const fixturePng = () => readFixture('images/noise-rgb8-1x1.png');

const pngsOf = (results: readonly Unpacked[]): Map<string, Uint8Array | string> =>
  new Map(results.map(({ name, png, error }) => [name, png ?? error.code]));

const photo = (seed: number, channels: Image['channels'] = 3): Image =>
  makeImage('gradient', { height: 5 + seed, width: 9, channels, seed });

const FIXTURES = fixtureNames('images').map((name) => ({
  name: `fixtures/${name}`,
  data: readFixture(`images/${name}`),
}));
const SIXTEEN_BIT = writePng({ height: 2, width: 3, depth: 16, colourType: 0, samples: [1, 2, 3, 4, 5, 60_000] });

describe('an archive', () => {
  it('gives back every PNG file', async () => {
    const items = [...FIXTURES, { name: '16.png', data: SIXTEEN_BIT }];
    const results = pngsOf(await unpacked(await packed(items)));
    expect(results.size).toBe(items.length);
    for (const { name, data } of items) {
      const open = readSupportedPng(data);
      const isExact = open === undefined || findRestoration(data, open).isExact;
      const png = results.get(name) as Uint8Array;
      if (isExact) expect(png, name).toEqual(data);
      else expect(decodePng(png), name).toEqual(open?.image);
    }
  });

  it('gives back the pixels of images', async () => {
    const images = ([1, 2, 3, 4] as const).map((channels) => photo(channels, channels));
    const items = images.map((data, i) => ({ name: `${i}.png`, data }));
    const results = pngsOf(await unpacked(await packed(items, { verify: true, ...DIFFUSION })));
    for (const { name, data } of items) expect(await readImage(results.get(name) as Uint8Array)).toEqual(data);
  });

  it('gives back the pixels and chunks of a PNG whose encoder is not known', async () => {
    const { data, ...size } = photo(3);
    const png = await sharp(data, { raw: size }).png({ progressive: true }).withMetadata({ density: 77 }).toBuffer();
    const [result] = await unpacked(await packed([{ name: 'a.png', data: png }], { verify: true, ...DIFFUSION }));
    expect(await sharp(result!.png).metadata()).toMatchObject({ density: 77, isProgressive: true });
    expect((await readImage(result!.png!)).data).toEqual(data);
  });

  it('of nothing is empty', async () => {
    expect(await unpacked(await packed([]))).toEqual([]);
  });

  it('is the same from generators, for any number of threads', async () => {
    const items = [1, 2, 3].map((seed) => ({ name: `${seed}`, data: photo(seed) }));
    const slowly = async function* () {
      yield* items;
    };
    const [one, other] = [await packed(items), await packed(slowly() as never, { threads: 2 })];
    expect(other).toEqual(one);
  });

  it('takes small photographs in less than files of their own', async () => {
    const { data, height, width, channels } = await fixtureImage('photo-rgb8-256x192');
    const side = 24;
    const items = await Promise.all(
      Array.from({ length: 8 }, async (_, i) => {
        const place = { left: 32 * i, top: 64, width: side, height: side };
        const crop = await sharp(data, { raw: { width, height, channels } }).extract(place).raw().toBuffer();
        const image: Image = { height: side, width: side, channels: 3, bitDepth: 8, data: new Uint8Array(crop) };
        return { name: `${i}.png`, data: image };
      }),
    );
    const files = await Promise.all(items.map((item) => compress(item.data, { ...OPTIONS, ...DIFFUSION })));
    expect((await packed(items, DIFFUSION)).length).toBeLessThan(files.reduce((sum, file) => sum + file.length, 0));
  });

  it('lists what it holds', async () => {
    const items = [
      { name: 'b/a.png', data: makeImage('flat', { height: 6, width: 9, channels: 4 }) },
      { name: 'drawn.png', data: makeImage('flat', { height: 300, width: 400, channels: 3 }) },
      { name: '16.png', data: SIXTEEN_BIT },
    ];
    const entries = await allOf(listArchive(sourceOfBytes(await packed(items))));
    expect(entries.sort((a, b) => (a.name < b.name ? -1 : 1))).toEqual([
      { name: '16.png', geometry: { height: 2, width: 3, channels: 1, bitDepth: 16 }, bytes: expect.any(Number) },
      { name: 'b/a.png', geometry: { height: 6, width: 9, channels: 4, bitDepth: 8 }, bytes: undefined },
      { name: 'drawn.png', geometry: { height: 300, width: 400, channels: 3, bitDepth: 8 }, bytes: expect.any(Number) },
    ]);
  });

  it('gives single images, and reads only what that takes', async () => {
    const items = [1, 2, 3, 4].map((seed) => ({ name: `${seed}`, data: photo(seed) }));
    const drawn = [1, 2].map((i) => ({
      name: `drawn${i}`,
      data: makeImage('gradient', { height: 300, width: 300, channels: 3 }),
    }));
    const whole = sourceOfBytes(await packed([...items, ...drawn], DIFFUSION));
    let bytesRead = 0;
    const source = {
      ...whole,
      read: (offset: number, length: number) => {
        bytesRead += length;
        return whole.read(offset, length);
      },
    };
    const results = await unpacked(source, { isWanted: (name) => name === '2' || name === 'drawn2' });
    expect(results.map(({ name }) => name)).toEqual(['2', 'drawn2']);
    expect(await readImage(results[0]!.png!)).toEqual(items[1]!.data);
    expect(bytesRead).toBeLessThan(0.6 * whole.size);
  });

  it('leaves out what is no PNG and goes on', async () => {
    const faults: [string, string][] = [];
    const items = [
      { name: 'a', data: photo(1) },
      { name: 'bad', data: SIXTEEN_BIT.slice(0, 50) },
      { name: 'b', data: photo(2) },
    ];
    const archive = await packed(items, { onFault: (name, { code }) => void faults.push([name, code]) });
    expect(faults).toEqual([['bad', 'truncated']]);
    expect((await unpacked(archive)).map(({ name }) => name)).toEqual(['a', 'b']);
    await expect(packed(items)).rejects.toMatchObject({ code: 'truncated' });
  });

  it.each([
    ['../a', /"name" "\.\.\/a" is no path below a folder/],
    ['', /"name" "" is empty/],
    ['twice', /"twice" is given twice/],
    [7 as never, /"name" 7 is no string/],
  ])('has no image of the name %j', async (name, message) => {
    const items = [
      { name: 'twice', data: photo(1) },
      { name, data: photo(2) },
    ];
    await expect(packed(items)).rejects.toThrow(message);
  });

  it('is not begun with wrong options, and ends with its signal', async () => {
    const items = [{ name: 'a', data: photo(1) }];
    await expect(packed(items, { numSteps: 3 })).rejects.toThrow(RangeError);
    await expect(packed(items, { signal: AbortSignal.abort(new Error('stop')) })).rejects.toThrow('stop');
    await expect(packed([{ name: 'a', data: { ...photo(1), width: 0 } }])).rejects.toThrow(RangeError);
    const archive = await packed(items);
    await expect(unpacked(archive, { signal: AbortSignal.abort(new Error('stop')) })).rejects.toThrow('stop');
  });
});

describe('a damaged archive', () => {
  const groups = Promise.all(
    [1, 2, 3].map(async (group) => {
      const items = [1, 2, 3].map((seed) => ({ name: `${group}/${seed}`, data: photo(seed + 3 * group) }));
      return { items, archive: await packed(items, DIFFUSION) };
    }),
  );

  const START = 5;
  const END = packed([]).then((empty) => empty.subarray(START));

  /** An archive of three groups, and where each begins. */
  async function threeGroups(): Promise<{ archive: Uint8Array; offsets: number[] }> {
    const end = await END;
    const bodies = (await groups).map(({ archive }) => archive.subarray(START, archive.length - end.length));
    const archive = concatenate([(await groups)[0]!.archive.subarray(0, START), ...bodies, end]);
    const offsets = [START];
    for (const { length } of bodies) offsets.push(offsets.at(-1)! + length);
    return { archive, offsets };
  }

  async function outcomeOf(archive: Uint8Array) {
    const damages: CodecError[] = [];
    const results = await unpacked(archive, { onDamage: ({ error }) => void damages.push(error) });
    return { results: pngsOf(results), damages: damages.map(({ code }) => code) };
  }

  it('loses no group but the one whose head is hit', async () => {
    const { archive, offsets } = await threeGroups();
    for (const at of [0, 5, 9, 13, 16, 20]) {
      const damaged = archive.slice();
      damaged[offsets[1]! + at]! ^= 0x11;
      const { results, damages } = await outcomeOf(damaged);
      expect([...results.keys()], `byte ${at}`).toEqual(['1/1', '1/2', '1/3', '3/1', '3/2', '3/3']);
      expect(damages).toHaveLength(1);
    }
  });

  it('gives right images or errors, whatever bit of it is flipped', async () => {
    const { archive, offsets } = await threeGroups();
    const sound = pngsOf(await unpacked(archive));
    for (let bit = 3; bit < 8 * archive.length; bit += 61) {
      const damaged = archive.slice();
      damaged[bit >> 3]! ^= 1 << (bit & 7);
      if (bit >> 3 < START) {
        await expect(outcomeOf(damaged)).rejects.toMatchObject({ code: expect.stringMatching(/our-format|version/) });
        continue;
      }
      const { results } = await outcomeOf(damaged);
      const hit = offsets.findLastIndex((offset) => offset <= bit >> 3);
      for (const [name, png] of sound) {
        const isHit = name.startsWith(`${hit + 1}/`);
        if (!isHit) expect(results.get(name), `bit ${bit}, ${name}`).toEqual(png);
        else if (results.get(name) instanceof Uint8Array) expect(results.get(name), `bit ${bit}, ${name}`).toEqual(png);
      }
    }
  });

  it('that is cut off gives what is left and says so', async () => {
    const { archive, offsets } = await threeGroups();
    const sound = pngsOf(await unpacked(archive));
    for (const length of [START, offsets[1]! + 3, offsets[2]! - 20, offsets[2]!, archive.length - 1]) {
      const { results, damages } = await outcomeOf(archive.subarray(0, length));
      expect(damages, `${length} bytes`).toContain('truncated');
      for (const [name, png] of results) if (png instanceof Uint8Array) expect(png).toEqual(sound.get(name));
    }
    const { results } = await outcomeOf(archive.subarray(0, offsets[2]! - 20));
    expect(results.get('1/3')).toEqual(sound.get('1/3'));
    expect(results.get('2/1')).toEqual(sound.get('2/1'));
    expect(results.get('2/3')).toBe('truncated');
  });

  it('goes on after its end, which is told of', async () => {
    const { archive } = await threeGroups();
    const { results, damages } = await outcomeOf(concatenate([archive, archive]));
    expect(damages).toEqual(['corrupt']);
    expect(results.size).toBe(9);
  });

  it('loses no group where the payload that is hit holds another archive', async () => {
    const { archive } = await threeGroups();
    const inner = concatenate([fixturePng(), await packed([{ name: 'inner', data: photo(1) }], DIFFUSION)]);
    const outer = await packed([{ name: 'a.png', data: inner }]);
    const end = await END;
    const groups = concatenate([outer.subarray(0, outer.length - end.length), archive.subarray(START)]);
    groups[START + 5]! ^= 1;
    const { results } = await outcomeOf(groups);
    for (const name of ['1/1', '3/3']) expect(results.get(name), name).toBeInstanceOf(Uint8Array);
  });

  it('of nothing but heads of groups is soon given up', async () => {
    const head = encodeGroup({ numSteps: 0, files: [{ name: 'a', length: 0 }] }, new Uint8Array(0)).subarray(0, 16);
    new DataView(head.buffer, head.byteOffset).setUint32(4, 0x40_0000);
    const archive = concatenate([
      archiveStart(),
      ...Array.from({ length: 20_000 }, () => head),
      new Uint8Array(0x40_0000),
    ]);
    const started = performance.now();
    expect((await outcomeOf(archive)).damages).toHaveLength(1);
    // Each table by itself would take some ms.
    expect(performance.now() - started).toBeLessThan(10_000);
  });

  it('ends the work where nobody listens', async () => {
    const { archive, offsets } = await threeGroups();
    await expect(unpacked(archive.subarray(0, -1))).rejects.toMatchObject({ code: 'truncated' });
    const list = allOf(listArchive(sourceOfBytes(archive.subarray(0, offsets.at(-1)!))));
    await expect(list).rejects.toThrow('archive has no end: it was cut off');
  });

  it.each([
    ['that is empty', 'not-our-format', new Uint8Array(0)],
    ['that is a PNG', 'not-our-format', SIXTEEN_BIT],
    ['of the magic alone', 'truncated', new TextEncoder().encode('vdma')],
  ])('%s is refused: %s', async (_title, code, bytes) => {
    await expect(unpacked(bytes)).rejects.toMatchObject({ code });
  });

  it.each([
    [2, 'an older'],
    [4, 'an older'],
    [5, 'an older'],
    [7, 'a newer'],
  ])('of version %i is refused, whatever it holds', async (version, age) => {
    const archive = (await groups)[0]!.archive.with(4, version);
    const message = `archive has format version ${version}, this program reads versions 3 and 6; use ${age} program`;
    for (const bytes of [archive, archive.subarray(0, 5)]) {
      await expect(unpacked(bytes)).rejects.toMatchObject({ code: 'unsupported-version', message, byteOffset: 4 });
      const list = allOf(listArchive(sourceOfBytes(bytes)));
      await expect(list).rejects.toMatchObject({ code: 'unsupported-version', message });
    }
  });

  it('of another model than the one given says so of each image', async () => {
    const { archive } = (await groups)[0]!;
    const other = { ...model, id: model.id ^ 1 };
    const results = await unpacked(archive, { model: other });
    expect([...pngsOf(results).values()]).toEqual(['unknown-model', 'unknown-model', 'unknown-model']);
  });
});
