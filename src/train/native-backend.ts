/** TensorFlow's own operations, where TensorFlow.js composes what they do in one pass from several. */
import type { Tensor, Tf } from '../tensorflow.ts';

export interface Attribute {
  readonly name: string;
  readonly type: number;
  readonly value: unknown;
}

export interface Output {
  readonly id: number;
  readonly shape: number[];
  readonly dtype: number;
}

type AttributeType = 'TF_ATTR_TYPE' | 'TF_ATTR_INT' | 'TF_ATTR_FLOAT' | 'TF_ATTR_STRING' | 'TF_ATTR_BOOL';

export interface NativeBackend {
  readonly binding: Readonly<Record<AttributeType, number>> & {
    readonly TF_FLOAT: number;
    executeOp(name: string, attributes: readonly Attribute[], inputs: readonly number[], outputs: number): Output[];
    deleteTensor(id: number): void;
  };
  getInputTensorIds(tensors: readonly Tensor[]): number[];
  createOutputTensor(output: Output): Tensor;
  executeSingleOutput(name: string, attributes: readonly Attribute[], inputs: readonly Tensor[]): Tensor;
}

/** That of tfjs-node and tfjs-node-gpu; undefined on backends that are written in JavaScript. */
export function nativeBackend(tf: Tf): NativeBackend | undefined {
  const backend = tf.backend() as unknown as Partial<NativeBackend>;
  return typeof backend.binding?.executeOp === 'function' ? (backend as NativeBackend) : undefined;
}
