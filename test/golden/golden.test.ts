/** Files of earlier versions decode to the same pixels for ever, and images compress to the same bytes everywhere. */
import { describe, expect, it } from 'vitest';
import { sourceOfBytes } from '../../src/archive/archive-source.ts';
import { compress } from '../../src/compress.ts';
import { compressPng } from '../../src/compress-png.ts';
import { readAbsorbing, startOfAbsorbing } from '../../src/container/absorbing-payload.ts';
import { decodeFile } from '../../src/container/header.ts';
import {
  ABSORBING_STEPS,
  BANDED_STEPS,
  isAbsorbingPayload,
  isKept,
  ORIGINAL_STEPS,
  PNG_STEPS,
  PREVIEWED_STEPS,
  SAMPLES_STEPS,
  WEBP_STEPS,
} from '../../src/container/payload-kind.ts';
import { decompress, readHeader } from '../../src/decompress.ts';
import { decompressPng } from '../../src/decompress-png.ts';
import { decodePng, readPng } from '../../src/image/png.ts';
import { concatenate } from '../../src/image/png-chunks.ts';
import { findRecipe, followRecipe } from '../../src/image/png-original.ts';
import { type AnyModel, installedModels, loadModel } from '../../src/model/installed-models.ts';
import { pack } from '../../src/pack.ts';
import { unpack } from '../../src/unpack.ts';
import { anyFixtureImage, fixtureNames, readFixture, tinyModel, tinyPixels } from '../helpers/fixtures.ts';
import { chunk, joinPng } from '../image/png-writer.ts';

/** Method of an alpha section. */
const ALPHA_AS_WEBP = 4;
/** Options that a file of absorbing diffusion comes from. */
function absorbingOptions(file: Uint8Array): { bands: number; preview: number | undefined } {
  const { header, payload } = decodeFile(file);
  return { bands: readAbsorbing(header, payload).count, preview: startOfAbsorbing(header, payload).small?.level };
}

/** Installed ones by name. */
const MODELS = {
  tiny: tinyModel,
  'tiny-pixels': tinyPixels,
  'photo-6': await loadModel('photo-6'),
  'pixels-3': await loadModel('pixels-3'),
  'pixels-5': await loadModel('pixels-5'),
};
type ModelName = keyof typeof MODELS;

const NAMES = fixtureNames('golden').filter((name) => name.endsWith('.vdmz'));

describe.each(NAMES.filter((name) => !/-tiny-(png|whole)-/.test(name)))('%s', (name) => {
  const [, version, network, image] = /^v(\d+)-(tiny-pixels|tiny|\w+-\d)-(.+)\.vdmz$/.exec(name)!;
  const model = MODELS[network as ModelName];
  const file = readFixture(`golden/${name}`);
  const header = readHeader(file);

  it('has the version and the model of its name', () => {
    expect(header).toMatchObject({ version: Number(version), modelId: isKept(header) ? 0 : model.id });
  });

  it.each(['wasm', 'reference'] as const)('decodes to its image with the %s engine', async (engine) => {
    expect(await decompress(file, { model, engine })).toEqual(await anyFixtureImage(image!));
  });

  // Another release of the WebP library may choose other bytes, which decode as well.
  const hasWebp = header.numSteps === WEBP_STEPS || decodeFile(file).alpha[0] === ALPHA_AS_WEBP;
  it.skipIf(hasWebp)('is what its image compresses to', async () => {
    const steps = isAbsorbingPayload(header) ? absorbingOptions(file) : { numSteps: header.numSteps };
    const options = isKept(header) ? {} : ({ ...steps, method: 'diffusion' } as const);
    expect(await compress(await anyFixtureImage(image!), { model, ...options })).toEqual(file);
  });
});

function byZlib(png: Uint8Array): Uint8Array {
  const open = readPng(png);
  return followRecipe(findRecipe(png, open), open.image);
}

/** [file, PNG that it restores, options] */
const PNG_GOLDENS = [
  [
    'v6-tiny-png-gradient-rgb8-17x5.vdmz',
    readFixture('images/gradient-rgb8-17x5.png'),
    { numSteps: 8, method: 'diffusion' },
  ],
  [
    'v6-tiny-png-cells-palette-alpha8-16x16.vdmz',
    byZlib(readFixture('images/cells-palette-alpha8-16x16.png')),
    { numSteps: 2, method: 'diffusion' },
  ],
  [
    'v6-tiny-whole-gradient-gray8-1x9.vdmz',
    joinPng([readFixture('images/gradient-gray8-1x9.png').subarray(8, -12), chunk('IEND', [7])]),
    {},
  ],
] as const;

it.each(PNG_GOLDENS)('%s restores its PNG, which compresses to it', async (name, png, options) => {
  const file = readFixture(`golden/${name}`);
  expect(await decompressPng(file, { model: tinyModel })).toEqual(png);
  expect(await compressPng(png, { model: tinyModel, ...options })).toEqual(file);
});

const ARCHIVES = fixtureNames('golden').filter((name) => name.endsWith('.vdmza'));
/** In their order, as PNG files. */
const ARCHIVED = ['gradient-rgb8-17x5', 'gradient-gray-alpha8-19x11', 'smooth-gray8-131x20', 'levels-rgb8-62x67'];
const VERSION_OFFSET = 4;

async function packed(model: AnyModel): Promise<Uint8Array> {
  const items = ARCHIVED.map((image) => ({ name: `${image}.png`, data: readFixture(`images/${image}.png`) }));
  const pieces: Uint8Array[] = [];
  for await (const piece of pack(items, { model, method: 'diffusion', numSteps: 8 })) pieces.push(piece);
  return concatenate(pieces);
}

it('archives are of every version and kind of diffusion', () => {
  expect(ARCHIVES).toEqual(['archive-v3-tiny.vdmza', 'archive-v6-tiny-pixels.vdmza', 'archive-v6-tiny.vdmza']);
});

describe.each(ARCHIVES)('%s', (name) => {
  const [, version, network] = /^archive-v(\d)-(.+)\.vdmza$/.exec(name)!;
  const model = MODELS[network as ModelName];
  const archive = readFixture(`golden/${name}`);

  it.each(['wasm', 'reference'] as const)('unpacks to its images with the %s engine', async (engine) => {
    const images: [string, unknown][] = [];
    for await (const one of unpack(sourceOfBytes(archive), { model, engine })) {
      images.push([one.name, one.error ?? decodePng(one.png!)]);
    }
    const expected = ARCHIVED.map(async (image) => [`${image}.png`, await anyFixtureImage(image)]);
    expect(images).toEqual(await Promise.all(expected));
  });

  it('is what its images are packed to, but for its version', async () => {
    expect(archive[VERSION_OFFSET]).toBe(Number(version));
    expect((await packed(model)).with(VERSION_OFFSET, Number(version))).toEqual(archive);
  });
});

describe('the goldens', () => {
  const headers = NAMES.map((name) => readHeader(readFixture(`golden/${name}`)));

  it('are of each model that is installed', async () => {
    const models = await installedModels();
    const ids = new Set(headers.map(({ modelId }) => modelId));
    expect(models.filter(({ id }) => !ids.has(id))).toEqual([]);
  });

  it('cover every number of steps and of channels', () => {
    expect(new Set(headers.map(({ numSteps }) => numSteps))).toEqual(
      new Set([
        PNG_STEPS,
        WEBP_STEPS,
        ORIGINAL_STEPS,
        SAMPLES_STEPS,
        ABSORBING_STEPS,
        BANDED_STEPS,
        PREVIEWED_STEPS,
        2,
        4,
        8,
        16,
      ]),
    );
    expect(new Set(headers.map(({ channels }) => channels))).toEqual(new Set([1, 2, 3, 4]));
  });

  it.each([ABSORBING_STEPS, BANDED_STEPS, PREVIEWED_STEPS])('of steps %i cover channels and 16 bits', (steps) => {
    const absorbing = headers.filter(({ numSteps }) => numSteps === steps);
    expect(new Set(absorbing.map(({ channels }) => channels))).toEqual(new Set([1, 2, 3, 4]));
    expect(new Set(absorbing.map(({ bitDepth }) => bitDepth))).toEqual(new Set([8, 16]));
  });

  it('stay small', () => {
    const bytes = [...NAMES, ...ARCHIVES].reduce((sum, name) => sum + readFixture(`golden/${name}`).length, 0);
    expect(bytes).toBeLessThan(110_000);
  });
});
