/**
 * Speed of the convolution kernel by layer shape, on one thread, and of the whole network, on one and on more: npm run
 * build && node bench/kernels.js
 *
 * GMAC/s counts the multiplications of the plain convolution, which Winograd's algorithm mostly avoids. The float
 * loop is a yardstick: it shows how busy the machine was.
 */
import { fileURLToPath } from 'node:url';
import { createPixelNetwork } from '../dist/absorbing/pixel-network.js';
import { defaultModelOf } from '../dist/default-model.js';
import { Conv3x3, padChannels, tileGrid } from '../dist/kernels/conv3x3.js';
import { DenseKernel } from '../dist/kernels/dense.js';
import { loadConv3x3, loadDense, loadSharedDense } from '../dist/kernels/load.js';
import { defaultThreads } from '../dist/kernels/team.js';
import { pixelMacs } from '../dist/model/absorbing-model.js';
import { createEngine } from '../dist/network/engine.js';
import { DENOISER_OUTPUTS, DENOISER_PLANES, KNOWN_PLANES } from '../dist/network/network.js';

const SIZE = 64;
const RUNS = 30;
const LAYERS = [
  { inChannels: 96, outChannels: 96 },
  { inChannels: DENOISER_PLANES, outChannels: 96 },
  { inChannels: KNOWN_PLANES, outChannels: 96 },
  { inChannels: 96, outChannels: DENOISER_OUTPUTS },
];
/** That of the default model. */
const NETWORK = { channels: 96, trunkBlocks: 6, denoiserBlocks: 6 };

/** Median milliseconds of each of some calls, which take turns, after a warm-up in which loops are compiled. */
function medianMs(calls) {
  const times = calls.map(() => []);
  for (let round = -RUNS; round < RUNS; round++) {
    for (const [i, call] of calls.entries()) {
      const start = performance.now();
      call();
      if (round >= 0) times[i].push(performance.now() - start);
    }
  }
  return times.map((ms) => ms.sort((a, b) => a - b)[RUNS >> 1]);
}

function makeLayer({ inChannels, outChannels }) {
  const weights = Int8Array.from({ length: outChannels * 9 * inChannels }, (_, i) => ((i * 37) % 61) - 30);
  const bias = new Int32Array(outChannels);
  const shift = new Uint8Array(outChannels).fill(8);
  return { inChannels, outChannels, weights, bias, shift };
}

const macs = ({ inChannels, outChannels }) => 9 * inChannels * outChannels;

/** Multiplications of the trunk and the denoiser at one position. */
export function networkMacs({ channels, trunkBlocks, denoiserBlocks }) {
  const hidden = macs({ inChannels: channels, outChannels: channels });
  const [known, planes] = [KNOWN_PLANES, DENOISER_PLANES].map((inChannels) =>
    macs({ inChannels, outChannels: channels }),
  );
  const output = macs({ inChannels: channels, outChannels: DENOISER_OUTPUTS });
  return { trunk: 2 * trunkBlocks * hidden + known, denoise: 2 * denoiserBlocks * hidden + planes + output };
}

function timeLayer(shape) {
  const conv = new Conv3x3(loadConv3x3(), Math.max(shape.inChannels, shape.outChannels));
  const layer = conv.addLayer(makeLayer(shape));
  const grid = tileGrid(SIZE, SIZE);
  const outChannels = padChannels(shape.outChannels);
  const input = conv.allocateMap(grid, padChannels(shape.inChannels));
  const output = conv.allocateMap(grid, outChannels);
  const stream = conv.memory.allocate(SIZE * SIZE * outChannels * 2);
  return medianMs([() => conv.addConvolution(layer, grid, { input, stream, output })])[0];
}

function makeNetwork({ channels, trunkBlocks, denoiserBlocks }) {
  const hidden = () => makeLayer({ inChannels: channels, outChannels: channels });
  const blocks = (length) => Array.from({ length }, () => ({ conv1: hidden(), conv2: hidden() }));
  return {
    channels,
    trunkIn: makeLayer({ inChannels: KNOWN_PLANES, outChannels: channels }),
    trunkBlocks: blocks(trunkBlocks),
    denoiserIn: makeLayer({ inChannels: DENOISER_PLANES, outChannels: channels }),
    denoiserBlocks: blocks(denoiserBlocks),
    denoiserOut: makeLayer({ inChannels: channels, outChannels: DENOISER_OUTPUTS }),
  };
}

const filmFor = (blocks) => ({
  multiplier: new Int16Array(blocks * NETWORK.channels).fill(256),
  offset: new Int32Array(blocks * NETWORK.channels),
});

function floatLoopMs() {
  const values = new Float32Array(1 << 16).fill(1.5);
  const loop = () => {
    for (let pass = 0; pass < 16; pass++) for (let i = 1; i < values.length; i++) values[i] = values[i] * 0.5 + 0.75;
  };
  return medianMs([loop])[0];
}

const speed = (name, ms, multiplications) => ({ name, ms, gmacsPerSecond: multiplications / ms / 1e6 });

/** Speed of each layer shape on one thread. */
export function measureLayers() {
  return LAYERS.map((shape) => {
    const name = `${shape.inChannels} -> ${shape.outChannels}`;
    return speed(name, timeLayer(shape), SIZE * SIZE * macs(shape));
  });
}

/** Speed of whole calls with each of these numbers of threads, in turns. */
export async function measureNetwork(threadCounts) {
  const weights = makeNetwork(NETWORK);
  const known = new Int8Array(SIZE * SIZE * KNOWN_PLANES).fill(3);
  const planes = new Int8Array(SIZE * SIZE * DENOISER_PLANES).fill(3);
  const context = new Int16Array(SIZE * SIZE * NETWORK.channels);
  const [trunkFilm, denoiserFilm] = [filmFor(NETWORK.trunkBlocks), filmFor(NETWORK.denoiserBlocks)];
  const engines = threadCounts.map((threads) => createEngine(weights, threads));
  const trunks = engines.map((engine) => () => engine.trunk(known, SIZE, SIZE, trunkFilm));
  const denoisers = engines.map((engine) => () => engine.denoise(planes, context, SIZE, SIZE, denoiserFilm));
  for (const call of trunks) call();
  await new Promise((resolve) => setTimeout(resolve, 300)); // helpers start
  const perPosition = networkMacs(NETWORK);
  const rows = (name, calls) =>
    medianMs(calls).map((ms, i) => ({
      threads: threadCounts[i],
      ...speed(name, ms, SIZE * SIZE * perPosition[name]),
    }));
  return [...rows('trunk', trunks), ...rows('denoise', denoisers)];
}

/** Pixels of a batch: as a photograph of 768 pixels a row has. */
const BATCH = 128;

/** Speed of whole batches of absorbing diffusion with each of these numbers of threads, in turns. */
export async function measurePixelNetwork(threadCounts) {
  const { weights } = await defaultModelOf();
  const networks = threadCounts.map((threads) =>
    createPixelNetwork(weights, new DenseKernel(threads > 1 ? loadSharedDense() : loadDense(), threads)),
  );
  const calls = networks.map((network) => () => {
    for (let channel = 0; channel < 3; channel++) {
      network.begin(channel, BATCH);
      network.finish();
    }
  });
  for (const call of calls) call();
  await new Promise((resolve) => setTimeout(resolve, 300)); // helpers start
  return medianMs(calls).map((ms, i) => ({
    threads: threadCounts[i],
    ...speed('pixels', ms, BATCH * pixelMacs(weights)),
  }));
}

async function report() {
  const show = (name, ms, gmacs) =>
    console.log(`${name.padEnd(24)} ${ms.toFixed(2).padStart(8)} ms ${gmacs.toFixed(1).padStart(8)} GMAC/s`);
  console.log(`${SIZE} x ${SIZE} positions, Node ${process.version}`);
  for (const { name, ms, gmacsPerSecond } of measureLayers()) show(name, ms, gmacsPerSecond);
  const start = performance.now();
  createEngine(makeNetwork(NETWORK));
  const setUpMs = performance.now() - start;
  for (const { name, threads, ms, gmacsPerSecond } of await measureNetwork([1, defaultThreads()])) {
    show(`${name}, ${threads} threads`, ms, gmacsPerSecond);
  }
  for (const { name, threads, ms, gmacsPerSecond } of await measurePixelNetwork([1, defaultThreads()])) {
    show(`${name}, ${threads} threads`, ms, gmacsPerSecond);
  }
  console.log(`${'creating the engine'.padEnd(24)} ${setUpMs.toFixed(2).padStart(8)} ms`);
  console.log(`${'float loop, 2^20 steps'.padEnd(24)} ${floatLoopMs().toFixed(2).padStart(8)} ms`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await report();
