/** Images by absorbing diffusion on one stack. */
import { describe, expect, it } from 'vitest';
import { sourceOfBytes } from '../../src/archive/archive-source.ts';
import { entryOf, pushChain } from '../../src/archive/chain.ts';
import { archiveEnd, archiveStart, encodeGroup, readGroups } from '../../src/archive/group.ts';
import { decodeTable, encodeTable } from '../../src/archive/group-table.ts';
import type { Picture } from '../../src/archive/picture.ts';
import { ABSORBING_STEPS } from '../../src/container/payload-kind.ts';
import type { Image8 } from '../../src/image/image.ts';
import { decodePng } from '../../src/image/png.ts';
import { concatenate } from '../../src/image/png-chunks.ts';
import { pack } from '../../src/pack.ts';
import { unpack } from '../../src/unpack.ts';
import { tinyPixels as model } from '../helpers/fixtures.ts';
import { makeGaps } from '../helpers/gaps.ts';

const IMAGES: readonly Image8[] = [
  makeGaps({ height: 64, width: 65, channels: 3 }),
  makeGaps({ height: 9, width: 7, channels: 4 }),
  makeGaps({ height: 66, width: 64, channels: 1 }),
];
const VERSION_OFFSET = 4;
/** Of an earlier network. */
const COLOURS_STEPS = 7;

/** An archive of one group. */
async function archiveOf(numSteps: number): Promise<Uint8Array> {
  const pictures = IMAGES.map(
    (image, i): Picture => ({ name: `${i}.png`, image, original: undefined, keptBytes: Number.POSITIVE_INFINITY }),
  );
  const keep = () => Promise.reject(new Error('is not to be kept'));
  const { stack, chained } = await pushChain(pictures, { model, numSteps, threads: 1 }, keep);
  const table = { numSteps, modelId: model.id, images: await Promise.all(chained.map(entryOf)) };
  return concatenate([archiveStart(), encodeGroup(table, stack.toBytes()), archiveEnd()]);
}

async function imagesOf(archive: Uint8Array): Promise<unknown[]> {
  const images: unknown[] = [];
  for await (const { png, error } of unpack(sourceOfBytes(archive), { model, threads: 1 })) {
    images.push(error ?? decodePng(png!));
  }
  return images;
}

describe('a chain of absorbing diffusion', () => {
  it('comes back', async () => {
    expect(await imagesOf(await archiveOf(ABSORBING_STEPS))).toEqual(IMAGES);
  });

  it('does not depend on what was coded before on the same network', async () => {
    const archive = await archiveOf(ABSORBING_STEPS);
    expect(await archiveOf(ABSORBING_STEPS)).toEqual(archive);
  });

  it('is what pack writes, in archives of version 6', async () => {
    const pieces: Uint8Array[] = [];
    const items = IMAGES.map((image, i) => ({ name: `${i}.png`, data: image }));
    for await (const piece of pack(items, { model, method: 'diffusion', threads: 1 })) pieces.push(piece);
    const archive = concatenate(pieces);
    expect(archive[VERSION_OFFSET]).toBe(6);
    expect(archive).toEqual(await archiveOf(ABSORBING_STEPS));
    const steps: number[] = [];
    for await (const { table } of readGroups(sourceOfBytes(archive), () => undefined)) steps.push(table.numSteps);
    expect(steps).toEqual([ABSORBING_STEPS]);
  });

  it.each([4, 5])('is not read from archives of version %i, whose network was another', async (version) => {
    const archive = (await archiveOf(ABSORBING_STEPS)).with(VERSION_OFFSET, version);
    await expect(imagesOf(archive)).rejects.toMatchObject({ name: 'CodecError', code: 'unsupported-version' });
  });

  it.each([COLOURS_STEPS, 3, 255])('of %i steps is no group', async (numSteps) => {
    const archive = await archiveOf(ABSORBING_STEPS);
    const groups = readGroups(sourceOfBytes(archive), () => undefined);
    const { table } = (await groups.next()).value!;
    expect(() => encodeTable({ ...table, numSteps } as never)).not.toThrow();
    expect(() => decodeTable(encodeTable({ ...table, numSteps } as never))).toThrow(
      expect.objectContaining({ code: 'corrupt', message: `table of a group has ${numSteps} steps` }),
    );
  });
});
