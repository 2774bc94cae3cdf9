/**
 * Rate against time: vdmz at each effort, and by Gaussian diffusion, next to PNG, WebP and JPEG XL, one image at a time,
 * every program with the threads that it takes by itself, every file restored and compared.
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
import { defaultModelOf } from '../dist/default-model.js';
import { DEFAULT_EFFORT, EFFORTS } from '../dist/effort.js';
import { isSameImage } from '../dist/image/image.js';
import { encodePng } from '../dist/image/png.js';
import { compress, decompress } from '../dist/index.js';
import { resized } from './images.js';
import { machine } from './machine.js';
import { described, installedPeers, measurePeer, summarise } from './peers.js';

const WARM_UP_SIDE = 128;

/** What is measured of vdmz: the default at each effort, and Gaussian diffusion. */
const RUNS = [
  ...EFFORTS.map((effort) => ({ name: `vdmz --effort ${effort}`, process: 'absorbing', options: { effort } })),
  { name: 'vdmz --method gaussian', process: 'gaussian', options: { effort: DEFAULT_EFFORT, method: 'gaussian' } },
];

async function measureVdmz(image, options) {
  const started = performance.now();
  const file = await compress(image, options);
  const encoded = performance.now();
  const restored = await decompress(file);
  const decoded = performance.now();
  return {
    bitsPerDim: (8 * file.length) / image.data.length,
    encodeSeconds: (encoded - started) / 1000,
    decodeSeconds: (decoded - encoded) / 1000,
    exact: isSameImage(restored, image),
  };
}

/** Loads each model, has loops compiled and threads started. */
async function warmUp(image) {
  const part = resized(image, WARM_UP_SIDE, WARM_UP_SIDE);
  for (const { options } of RUNS) await measureVdmz(part, options);
}

async function measureImage({ name, load }, { peers, folder }) {
  const image = await load();
  const { height, width } = image;
  await writeFile(join(folder, 'in.png'), encodePng(image));
  const codecs = {};
  for (const { name, options } of RUNS) codecs[name] = await measureVdmz(image, options);
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
  const folder = await mkdtemp(join(tmpdir(), 'vdmz-bench-'));
  const rows = [];
  const images = await listImages([path], Number(values.limit));
  await warmUp(await images[0].load());
  for (const image of images) rows.push(await measureImage(image, { peers, folder }));
  await rm(folder, { recursive: true });
  const megapixels = rows.reduce((sum, { height, width }) => sum + height * width, 0) / rows.length / 1e6;
  const summary = Object.keys(rows[0].codecs).map((name) => summarise(name, rows));
  const efforts = await Promise.all(
    RUNS.map(async ({ name, process, options: { effort } }) => {
      const model = described(await defaultModelOf(process, { effort }));
      return { name, process, effort, model };
    }),
  );
  const result = {
    name: values.name,
    command: `npm run bench:effort -- --name ${values.name} --limit ${values.limit}`,
    ...machine(),
    images: rows.length,
    megapixels,
    efforts,
    summary,
    rows,
  };
  await mkdir('bench/results', { recursive: true });
  await writeFile(`bench/results/effort-${values.name}.json`, `${JSON.stringify(result, undefined, 1)}\n`);
  console.table(summary);
}

await main();
