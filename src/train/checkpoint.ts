/** A checkpoint: every tensor of the run as float32 behind a JSON head, written to a temporary name and renamed. */
import { readFile, rename, writeFile } from 'node:fs/promises';
import type { TrainConfig } from './config.ts';
import type { Parameters } from './model.ts';
import type { OptimizerState } from './optimizers.ts';
import type { Tensor, Tf } from './tensorflow.ts';

export interface RunState {
  readonly config: TrainConfig;
  /** Iterations done. */
  readonly iteration: number;
  /** Seconds of training so far. */
  readonly seconds: number;
  readonly random: readonly number[];
  /** [conditions][9] standard deviations of the coefficients in the training set. */
  readonly standardDeviations: readonly (readonly number[])[];
  readonly parameters: Parameters;
  readonly optimizer: OptimizerState;
}

interface Head {
  readonly state: Omit<RunState, 'parameters' | 'optimizer'>;
  readonly tensors: readonly { readonly name: string; readonly shape: number[] }[];
}

function flatten({ parameters, optimizer }: Pick<RunState, 'parameters' | 'optimizer'>): Parameters {
  const flat: Parameters = { momentum: optimizer.momentum };
  const groups = { parameters, first: optimizer.first, second: optimizer.second, average: optimizer.average };
  for (const [group, tensors] of Object.entries(groups)) {
    for (const [name, tensor] of Object.entries(tensors)) flat[`${group}/${name}`] = tensor;
  }
  return flat;
}

export async function writeCheckpoint(path: string, run: RunState): Promise<void> {
  const flat = flatten(run);
  const { parameters: _parameters, optimizer: _optimizer, ...state } = run;
  const head: Head = {
    state,
    tensors: Object.entries(flat).map(([name, tensor]) => ({ name, shape: tensor.shape })),
  };
  const text = Buffer.from(`${JSON.stringify(head)}\n`);
  const padding = Buffer.alloc((4 - (text.length % 4)) % 4, ' ');
  const values = Object.values(flat).map((tensor) => Buffer.from(new Float32Array(tensor.dataSync()).buffer));
  await writeFile(`${path}.tmp`, Buffer.concat([padding, text, ...values]));
  await rename(`${path}.tmp`, path);
}

export async function readCheckpoint(tf: Tf, path: string): Promise<RunState> {
  const bytes = await readFile(path);
  const end = bytes.indexOf(10) + 1;
  const head = JSON.parse(bytes.subarray(0, end).toString()) as Head;
  let offset = end;
  const groups: Record<string, Parameters> = { parameters: {}, first: {}, second: {}, average: {} };
  let momentum: Tensor | undefined;
  for (const { name, shape } of head.tensors) {
    const size = shape.reduce((product, side) => product * side, 1);
    const values = new Float32Array(
      bytes.buffer.slice(bytes.byteOffset + offset, bytes.byteOffset + offset + 4 * size),
    );
    offset += 4 * size;
    const tensor = tf.tensor(values, shape);
    const [group, key] = name.split('/') as [string, string?];
    if (key === undefined) momentum = tensor;
    else groups[group]![key] = tensor;
  }
  const { parameters, first, second, average } = groups as Record<string, Parameters>;
  return {
    ...head.state,
    parameters: parameters!,
    optimizer: { momentum: momentum!, first: first!, second: second!, average: average! },
  };
}
