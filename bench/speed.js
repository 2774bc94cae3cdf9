/**
 * Speed of the parts and of the whole, in one run: npm run bench:speed [-- IMAGE]
 *
 * Layers and network in GMAC/s, the coder in ns a symbol, and compressing and decompressing a photograph with one
 * thread and with the default number, each in a process of its own, in turns. Without an image, a fixture is mirrored
 * to 768 x 512. Writes bench/results/speed.json.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { fileURLToPath } from 'node:url';
import { readImage } from '../dist/image/read-image.js';
import { compress, decompress } from '../dist/index.js';
import { defaultThreads } from '../dist/kernels/team.js';
import { defaultModel } from '../dist/model/installed-models.js';
import { WasmEngine } from '../dist/network/wasm-engine.js';
import { measureLayers, measureNetwork, networkMacs } from './kernels.js';
import { machine } from './machine.js';
import { measureRans } from './rans.js';

const FIXTURE = fileURLToPath(new URL('../fixtures/images/photo-rgb8-256x192.png', import.meta.url));
const ROUNDS = 3;

/** Where the time of the main thread goes, by the file that was running. */
const PARTS = [
  { name: 'network', pattern: /^wasm:/ },
  { name: 'features and heads', pattern: /\/(network|kernels)\/|\/predictor\.js$/ },
  { name: 'entropy coding', pattern: /\/(rans|codec)\// },
  { name: 'other', pattern: /./s },
];

async function photograph(path) {
  const image = await readImage(new Uint8Array(readFileSync(path ?? FIXTURE)));
  return path === undefined ? mirrored(image, 512, 768) : image;
}

function mirrored(image, height, width) {
  const reflect = (i, length) => (i % (2 * length) < length ? i % length : length - 1 - (i % length));
  const data = new Uint8Array(height * width * image.channels);
  for (let i = 0; i < height * width; i++) {
    const [y, x] = [reflect(Math.floor(i / width), image.height), reflect(i % width, image.width)];
    const from = (y * image.width + x) * image.channels;
    data.set(image.data.subarray(from, from + image.channels), i * image.channels);
  }
  return { ...image, height, width, data };
}

/** Adds up the multiplications of all network calls from here on. */
function countMacs(model) {
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

/** One compression and decompression, in this process. */
async function measureWhole(threads, path) {
  const image = await photograph(path);
  const model = await defaultModel();
  const counted = countMacs(model);
  const megapixels = (image.height * image.width) / 1e6;
  const summarise = ({ seconds, shares }) => {
    const speeds = { megapixelsPerSecond: megapixels / seconds, gmacsPerSecond: counted.macs / seconds / 1e9 };
    counted.macs = 0;
    return { seconds, ...speeds, shares };
  };
  const encoded = await profiled(() => compress(image, { model, threads, method: 'diffusion' }));
  const compressing = summarise(encoded);
  const decoded = await profiled(() => decompress(encoded.result, { model, threads }));
  const decompressing = summarise(decoded);
  if (Buffer.compare(decoded.result.data, image.data) !== 0) throw new Error('the image did not come back');
  const peakMegabytes = process.resourceUsage().maxRSS / 1024;
  return { threads, bytes: encoded.result.length, compressing, decompressing, peakMegabytes };
}

function wholeInProcess(threads, path) {
  const script = fileURLToPath(import.meta.url);
  const words = [script, 'whole', String(threads), ...(path === undefined ? [] : [path])];
  return JSON.parse(execFileSync(process.execPath, words, { encoding: 'utf8' }));
}

/** The fastest of some rounds for each number of threads, in turns. */
function measureWholes(threadCounts, path) {
  const rounds = Array.from({ length: ROUNDS }, () => threadCounts.map((threads) => wholeInProcess(threads, path)));
  return threadCounts.map((_, i) => {
    const fastest = (key) => rounds.map((round) => round[i][key]).sort((a, b) => a.seconds - b.seconds)[0];
    return { ...rounds[0][i], compressing: fastest('compressing'), decompressing: fastest('decompressing') };
  });
}

const rounded = (value) => Number(value.toPrecision(4));

async function main(path) {
  const threadCounts = [...new Set([1, defaultThreads()])];
  const { height, width } = await photograph(path);
  const result = {
    ...machine(),
    layers: measureLayers(),
    network: await measureNetwork(threadCounts),
    rans: measureRans(),
    image: { height, width, source: path === undefined ? 'fixture, mirrored' : 'given' },
    model: (await defaultModel()).name,
    whole: measureWholes(threadCounts, path),
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
if (command === 'whole') console.log(JSON.stringify(await measureWhole(Number(words[0]), words[1])));
else await main(command);
