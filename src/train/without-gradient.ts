/** Values of a tensor that what follows takes as given. */
import type { Tensor, Tf } from '../tensorflow.ts';

/** The same values with a gradient of 0 (stop-gradient); TensorFlow.js needs a gradient for every variable. */
export const withoutGradient = <T extends Tensor>(tf: Tf, values: T): T =>
  tf.customGrad((x) => ({
    value: tf.clone(x as Tensor),
    gradFunc: (dy: Tensor) => tf.zerosLike(dy),
  }))(values) as T;
