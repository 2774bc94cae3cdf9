/**
 * The trainer's convolution, in float32 or with its operands rounded to bfloat16.
 *
 * TensorFlow.js has no 16-bit type, TensorFlow does: on a CPU with AVX512-BF16 a convolution takes half the time, casts
 * included (docs/training.md). Fake-quantised weights and activations are 8-bit integers times powers of two, which bfloat16
 * holds exactly; sums are kept in float32, so only the results and the gradients are rounded, by at most 2^-9 of each.
 */
import type { Tensor, Tensor4D, Tf } from '../tensorflow.ts';
import { type Attribute, type NativeBackend, nativeBackend, type Output } from './native-backend.ts';

export const PRECISIONS = ['float32', 'bfloat16'] as const;
export type Precision = (typeof PRECISIONS)[number];

/** TF_BFLOAT16 of TensorFlow's TF_DataType, which the binding does not name. */
const TF_BFLOAT16 = 14;

/** Stride 1, padded to the same size. @param x [batch, h, w, inputs] @param kernel [kh, kw, inputs, outputs] */
export function convolve(tf: Tf, x: Tensor4D, kernel: Tensor4D, precision: Precision): Tensor4D {
  const native = nativeBackend(tf);
  if (precision === 'float32' || native === undefined) return tf.conv2d(x, kernel, 1, 'same');
  return convolveBfloat16(tf, native, x, kernel);
}

function convolveBfloat16(tf: Tf, backend: NativeBackend, x: Tensor4D, kernel: Tensor4D): Tensor4D {
  return tf.customGrad((input, weights, save) => {
    const [x, kernel] = [input as Tensor, weights as Tensor];
    (save as (tensors: Tensor[]) => void)([x, kernel]);
    const gradFunc = (dy: Tensor, saved: Tensor[]): Tensor[] => {
      const [x, kernel] = saved as [Tensor, Tensor];
      return [
        rounded(backend, 'Conv2DBackpropInput', [shapeOf(tf, x), kernel, dy]),
        rounded(backend, 'Conv2DBackpropFilter', [x, shapeOf(tf, kernel), dy]),
      ];
    };
    return { value: rounded(backend, 'Conv2D', [x, kernel]), gradFunc };
  })(x, kernel) as Tensor4D;
}

const shapeOf = (tf: Tf, tensor: Tensor): Tensor => tf.tensor1d(tensor.shape, 'int32');

/** Runs a convolution's operation on its float operands rounded to bfloat16. */
function rounded(backend: NativeBackend, name: string, operands: readonly Tensor[]): Tensor {
  const { binding } = backend;
  const ids = backend.getInputTensorIds(operands);
  const isFloat = operands.map(({ dtype }) => dtype === 'float32');
  const inputs = ids.map((id, i) => (isFloat[i] ? cast(binding, id, [binding.TF_FLOAT, TF_BFLOAT16]).id : id));
  const [output] = binding.executeOp(name, convolutionAttributes(binding), inputs, 1);
  const result = cast(binding, output!.id, [TF_BFLOAT16, binding.TF_FLOAT]);
  for (const [i, id] of inputs.entries()) if (isFloat[i]) binding.deleteTensor(id);
  binding.deleteTensor(output!.id);
  return backend.createOutputTensor(result);
}

function cast(binding: NativeBackend['binding'], id: number, [from, to]: readonly [number, number]): Output {
  const attributes = [
    { name: 'SrcT', type: binding.TF_ATTR_TYPE, value: from },
    { name: 'DstT', type: binding.TF_ATTR_TYPE, value: to },
    { name: 'Truncate', type: binding.TF_ATTR_BOOL, value: false },
  ];
  return binding.executeOp('Cast', attributes, [id], 1)[0]!;
}

const convolutionAttributes = (binding: NativeBackend['binding']): Attribute[] => [
  { name: 'T', type: binding.TF_ATTR_TYPE, value: TF_BFLOAT16 },
  { name: 'strides', type: binding.TF_ATTR_INT, value: [1, 1, 1, 1] },
  { name: 'padding', type: binding.TF_ATTR_STRING, value: 'SAME' },
  { name: 'data_format', type: binding.TF_ATTR_STRING, value: 'NHWC' },
  { name: 'use_cudnn_on_gpu', type: binding.TF_ATTR_BOOL, value: true },
  { name: 'dilations', type: binding.TF_ATTR_INT, value: [1, 1, 1, 1] },
];
