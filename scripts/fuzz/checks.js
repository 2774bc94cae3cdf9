/** What must hold of any bytes: the right result, or a CodecError of a known code. Each check returns what came of it. */
import { decodeFile } from '../../dist/container/header.js';
import { PREVIEWED_STEPS } from '../../dist/container/payload-kind.js';
import { isSameImage } from '../../dist/image/image.js';
import { decodePng, readPng } from '../../dist/image/png.js';
import { readChunks } from '../../dist/image/png-chunks.js';
import { findRecipe, followRecipe } from '../../dist/image/png-original.js';
import { packRecipe, unpackRecipe } from '../../dist/image/png-recipe.js';
import {
  CodecError,
  compressPng,
  decompress,
  decompressPng,
  listArchive,
  preview,
  readHeader,
  readRestored,
  sourceOfBytes,
  unpack,
} from '../../dist/index.js';
import { AnsStack } from '../../dist/rans/ans-stack.js';
import { ARCHIVES, FILES, OPTIONS, optionsFor } from './sources.js';

const CODES = [
  'not-our-format',
  'unsupported-version',
  'unknown-model',
  'truncated',
  'corrupt',
  'too-large',
  'unsupported-image',
];

const isSame = (a, b) => Buffer.compare(a, b) === 0;

function assert(holds, what) {
  if (!holds) throw new Error(what);
}

/** The value, or a CodecError; any other error goes on. */
async function outcomeOf(work) {
  try {
    return { value: await work() };
  } catch (error) {
    if (!(error instanceof CodecError)) throw error;
    assert(CODES.includes(error.code), `unknown code ${error.code}`);
    assert(error.message.length > 0 && !/undefined|NaN|\[object/.test(error.message), `poor message: ${error.message}`);
    return { error };
  }
}

/** 'right', or what is wrong without its numbers and names: 'corrupt-png-has-no-filter-type'; fixtures/corpus has such names. */
export const labelOf = ({ error }) => (error === undefined ? 'right' : slug(`${error.code} ${error.message}`));

const slug = (text) =>
  text
    .toLowerCase()
    .replaceAll(VARIABLE, '')
    .replaceAll(/[^a-z]+/g, '-')
    .replaceAll(/^-|-$/g, '');
const VARIABLE = /"(\\.|[^"\\])*"|\b[0-9a-f]{8}\b|\d/g;

/** A compressed file, sound or not. @param isResealed its checksum was made to fit, so that it may hold another PNG */
export async function checkFile(bytes, { isResealed = false } = {}) {
  const options = optionsFor(bytes);
  const header = await outcomeOf(() => readHeader(bytes));
  const restored = await outcomeOf(() => readRestored(bytes));
  const image = await outcomeOf(() => decompress(bytes, options));
  const png = await outcomeOf(() => decompressPng(bytes, options));
  const small = await outcomeOf(() => preview(bytes, options));
  if (header.error) assert(image.error && png.error && small.error && restored.error, 'decodes without a header');
  if (image.value) checkImage(image.value, bytes, isResealed);
  if (png.value) checkPng(png.value, bytes, isResealed);
  if (png.value && image.value) assert(isSameImage(decodePng(png.value), image.value), 'PNG and image differ');
  // The pixels of a file do not depend on the small image before them, whose checksum a mutation may have made to fit.
  const mayHaveNone = header.value?.numSteps === PREVIEWED_STEPS && small.error?.code === 'corrupt';
  if (image.value) assert(small.value !== undefined || mayHaveNone, 'a sound file has no preview');
  if (small.value) checkPreview(small.value, header.value);
  return labelOf(png);
}

function checkImage(image, bytes, isResealed) {
  if (isResealed) return assert(isSameImage(image, decodePng(decodeFile(bytes).payload)), 'not the image of its PNG');
  assert(
    FILES.some((file) => file.image && isSameImage(file.image, image)),
    'decodes to an image that was never compressed',
  );
}

function checkPng(png, bytes, isResealed) {
  if (isResealed) return assert(isSame(png, decodeFile(bytes).payload), 'not the PNG that was kept');
  assert(
    FILES.some(({ restored }) => isSame(restored, png)),
    'restores a PNG that was never compressed',
  );
}

function checkPreview({ image, level }, { height, width }) {
  const halved = (side) => Math.ceil(side / 2 ** level);
  assert(image.height === halved(height) && image.width === halved(width), 'a preview of another size');
  assert(image.data.length === image.height * image.width * image.channels, 'a preview that is not whole');
}

/** A PNG file, sound or not. @param isWhole also compress it */
export async function checkPngFile(bytes, { isWhole = false } = {}) {
  const open = await outcomeOf(() => readPng(bytes));
  const image = { ...open, value: open.value?.image };
  if (open.value) checkRecipe(bytes, open.value);
  const isCheap = image.value === undefined || image.value.data.length < MAX_WHOLE;
  if (isWhole && isCheap) await checkCompressed(bytes, image);
  return labelOf(image);
}

/** Most samples of an image that is compressed in a check. */
const MAX_WHOLE = 1000;

function checkRecipe(png, open) {
  const { image } = open;
  const recipe = unpackRecipe(packRecipe(findRecipe(png, open), image), image);
  const restored = followRecipe(recipe, image);
  assert(isSameImage(decodePng(restored), image), 'the recipe makes another image');
  assert(chunksText(restored) === chunksText(png), 'the recipe makes other chunks');
}

/** All chunks but the image data, in their order. */
const chunksText = (png) =>
  readChunks(png)
    .chunks.filter(({ type }, i, all) => type !== 'IDAT' || all.findIndex((chunk) => chunk.type === 'IDAT') === i)
    .map(({ type, data }) => (type === 'IDAT' ? type : type + Buffer.from(data).toString('hex')))
    .join();

async function checkCompressed(png, image) {
  const file = await outcomeOf(() => compressPng(png, { ...OPTIONS, numSteps: 2 }));
  if (file.error) return assert(image.error !== undefined, 'an image that decodes is not compressed');
  assert(image.value !== undefined || image.error.code === 'unsupported-image', 'a damaged PNG is compressed');
  assert(file.value.length <= png.length + 32, 'the file is much larger than its PNG');
  const restored = await decompressPng(file.value, OPTIONS);
  if (readRestored(file.value) === 'byte for byte') return assert(isSame(restored, png), 'restores another PNG');
  assert(chunksText(restored) === chunksText(png), 'restores other chunks');
  assert(isSameImage(decodePng(restored), image.value), 'restores another image');
}

/** What sound archives give back. */
const UNPACKED = new Set();
for (const { bytes, options } of ARCHIVES) {
  for await (const { png } of unpack(sourceOfBytes(bytes), options)) UNPACKED.add(Buffer.from(png).toString('base64'));
}

/** An archive, sound or not. @param isResealed its tables may say other things of its images @param given its model */
export async function checkArchive(bytes, { isResealed, options: given }) {
  const damages = [];
  const options = { ...given, onDamage: ({ error }) => damages.push(error) };
  const names = [];
  const listed = await outcomeOf(async () => {
    for await (const { name } of listArchive(sourceOfBytes(bytes), options)) names.push(name);
  });
  damages.length = 0;
  const unpacked = [];
  const done = await outcomeOf(async () => {
    for await (const one of unpack(sourceOfBytes(bytes), options)) unpacked.push(one);
  });
  assert((listed.error === undefined) === (done.error === undefined), 'listed, but not unpacked');
  assert(unpacked.map(({ name }) => name).join() === names.join(), 'not all that is listed is unpacked or fails');
  for (const { png, error } of unpacked) {
    assert((png === undefined) !== (error === undefined), 'neither an image nor an error');
    if (png === undefined || isResealed) continue;
    assert(UNPACKED.has(Buffer.from(png).toString('base64')), 'unpacks a PNG that was never packed');
  }
  return labelOf({ error: done.error ?? damages[0] ?? unpacked.find(({ error }) => error)?.error });
}

/** Any bytes as a stack: refused, or exactly what the stack is written as; what is popped can be pushed again. */
export async function checkStack(bytes, random) {
  const opened = await outcomeOf(() => AnsStack.fromBytes(bytes));
  if (opened.value) {
    assert(isSame(opened.value.toBytes(), bytes), 'a stack with a second form');
    await checkPops(opened.value, bytes, random);
  }
  const first = await outcomeOf(() => AnsStack.fromFirstBytes(bytes));
  if (first.value) await outcomeOf(() => popMany(first.value, random));
  return labelOf(opened);
}

/** Pops symbols of random intervals until the stack ends, and pushes them back. */
async function checkPops(stack, bytes, random) {
  const popped = [];
  const ended = await outcomeOf(() => popMany(stack, random, popped));
  for (const { start, freq, precision } of popped.reverse()) stack.push(start, freq, precision);
  assert(ended.error === undefined || ended.error.code === 'truncated', 'a pop fails for another reason');
  assert(isSame(stack.toBytes(), bytes), 'pushes do not undo pops');
}

function popMany(stack, random, popped = []) {
  for (let i = 0; i < 200; i++) {
    const precision = 1 + random.below(20);
    const slot = stack.peek(precision);
    const start = random.below(slot + 1);
    const freq = slot - start + 1 + random.below((1 << precision) - slot);
    stack.pop(start, freq, precision);
    popped.push({ start, freq, precision });
  }
}
