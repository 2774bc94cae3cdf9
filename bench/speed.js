/**
 * Speed of the parts and of the whole, in one run: npm run bench:speed [-- IMAGE]
 *
 * Layers and networks in GMAC/s, the coder in ns a symbol, and compressing and decompressing a photograph by both kinds of
 * diffusion with one thread and with the default number, each in a process of its own, in turns with the peers on the same photograph.
 * Without an image, a fixture is mirrored to 768 x 512. Writes bench/results/speed.json.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defaultModelOf } from '../dist/default-model.js';
import { DEFAULT_EFFORT, EFFORT_STEPS } from '../dist/effort.js';
import { encodePng } from '../dist/image/png.js';
import { compress, decompress } from '../dist/index.js';
import { defaultThreads } from '../dist/kernels/team.js';
import { pixelMacs } from '../dist/model/absorbing-model.js';
import { isAbsorbing } from '../dist/model/installed-models.js';
import { WasmEngine } from '../dist/network/wasm-engine.js';
import { pixelCodingOf } from '../dist/open-pixels.js';
import { engineFor } from '../dist/options.js';
import { photograph, resized, sourceName } from './images.js';
import { measureLayers, measureNetwork, measurePixelNetwork, networkMacs } from './kernels.js';
import { machine, peakMegabytes } from './machine.js';
import { described, installedPeers, measurePeer } from './peers.js';
import { measureRans } from './rans.js';

const ROUNDS = 3;

/** Where the time of the main thread goes, by the file that was running. */
const PARTS = [
  { name: 'kernels', pattern: /^wasm:/ },
  {
    name: 'features and heads',
    pattern: /\/(network|kernels)\/|\/predictor\.js$|\/absorbing\/(neighbourhood|pixel-network)/,
  },
  { name: 'adaptation', pattern: /\/absorbing\/(adaptation|error-ring|scale-classes)|\/codec\/sequential-regression/ },
  {
    name: 'weights of colours',
    pattern:
      /\/absorbing\/colour|\/codec\/(colour|choose-colours|pair-|chroma-|luma-|block-|data-codec|symbol-port)|\/rans\/categorical/,
  },
  { name: 'entropy coding', pattern: /\/(rans|codec|absorbing)\// },
  { name: 'other', pattern: /./s },
];

/** Adds up the multiplications of all network calls from here on. */
function countMacs(model, pixels) {
  if (isAbsorbing(model)) return { macs: pixels * pixelMacs(model.weights) };
  const perPosition = networkMacs(model);
  const counted = { macs: 0 };
  for (const [name, sizes] of Object.entries({ trunk: [1, 2], denoise: [2, 3] })) {
    const original = WasmEngine.prototype[name];
    WasmEngine.prototype[name] = function call(...args) {
      counted.macs += args[sizes[0]] * args[sizes[1]] * perPosition[name];
      return original.apply(this, args);
    };
  }
  return counted;
}

/** Seconds, shares of PARTS and the result of some work. */
async function profiled(work) {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.start');
  const started = performance.now();
  const result = await work();
  const seconds = (performance.now() - started) / 1000;
  const { profile } = await session.post('Profiler.stop');
  session.disconnect();
  return { seconds, shares: sharesOf(profile), result };
}

function sharesOf({ nodes, samples, timeDeltas }) {
  const urls = new Map(nodes.map(({ id, callFrame }) => [id, callFrame.url]));
  const times = Object.fromEntries(PARTS.map(({ name }) => [name, 0]));
  for (const [i, id] of samples.entries()) {
    const part = PARTS.find(({ pattern }) => pattern.test(urls.get(id))) ?? PARTS.at(-1);
    times[part.name] += timeDeltas[i];
  }
  const total = Object.values(times).reduce((sum, time) => sum + time, 0);
  return Object.fromEntries(Object.entries(times).map(([name, time]) => [name, rounded(time / total)]));
}

/** The image that is measured: the one given, or the fixture mirrored. */
const measuredImage = async (path) => (path === undefined ? resized(await photograph(), 512, 768) : photograph(path));

/** Milliseconds of loading the model and of compiling and filling its engine, in a fresh process. */
async function start(threads, process) {
  const started = performance.now();
  const model = await defaultModelOf(process);
  const loaded = performance.now();
  if (isAbsorbing(model)) {
    const { predictors } = pixelCodingOf({ weights: model.weights, channels: 3 }, { threads });
    predictors.giveBack(await predictors.take());
  } else engineFor(model, { threads });
  return { model, loadMs: loaded - started, engineMs: performance.now() - loaded };
}

/** One compression and decompression, in this process. */
async function measureWhole(threads, process, path) {
  const { model, loadMs, engineMs } = await start(threads, process);
  const image = await measuredImage(path);
  const counted = countMacs(model, image.height * image.width);
  const megapixels = (image.height * image.width) / 1e6;
  const summarise = ({ seconds, shares }) => {
    const speeds = { megapixelsPerSecond: megapixels / seconds, gmacsPerSecond: counted.macs / seconds / 1e9 };
    if (!isAbsorbing(model)) counted.macs = 0;
    return { seconds, ...speeds, shares };
  };
  const encoded = await profiled(() => compress(image, { model, threads, method: 'diffusion' }));
  const compressing = summarise(encoded);
  const decoded = await profiled(() => decompress(encoded.result, { model, threads }));
  const decompressing = summarise(decoded);
  if (Buffer.compare(decoded.result.data, image.data) !== 0) throw new Error('the image did not come back');
  const bytes = encoded.result.length;
  return {
    threads,
    process,
    model: described(model),
    loadMs,
    engineMs,
    bytes,
    compressing,
    decompressing,
    peakMegabytes: peakMegabytes(),
  };
}

function wholeInProcess({ threads, process: kind }, path) {
  const script = fileURLToPath(import.meta.url);
  const words = [script, 'whole', String(threads), kind, ...(path === undefined ? [] : [path])];
  return JSON.parse(execFileSync(process.execPath, words, { encoding: 'utf8' }));
}

/** The fastest of some rounds for each number of threads and each peer, in turns. */
async function measureWholes(threadCounts, path) {
  const kinds = ['absorbing', 'gaussian'].flatMap((process) => threadCounts.map((threads) => ({ threads, process })));
  const [image, peers] = [await measuredImage(path), await installedPeers()];
  const folder = mkdtempSync(join(tmpdir(), 'vdmz-bench-'));
  writeFileSync(join(folder, 'in.png'), encodePng(image));
  const rounds = [];
  for (let i = 0; i < ROUNDS; i++) {
    const whole = kinds.map((kind) => wholeInProcess(kind, path));
    const times = [];
    for (const peer of peers) times.push(await measurePeer(peer, image, folder));
    rounds.push({ whole, times });
  }
  rmSync(folder, { recursive: true });
  const least = (cells, key) => Math.min(...cells.map((cell) => cell[key]));
  const whole = kinds.map((_, i) => {
    const cells = rounds.map((round) => round.whole[i]);
    const fastest = (key) => cells.map((cell) => cell[key]).sort((a, b) => a.seconds - b.seconds)[0];
    const [loadMs, engineMs] = [least(cells, 'loadMs'), least(cells, 'engineMs')];
    return {
      ...cells[0],
      loadMs,
      engineMs,
      compressing: fastest('compressing'),
      decompressing: fastest('decompressing'),
    };
  });
  const others = peers.map(({ name }, i) => {
    const cells = rounds.map((round) => round.times[i]);
    return { name, encodeSeconds: least(cells, 'encodeSeconds'), decodeSeconds: least(cells, 'decodeSeconds') };
  });
  return { whole, peers: others };
}

const rounded = (value) => Number(value.toPrecision(4));

async function main(path) {
  const threadCounts = [...new Set([1, defaultThreads()])];
  const { height, width } = await measuredImage(path);
  const result = {
    command: `npm run bench:speed${path === undefined ? '' : ' -- IMAGE'}`,
    ...machine(),
    layers: measureLayers(),
    network: await measureNetwork(threadCounts),
    pixelNetwork: await measurePixelNetwork(threadCounts),
    rans: measureRans(),
    image: { height, width, source: sourceName(path) },
    steps: EFFORT_STEPS[DEFAULT_EFFORT],
    ...(await measureWholes(threadCounts, path)),
  };
  const text = JSON.stringify(
    result,
    (_, value) => (Number.isInteger(value) || typeof value !== 'number' ? value : rounded(value)),
    1,
  );
  mkdirSync('bench/results', { recursive: true });
  writeFileSync('bench/results/speed.json', `${text}\n`);
  console.log(text);
}

const [command, ...words] = process.argv.slice(2);
if (command === 'whole') console.log(JSON.stringify(await measureWhole(Number(words[0]), words[1], words[2])));
else await main(command);
