import { describe, expect, it } from 'vitest';
import { compress } from '../src/compress.ts';
import { decodeFile } from '../src/container/header.ts';
import { revealedSteps } from '../src/progressive-revealed.ts';
import { fixtureImage } from './helpers/fixtures.ts';

describe.each([
  ['noise-gray8-1x1', 1],
  ['smooth-gray8-64x48', 1],
  ['disc-rgba8-40x33', 1],
  ['smooth-rgb8-97x71', 3],
])('the steps of %s in bands: %i', async (name, bands) => {
  const image = await fixtureImage(name);
  const file = await compress(image, { method: 'absorbing', bands });
  const steps = await revealedSteps(file);

  it('go from nothing to the whole image', () => {
    expect(steps[0]).toMatchObject({ pixels: 0, bits: 0 });
    expect(steps.at(-1)).toMatchObject({ pixels: image.height * image.width, rmse: 0 });
  });

  it('have the bits of the payload at last', () => {
    expect(steps.at(-1)!.bits).toBe(8 * decodeFile(file).payload.length);
  });

  it('never take pixels or bits back', () => {
    for (const [i, { pixels, bits }] of steps.entries()) {
      expect(pixels).toBeGreaterThanOrEqual(steps[i - 1]?.pixels ?? 0);
      expect(bits).toBeGreaterThanOrEqual(steps[i - 1]?.bits ?? 0);
    }
  });

  it('have the pixels of the image where they are revealed, and one colour elsewhere', () => {
    const { pixels, estimate } = steps[Math.floor(steps.length / 2)]!;
    const { height, width, channels, data } = estimate();
    expect({ height, width }).toEqual({ height: image.height, width: image.width });
    const rows = Array.from({ length: height * width }, (_, i) => data.slice(i * channels, (i + 1) * channels));
    const samplesOf = (i: number) => image.data.slice(i * image.channels, i * image.channels + channels);
    const wrong = rows.filter((row, i) => row.join() !== samplesOf(i).join());
    expect(wrong.length).toBeLessThanOrEqual(height * width - pixels);
    expect(new Set(wrong.map((row) => row.join())).size).toBeLessThanOrEqual(1);
  });
});

it('refuses a file whose pixels are not those of its checksum', async () => {
  const file = await compress(await fixtureImage('disc-rgba8-40x33'), { method: 'absorbing' });
  // That of the pixels comes after magic, version, kind, height, width, steps and the model.
  file[4 + 1 + 1 + 2 + 1 + 4]! ^= 1;
  await expect(revealedSteps(file)).rejects.toMatchObject({ code: 'corrupt' });
});

it('refuses files of other kinds', async () => {
  const file = await compress(await fixtureImage('flat-rgb8-32x32'), { method: 'kept' });
  await expect(revealedSteps(file)).rejects.toMatchObject({ code: 'unsupported-image' });
});
