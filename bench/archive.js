/**
 * Archives: images as PNG files, packed, unpacked and compared; what the archive takes beyond the images' own information.
 *
 *     npm run bench:archive -- --name cifar10-test-1000 [--limit 1000] FOLDER
 *
 * The net rate is the information content of the same images' pixels, without names, checksums and heads of groups. Writes bench/results/archive-NAME.json.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import sharp from 'sharp';
import { listImages } from '../dist/cli/eval-images.js';
import { defaultModelOf } from '../dist/default-model.js';
import { isSameImage } from '../dist/image/image.js';
import { concatenate } from '../dist/image/png-chunks.js';
import { isSame } from '../dist/image/png-original.js';
import { readImage } from '../dist/image/read-image.js';
import { pack, sourceOfBytes, unpack } from '../dist/index.js';
import { pushNetPixels } from '../dist/net-chain.js';
import { machine } from './machine.js';
import { described } from './peers.js';

/** PNG files as sharp writes them. */
async function itemsOf(images) {
  const digits = String(images.length - 1).length;
  const items = [];
  for (const [i, { load }] of images.entries()) {
    const image = await load();
    const { height, width, channels, data } = image;
    const png = await sharp(data, { raw: { height, width, channels } }).png({ compressionLevel: 9 }).toBuffer();
    items.push({ name: `${String(i).padStart(digits, '0')}.png`, image, data: new Uint8Array(png) });
  }
  return items;
}

async function timed(work) {
  const started = performance.now();
  const result = await work();
  return { result, seconds: (performance.now() - started) / 1000 };
}

async function packAll(items, model) {
  const pieces = [];
  for await (const piece of pack(items, { model })) pieces.push(piece);
  return concatenate(pieces);
}

async function unpackAll(archive, model) {
  const files = new Map();
  for await (const { name, png } of unpack(sourceOfBytes(archive), { model })) files.set(name, png);
  return files;
}

/** Images whose pixels did not come back, and files that did byte for byte. */
async function compare(items, files) {
  let [bugs, exact] = [0, 0];
  for (const { name, image, data } of items) {
    const file = files.get(name);
    if (file !== undefined && isSame(file, data)) exact++;
    else if (file === undefined || !isSameImage(await readImage(file), image)) bugs++;
  }
  return { bugs, exact };
}

async function netBits(items, model) {
  let bits = 0;
  for (const { image } of items) bits += (await pushNetPixels(image, { model })).contentBits;
  return bits;
}

async function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { name: { type: 'string' }, limit: { type: 'string', default: '1000' } },
  });
  const [path] = positionals;
  if (values.name === undefined || path === undefined) throw new Error('usage: bench/archive.js --name NAME FOLDER');
  const model = await defaultModelOf();
  const items = await itemsOf(await listImages([path], Number(values.limit)));
  const packing = await timed(() => packAll(items, model));
  const unpacking = await timed(() => unpackAll(packing.result, model));
  const dims = items.reduce((sum, { image }) => sum + image.data.length, 0);
  const result = {
    name: values.name,
    command: `npm run bench:archive -- --name ${values.name} --limit ${values.limit}`,
    ...machine(),
    model: described(model),
    images: items.length,
    pngBytes: items.reduce((sum, { data }) => sum + data.length, 0),
    bytes: packing.result.length,
    bitsPerDim: (8 * packing.result.length) / dims,
    netBitsPerDim: (await netBits(items, model)) / dims,
    ...(await compare(items, unpacking.result)),
    packSeconds: packing.seconds,
    unpackSeconds: unpacking.seconds,
  };
  await mkdir('bench/results', { recursive: true });
  await writeFile(`bench/results/archive-${values.name}.json`, `${JSON.stringify(result, undefined, 1)}\n`);
  console.table([result], ['images', 'bitsPerDim', 'netBitsPerDim', 'exact', 'bugs', 'packSeconds', 'unpackSeconds']);
}

await main();
