/** Rows of numbers of each example as planes that broadcast over its positions. */
import type { Tensor2D, Tensor4D, Tf } from '../tensorflow.ts';

/** [batch, n] as [batch, 1, 1, n] */
export const spread = (tf: Tf, rows: Tensor2D): Tensor4D =>
  tf.reshape(rows, [rows.shape[0], 1, 1, rows.shape[1]]) as Tensor4D;
