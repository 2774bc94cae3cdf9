/** Images by absorbing diffusion on one stack, with and without weights of colours. */
import { describe, expect, it } from 'vitest';
import { sourceOfBytes } from '../../src/archive/archive-source.ts';
import { entryOf, pushChain } from '../../src/archive/chain.ts';
import { archiveEnd, archiveStart, encodeGroup, readGroups } from '../../src/archive/group.ts';
import type { Picture } from '../../src/archive/picture.ts';
import { ABSORBING_STEPS, COLOURS_STEPS } from '../../src/container/payload-kind.ts';
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
  it.each([ABSORBING_STEPS, COLOURS_STEPS])('comes back, of steps %i', async (numSteps) => {
    expect(await imagesOf(await archiveOf(numSteps))).toEqual(IMAGES);
  });

  it('comes back from archives of versions 3 and 4', async () => {
    const archive = await archiveOf(ABSORBING_STEPS);
    expect(archive[VERSION_OFFSET]).toBe(5);
    for (const version of [3, 4]) expect(await imagesOf(archive.with(VERSION_OFFSET, version))).toEqual(IMAGES);
  });

  it('is smaller where colours weigh, as they do in new archives', async () => {
    const [plain, weighed] = [await archiveOf(ABSORBING_STEPS), await archiveOf(COLOURS_STEPS)];
    expect(weighed.length).toBeLessThan(0.97 * plain.length);
    const pieces: Uint8Array[] = [];
    const items = IMAGES.map((image, i) => ({ name: `${i}.png`, data: image }));
    for await (const piece of pack(items, { model, method: 'diffusion', threads: 1 })) pieces.push(piece);
    const steps: number[] = [];
    for await (const { table } of readGroups(sourceOfBytes(concatenate(pieces)), () => undefined)) {
      steps.push(table.numSteps);
    }
    expect(steps).toEqual([COLOURS_STEPS]);
  });
});
