/**
 * Speed of the convolution kernel and of the whole network, on one core: npm run build && node bench/kernels.js
 *
 * GMAC/s counts the multiplications of the plain convolution, which Winograd's algorithm mostly avoids. The float
 * loop is a yardstick: it shows how busy the machine was.
 */
import { Conv3x3, padChannels, tileGrid } from '../dist/kernels/conv3x3.js';
import { loadConv3x3 } from '../dist/kernels/load.js';
import { createEngine } from '../dist/network/engine.js';

const SIZE = 64;
const RUNS = 30;
const LAYERS = [
  { inChannels: 96, outChannels: 96 },
  { inChannels: 54, outChannels: 96 },
  { inChannels: 5, outChannels: 96 },
  { inChannels: 96, outChannels: 18 },
];
const NETWORK = { channels: 96, trunkBlocks: 3, denoiserBlocks: 4 };

/** Median milliseconds of a call after a warm-up, in which the engine compiles its loops. */
function medianMs(call) {
  for (let i = 0; i < RUNS; i++) call();
  const times = Array.from({ length: RUNS }, () => {
    const start = performance.now();
    call();
    return performance.now() - start;
  });
  return times.sort((a, b) => a - b)[RUNS >> 1];
}

function makeLayer({ inChannels, outChannels }) {
  const weights = Int8Array.from({ length: outChannels * 9 * inChannels }, (_, i) => ((i * 37) % 61) - 30);
  const bias = new Int32Array(outChannels);
  const shift = new Uint8Array(outChannels).fill(8);
  return { inChannels, outChannels, weights, bias, shift };
}

const macs = ({ inChannels, outChannels }) => SIZE * SIZE * 9 * inChannels * outChannels;

function timeLayer(shape) {
  const conv = new Conv3x3(loadConv3x3(), Math.max(shape.inChannels, shape.outChannels));
  const layer = conv.addLayer(makeLayer(shape));
  const grid = tileGrid(SIZE, SIZE);
  const outChannels = padChannels(shape.outChannels);
  const input = conv.allocateMap(grid, padChannels(shape.inChannels));
  const output = conv.allocateMap(grid, outChannels);
  const stream = conv.memory.allocate(SIZE * SIZE * outChannels * 2);
  return medianMs(() => conv.addConvolution(layer, grid, { input, stream, output }));
}

function makeNetwork({ channels, trunkBlocks, denoiserBlocks }) {
  const hidden = () => makeLayer({ inChannels: channels, outChannels: channels });
  const blocks = (length) => Array.from({ length }, () => ({ conv1: hidden(), conv2: hidden() }));
  return {
    channels,
    trunkIn: makeLayer({ inChannels: 5, outChannels: channels }),
    trunkBlocks: blocks(trunkBlocks),
    denoiserIn: makeLayer({ inChannels: 54, outChannels: channels }),
    denoiserBlocks: blocks(denoiserBlocks),
    denoiserOut: makeLayer({ inChannels: channels, outChannels: 18 }),
  };
}

const filmFor = (blocks) => ({
  multiplier: new Int16Array(blocks * NETWORK.channels).fill(256),
  offset: new Int32Array(blocks * NETWORK.channels),
});

function floatLoopMs() {
  const values = new Float32Array(1 << 16).fill(1.5);
  return medianMs(() => {
    for (let pass = 0; pass < 16; pass++) for (let i = 1; i < values.length; i++) values[i] = values[i] * 0.5 + 0.75;
  });
}

function report(name, ms, multiplications) {
  console.log(
    `${name.padEnd(24)} ${ms.toFixed(2).padStart(8)} ms ${(multiplications / ms / 1e6).toFixed(1).padStart(8)} GMAC/s`,
  );
}

console.log(`${SIZE} x ${SIZE} positions, Node ${process.version}`);
for (const shape of LAYERS) report(`${shape.inChannels} -> ${shape.outChannels}`, timeLayer(shape), macs(shape));

const start = performance.now();
const engine = createEngine(makeNetwork(NETWORK));
const setUpMs = performance.now() - start;
const hiddenMacs = macs({ inChannels: NETWORK.channels, outChannels: NETWORK.channels });
const known = new Int8Array(SIZE * SIZE * 5).fill(3);
const planes = new Int8Array(SIZE * SIZE * 54).fill(3);
const context = new Int16Array(SIZE * SIZE * NETWORK.channels);
const trunkFilm = filmFor(NETWORK.trunkBlocks);
const denoiserFilm = filmFor(NETWORK.denoiserBlocks);
const trunkMs = medianMs(() => engine.trunk(known, SIZE, SIZE, trunkFilm));
report('trunk', trunkMs, 2 * NETWORK.trunkBlocks * hiddenMacs + macs(LAYERS[2]));
const denoiseMs = medianMs(() => engine.denoise(planes, context, SIZE, SIZE, denoiserFilm));
report('denoise', denoiseMs, 2 * NETWORK.denoiserBlocks * hiddenMacs + macs(LAYERS[1]) + macs(LAYERS[3]));
console.log(`${'creating the engine'.padEnd(24)} ${setUpMs.toFixed(2).padStart(8)} ms`);
console.log(`${'float loop, 2^20 steps'.padEnd(24)} ${floatLoopMs().toFixed(2).padStart(8)} ms`);
