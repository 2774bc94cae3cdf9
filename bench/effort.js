/**
 * Rate against time: vdmz at each effort next to PNG, WebP and JPEG XL, one image at a time, every program with the
 * threads that it takes by itself, every file restored and compared.
 *
 *     npm run bench:effort -- --name kodak4 [--limit 4] FOLDER
 *
 * Writes bench/results/effort-NAME.json.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { listImages } from '../dist/cli/eval-images.js';
import { EFFORT_STEPS, EFFORTS } from '../dist/effort.js';
import { isSameImage } from '../dist/image/image.js';
import { encodePng } from '../dist/image/png.js';
import { compress, decompress } from '../dist/index.js';
import { defaultModel } from '../dist/model/installed-models.js';
import { machine } from './machine.js';
import { described, installedPeers, measurePeer, summarise } from './peers.js';

const nameOf = (effort) => `vdmz --effort ${effort}`;

async function measureVdmz(image, model, effort) {
  const started = performance.now();
  const file = await compress(image, { model, effort });
  const encoded = performance.now();
  const restored = await decompress(file, { model });
  const decoded = performance.now();
  return {
    bitsPerDim: (8 * file.length) / image.data.length,
    encodeSeconds: (encoded - started) / 1000,
    decodeSeconds: (decoded - encoded) / 1000,
    exact: isSameImage(restored, image),
  };
}

async function measureImage({ name, load }, { model, peers, folder }) {
  const image = await load();
  const { height, width } = image;
  await writeFile(join(folder, 'in.png'), encodePng(image));
  const codecs = {};
  for (const effort of EFFORTS) codecs[nameOf(effort)] = await measureVdmz(image, model, effort);
  for (const peer of peers) codecs[peer.name] = await measurePeer(peer, image, folder);
  console.log(`${name}  ${Object.values(codecs).map(({ bitsPerDim }) => bitsPerDim.toFixed(3))}`);
  return { name, height, width, codecs };
}

async function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { name: { type: 'string' }, limit: { type: 'string', default: '4' } },
  });
  const [path] = positionals;
  if (values.name === undefined || path === undefined) throw new Error('usage: bench/effort.js --name NAME FOLDER');
  const peers = await installedPeers();
  const model = await defaultModel();
  const folder = await mkdtemp(join(tmpdir(), 'vdmz-bench-'));
  const rows = [];
  const images = await listImages([path], Number(values.limit));
  // Loops are compiled, threads started.
  await measureVdmz(await images[0].load(), model, EFFORTS[0]);
  for (const image of images) rows.push(await measureImage(image, { model, peers, folder }));
  await rm(folder, { recursive: true });
  const megapixels = rows.reduce((sum, { height, width }) => sum + height * width, 0) / rows.length / 1e6;
  const summary = Object.keys(rows[0].codecs).map((name) => summarise(name, rows));
  const result = {
    name: values.name,
    command: `npm run bench:effort -- --name ${values.name} --limit ${values.limit}`,
    ...machine(),
    model: described(model),
    images: rows.length,
    megapixels,
    efforts: EFFORTS.map((effort) => ({ effort, steps: EFFORT_STEPS[effort], name: nameOf(effort) })),
    summary,
    rows,
  };
  await mkdir('bench/results', { recursive: true });
  await writeFile(`bench/results/effort-${values.name}.json`, `${JSON.stringify(result, undefined, 1)}\n`);
  console.table(summary);
}

await main();
