/** Measures trained runs: what scripts with --run DIR/NAME-SEED [--run ...], --data CIFAR_FOLDER, --out FOLDER and --images N have in common. */
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { requireTensorFlow } from '../../dist/cli/tensorflow.js';
import { readCheckpoint } from '../../dist/train/checkpoint.js';
import { CHECKPOINT_NAME } from '../../dist/train/train.js';
import { testImages } from './measure.js';

/**
 * @param numImages the default of --images: the first test images of CIFAR-10
 * @param measure told for each run { tf, run, name, images, out }, name that of its folder; may be asynchronous
 */
export async function eachRun(numImages, measure) {
  const { values } = parseArgs({
    options: {
      run: { type: 'string', multiple: true },
      data: { type: 'string' },
      out: { type: 'string' },
      images: { type: 'string', default: String(numImages) },
    },
  });
  for (const name of ['run', 'data', 'out']) if (values[name] === undefined) throw new Error(`--${name} is needed`);
  const tf = await requireTensorFlow();
  const images = await testImages(values.data, Number(values.images));
  for (const folder of values.run) {
    const run = await readCheckpoint(tf, join(folder, CHECKPOINT_NAME));
    await measure({ tf, run, name: basename(folder), images, out: values.out });
    tf.dispose([run.parameters, run.optimizer]);
  }
}
