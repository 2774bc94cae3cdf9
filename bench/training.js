/**
 * What training reaches of what this machine can do: npm run bench:training -- --data PHOTOS [--rounds 3]
 *
 * One 3x3 convolution of 96 channels and one product of a dense layer, forward and backward by TensorFlow.js, as training has
 * them, and a training step of Gaussian and of absorbing diffusion as a dry run measures it, in turns; the best of the rounds counts. A multiplication
 * and its addition are two operations; gradients of inputs and weights take as many each as the way forward.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { requireTensorFlow } from '../dist/cli/tensorflow.js';
import { parseConfig } from '../dist/train/config.js';
import { readDataset } from '../dist/train/dataset.js';
import { dryRun } from '../dist/train/dry-run.js';
import { machine } from './machine.js';

const RESULT = 'bench/results/training.json';
const CONVOLUTION = { batch: 16, side: 32, channels: 96 };
const PRODUCT = { rows: 8192, width: 192 };
const OPERATIONS_PER_MAC = 6;
/** Calls of one measurement, of which the fastest counts: others were disturbed, or the first ones. */
const CALLS = 40;
/** So that photographs are enough; steps cost the same. */
const PHOTOS = { photos: 1, small: 0, tops: 0 };
const STEPS = [
  {
    name: 'photo-6, in float32',
    config: 'models/photo-6/config.json',
    fields: { precision: 'float32', mixture: PHOTOS },
  },
  { name: 'pixels-3', config: 'models/pixels-3/config.json', fields: { mixture: PHOTOS } },
];

const { values } = parseArgs({
  options: { data: { type: 'string', multiple: true }, rounds: { type: 'string', default: '3' } },
});
if (values.data === undefined)
  throw new Error('--data FOLDER is needed, with the images of a dry run; may be repeated');

const tf = await requireTensorFlow();
const data = await readDataset(values.data, 'train');

/** GFLOPS of the gradients of a function of two tensors, and of what they need of it, which TensorFlow has computed when a call returns. */
function gflopsOf(call, tensors, macs) {
  const gradients = tf.grads(call);
  const run = () => {
    const start = performance.now();
    tf.tidy(() => void gradients(tensors));
    return performance.now() - start;
  };
  const times = Array.from({ length: CALLS }, run);
  return (OPERATIONS_PER_MAC * macs) / Math.min(...times) / 1e6;
}

function convolution() {
  const { batch, side, channels } = CONVOLUTION;
  const tensors = [tf.randomNormal([batch, side, side, channels]), tf.randomNormal([3, 3, channels, channels])];
  return gflopsOf((x, kernel) => tf.conv2d(x, kernel, 1, 'same'), tensors, batch * side ** 2 * 9 * channels ** 2);
}

function product() {
  const { rows, width } = PRODUCT;
  const tensors = [tf.randomNormal([rows, width]), tf.randomNormal([width, width])];
  return gflopsOf((x, weights) => tf.matMul(x, weights), tensors, rows * width ** 2);
}

async function step({ config, fields }) {
  const parsed = parseConfig({ ...JSON.parse(readFileSync(config, 'utf8')), ...fields });
  const { gflops, secondsPerIteration } = await dryRun(tf, parsed, data, new AbortController().signal);
  return { gflops, secondsPerIteration };
}

const rounds = [];
const best = (of) => Number(Math.max(...rounds.map(of)).toFixed(1));
for (let round = 0; round < Number(values.rounds); round++) {
  const ceiling = { convolution: convolution(), product: product() };
  const steps = {};
  for (const each of STEPS) steps[each.name] = await step(each);
  rounds.push({ ...ceiling, steps });
  const gflops = {
    convolution: best((of) => of.convolution),
    product: best((of) => of.product),
    ...Object.fromEntries(STEPS.map(({ name }) => [name, best((of) => of.steps[name].gflops)])),
  };
  writeFileSync(RESULT, `${JSON.stringify({ ...machine(), gflops, rounds }, undefined, 2)}\n`);
  console.log(JSON.stringify(rounds.at(-1)));
}
