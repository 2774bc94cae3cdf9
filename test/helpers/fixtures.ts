/** The committed fixtures: images, and the tiny models that tests code them with. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Image, type Image8, requireImage8 } from '../../src/image/image.ts';
import { readImage } from '../../src/image/read-image.ts';
import type { AbsorbingModel } from '../../src/model/absorbing-model.ts';
import { loadGaussianModel, loadModel } from '../../src/model/installed-models.ts';
import { cut } from '../../src/pyramid/samples.ts';

const FIXTURES = new URL('../../fixtures/', import.meta.url);

export const fixturePath = (path: string): string => fileURLToPath(new URL(path, FIXTURES));
export const readFixture = (path: string): Uint8Array => new Uint8Array(readFileSync(fixturePath(path)));
export const fixtureNames = (folder: string): string[] => readdirSync(fixturePath(folder)).sort();

/** An image of any depth. @param name without '.png' */
export const anyFixtureImage = (name: string): Promise<Image> => readImage(readFixture(`images/${name}.png`));
/** An image of 8 bits a sample. @param name without '.png' */
export const fixtureImage = async (name: string): Promise<Image8> => requireImage8(await anyFixtureImage(name));

/** The middle of a photograph, small enough to be coded with latents. */
export async function smallPhoto(side = 64): Promise<Image8> {
  const { height, width, channels, bitDepth, data } = await fixtureImage('photo-rgb8-256x192');
  const middle = { row: (height - side) >> 1, column: (width - side) >> 1, height: side, width: side };
  return { height: side, width: side, channels, bitDepth, data: cut(data, width, middle, channels) };
}

export const tinyModel = await loadGaussianModel(fixturePath('networks/tiny'));
/** Of absorbing diffusion. */
export const tinyPixels = (await loadModel(fixturePath('networks/tiny-pixels'))) as AbsorbingModel;
