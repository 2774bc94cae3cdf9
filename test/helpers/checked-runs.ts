/** What tests of training ask of runs. */
import type { Tf } from '../../src/tensorflow.ts';
import type { RunState } from '../../src/train/checkpoint.ts';

export const disposeRun = (tf: Tf, run: RunState): void => tf.dispose([run.parameters, run.optimizer] as never);

/** The values of all tensors, by group and name. */
export const tensorsOf = ({ parameters, optimizer: { momentum, first, second, average } }: RunState) =>
  [parameters, { momentum }, first, second, average].map((group) =>
    Object.entries(group).map(([name, tensor]) => [name, Array.from(tensor.dataSync())]),
  );

/** A signal that aborts when it is looked at again after so many iterations. */
export function abortAfter(iterations: number): AbortSignal {
  let looks = 0;
  const { signal } = new AbortController();
  return Object.defineProperty(signal, 'aborted', { get: () => ++looks > iterations });
}
