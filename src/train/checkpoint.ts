/** A checkpoint: every tensor of the run as float32 behind a JSON head, written to a temporary name and renamed. */
import { readFile, rename, writeFile } from 'node:fs/promises';
import { CodecError } from '../errors.ts';
import type { Tf } from '../tensorflow.ts';
import type { Methods } from '../training-methods.ts';
import { DEFAULT_CONFIG, type TrainConfig } from './config.ts';
import type { LossHistory } from './loss-history.ts';
import type { Meter } from './meter.ts';
import type { Parameters } from './model.ts';
import type { OptimizerState } from './optimizers.ts';

export interface RunState {
  readonly config: TrainConfig;
  /** Fields whose values came from options in place of the config's file. */
  readonly replaced?: readonly (keyof Methods)[];
  /** Iterations done. */
  readonly iteration: number;
  /** Seconds of training so far. */
  readonly seconds: number;
  /** Examples seen so far, of any stage; unknown of runs of earlier versions. */
  readonly examples?: number;
  readonly random: readonly number[];
  /** What was measured since the last line of the log. */
  readonly meter?: Meter;
  /** Losses of the terms, which a run with importance sampling keeps. */
  readonly history?: LossHistory;
  /** [conditions][NUM_CLASSES * 9] standard deviations of the coefficients in the training set, by class of contrast. */
  readonly standardDeviations: readonly (readonly number[])[];
  readonly parameters: Parameters;
  readonly optimizer: OptimizerState;
}

interface Head {
  readonly state: Omit<RunState, 'parameters' | 'optimizer'>;
  readonly tensors: readonly { readonly name: string; readonly shape: number[] }[];
}

const NEWLINE = 10;

/** All tensors by 'group/name'. */
function flatten({ parameters, optimizer }: Pick<RunState, 'parameters' | 'optimizer'>): Parameters {
  const flat: Parameters = { momentum: optimizer.momentum };
  const groups = { parameters, first: optimizer.first, second: optimizer.second, average: optimizer.average };
  for (const [group, tensors] of Object.entries(groups)) {
    for (const [name, tensor] of Object.entries(tensors)) flat[`${group}/${name}`] = tensor;
  }
  return flat;
}

function unflatten(flat: Parameters): Pick<RunState, 'parameters' | 'optimizer'> {
  const group = (prefix: string): Parameters => {
    const entries = Object.entries(flat).filter(([name]) => name.startsWith(`${prefix}/`));
    return Object.fromEntries(entries.map(([name, tensor]) => [name.slice(prefix.length + 1), tensor]));
  };
  const [first, second, average] = [group('first'), group('second'), group('average')];
  return { parameters: group('parameters'), optimizer: { momentum: flat.momentum!, first, second, average } };
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

/** @throws CodecError 'corrupt' when the file does not hold what its head says. */
export async function readCheckpoint(tf: Tf, path: string): Promise<RunState> {
  const bytes = await readFile(path);
  const start = bytes.indexOf(NEWLINE) + 1;
  const { state, tensors } = parseHead(bytes.subarray(0, start).toString());
  const sizes = tensors.map(({ shape }) => shape.reduce((product, side) => product * side, 1));
  const expected = start + 4 * sizes.reduce((sum, size) => sum + size, 0);
  if (bytes.length !== expected) {
    throw new CodecError('corrupt', `checkpoint must have ${expected} bytes, has ${bytes.length}`);
  }
  const flat: Parameters = {};
  let offset = bytes.byteOffset + start;
  for (const [i, { name, shape }] of tensors.entries()) {
    const end = offset + 4 * sizes[i]!;
    flat[name] = tf.tensor(new Float32Array(bytes.buffer.slice(offset, end)), shape);
    offset = end;
  }
  // A run of an earlier version lacks the fields that have come since.
  return { ...state, config: { ...DEFAULT_CONFIG, ...state.config }, ...unflatten(flat) };
}

/**
 * The fields that options have replaced in the config of a run, to go on with.
 *
 * @throws CodecError 'corrupt' when the file does not begin as a checkpoint.
 */
export async function readReplaced(path: string): Promise<Partial<Methods>> {
  const bytes = await readFile(path);
  const { config, replaced = [] } = parseHead(bytes.subarray(0, bytes.indexOf(NEWLINE) + 1).toString()).state;
  return Object.fromEntries(replaced.map((field) => [field, config[field]]));
}

function parseHead(json: string): Head {
  try {
    return JSON.parse(json) as Head;
  } catch (cause) {
    throw new CodecError('corrupt', 'checkpoint does not begin with a line of JSON', { cause });
  }
}
