/** Inputs that fuzzing found, one for each error: their names are what is wrong with them. */
import { extname, parse } from 'node:path';
import { expect, it } from 'vitest';
import { sourceOfBytes } from '../../src/archive/archive-source.ts';
import { decompressPng } from '../../src/decompress-png.ts';
import { CodecError } from '../../src/errors.ts';
import { decodePng } from '../../src/image/png.ts';
import type { AnyModel } from '../../src/model/installed-models.ts';
import { AnsStack } from '../../src/rans/ans-stack.ts';
import { unpack } from '../../src/unpack.ts';
import { fixtureNames, readFixture, tinyModel, tinyPixels } from '../helpers/fixtures.ts';

const CORPUS = fixtureNames('corpus').filter((name) => name !== 'README.md');

/** What decodes the files of an extension. */
const DECODERS: Readonly<Record<string, (bytes: Uint8Array, model: AnyModel) => unknown>> = {
  '.vdmz': (bytes, model) => decompressPng(bytes, { model, threads: 1 }),
  '.png': (bytes) => decodePng(bytes),
  '.bin': (bytes) => AnsStack.fromBytes(bytes),
  '.vdmza': unpackAll,
};

/** Fails with what is wrong with the archive, or else with its first file that is. */
async function unpackAll(archive: Uint8Array, model: AnyModel): Promise<void> {
  const errors: CodecError[] = [];
  for await (const { error } of unpack(sourceOfBytes(archive), { model, threads: 1 })) {
    if (error !== undefined) errors.push(error);
  }
  if (errors.length > 0) throw errors[0];
}

/** As scripts/fuzz/checks.js makes it. */
const slug = ({ code, message }: CodecError): string =>
  `${code} ${message}`
    .toLowerCase()
    .replaceAll(/"(\\.|[^"\\])*"|\b[0-9a-f]{8}\b|\d/g, '')
    .replaceAll(/[^a-z]+/g, '-')
    .replaceAll(/^-|-$/g, '');

/** By absorbing diffusion. */
const ABSORBING = ['corrupt-stream-goes-on-after-the-last-image.vdmza', 'truncated-payload-ends-within-a-segment.vdmz'];
const modelOf = (name: string): AnyModel => (ABSORBING.includes(name) ? tinyPixels : tinyModel);

async function errorOf(name: string): Promise<unknown> {
  try {
    await DECODERS[extname(name)]!(readFixture(`corpus/${name}`), modelOf(name));
    return undefined;
  } catch (error) {
    return error;
  }
}

it.each(CORPUS)('%s', async (name) => {
  const error = await errorOf(name);
  expect(error).toBeInstanceOf(CodecError);
  expect(slug(error as CodecError)).toBe(parse(name).name);
});

it('stays small', () => {
  const sizes = CORPUS.map((name) => readFixture(`corpus/${name}`).length);
  expect(CORPUS.length).toBeGreaterThan(80);
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(50_000);
});
