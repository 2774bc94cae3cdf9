/** The committed fixtures: images, and the tiny model that tests code them with. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Image } from '../../src/image/image.ts';
import { readImage } from '../../src/image/read-image.ts';
import { loadModel } from '../../src/model/installed-models.ts';

const FIXTURES = new URL('../../fixtures/', import.meta.url);

export const fixturePath = (path: string): string => fileURLToPath(new URL(path, FIXTURES));
export const readFixture = (path: string): Uint8Array => new Uint8Array(readFileSync(fixturePath(path)));
export const fixtureNames = (folder: string): string[] => readdirSync(fixturePath(folder)).sort();

/** @param name without '.png' */
export const fixtureImage = (name: string): Promise<Image> => readImage(readFixture(`images/${name}.png`));

export const tinyModel = await loadModel(fixturePath('networks/tiny'));
