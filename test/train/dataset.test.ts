import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { isValidationFile, readDataset } from '../../src/train/dataset.ts';
import { Random } from '../../src/train/random.ts';
import { temporaryFolder, writePicture } from '../helpers/tiny-runs.ts';

const VALIDATION_OF_40 = ['photo-9.png', 'photo-13.png', 'photo-38.png', 'photo-39.png'];

describe('isValidationFile', () => {
  it('names the same files for ever', () => {
    const names = Array.from({ length: 40 }, (_, i) => `photo-${i}.png`);
    expect(names.filter(isValidationFile)).toEqual(VALIDATION_OF_40);
  });

  it('chooses about a tenth', () => {
    const names = Array.from({ length: 5000 }, (_, i) => `IMG_${i}.jpg`);
    expect(Math.abs(names.filter(isValidationFile).length - 500)).toBeLessThan(90); // four standard deviations
  });
});

/** A sheet of random 32x32 images, one a row. */
async function writeSheet(path: string, count: number): Promise<void> {
  const data = Uint8Array.from(
    { length: count * 1024 * 3 },
    (
      (random) => () =>
        random.integer(256)
    )(new Random(8)),
  );
  await sharp(data, { raw: { height: count, width: 1024, channels: 3 } })
    .png()
    .toFile(path);
}

describe('readDataset', () => {
  it('splits photographs into training and validation, with pyramids down to 16 pixels', async () => {
    const folder = await temporaryFolder();
    const training = ['photo-0.png', 'photo-1.png'];
    for (const name of [...training, VALIDATION_OF_40[0]!]) await writePicture(join(folder, name), 70, 45, 1);
    await writeFile(join(folder, 'photo-2.png.txt'), 'no image');
    const data = await readDataset([folder], 'train');
    expect(data.small).toEqual([]);
    expect(data.photos.map((levels) => levels.map(({ height, width }) => [height, width]))).toEqual([
      [
        [70, 45],
        [35, 23],
      ],
      [
        [70, 45],
        [35, 23],
      ],
    ]);
    for (const { height, width, data: plane } of data.photos[0]!) expect(plane).toHaveLength(height * width * 3);
    expect((await readDataset([folder], 'validation')).photos).toHaveLength(1);
  });

  it('reads YCoCg planes', async () => {
    const folder = await temporaryFolder();
    await sharp({ create: { height: 16, width: 16, channels: 3, background: { r: 200, g: 100, b: 40 } } })
      .png()
      .toFile(join(folder, 'photo-0.png'));
    const { photos } = await readDataset([folder], 'train');
    // Co = r - b, t = b + (Co >> 1), Cg = g - t, Y = t + (Cg >> 1)
    expect(Array.from(photos[0]![0]!.data.subarray(0, 3))).toEqual([110, 160, -20]);
  });

  it('reads the training sheets of CIFAR-10 and no others', async () => {
    const folder = await temporaryFolder();
    for (const name of ['data_batch_1.png', 'data_batch_2.png', 'test_batch.png'])
      await writeSheet(join(folder, name), 3);
    const data = await readDataset([folder], 'train');
    expect(data.photos).toEqual([]);
    expect(data.small).toHaveLength(6);
    expect(data.small[0]!.map(({ height }) => height)).toEqual([32, 16, 8, 4, 2]);
    await expect(readDataset([folder], 'validation')).rejects.toThrow(/no training images in/);
  });
});
