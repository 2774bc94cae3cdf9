/**
 * The gradient of a learned schedule between its ends in continuous time (VDM, arXiv:2107.00630, section 5.3 and appendix I.2).
 *
 * The bound depends on the ends of gamma alone, and they learn from it. The curve between them changes only the variance of its
 * Monte Carlo estimate L, so it learns from that: Var[L] = E[L^2] - E[L]^2, whose last term does not depend on the curve
 * (equation 60). The gradient of L^2 is 2 L times that of L (equation 62), so there is no second pass: backward, what comes
 * to the curve of example i is multiplied by 2 L_i, and by the weight of the variance in what is minimised.
 */
import type { Tensor, Tensor2D, Tf } from '../tensorflow.ts';

/**
 * Of the variance, in bits^2, beside the bound, in bits. Nothing else teaches the curve, and AdamW takes gradients in units of their own
 * size, so it matters to their joint clipping alone: with 1 the curve's were 2.6 times those of a whole small network, which
 * clipping would then slow down.
 */
export const VARIANCE_WEIGHT = 1 / 8;

/** One pass, forward and backward. */
export class CurveGradient {
  private readonly tf: Tf;
  private losses: Float32Array | undefined;

  constructor(tf: Tf) {
    this.tf = tf;
  }

  /** The same values, [batch, n]; backward, the gradient of row i times 2 L_i VARIANCE_WEIGHT. */
  through(rows: Tensor2D): Tensor2D {
    const gradFunc = (dy: Tensor): Tensor => this.tf.mul(dy, this.factors());
    return this.tf.customGrad((x) => ({ value: this.tf.clone(x as Tensor), gradFunc }))(rows) as Tensor2D;
  }

  /**
   * Says, before the backward pass, what L is of each example.
   *
   * @param losses [batch]: of those that stand for the diffusion loss without their weights; 0 of the others, whose times are ends
   */
  tell(losses: Tensor): void {
    this.losses = losses.dataSync() as Float32Array;
  }

  /** [batch, 1] */
  private factors(): Tensor2D {
    if (this.losses === undefined) throw new Error('the losses must be told before the backward pass');
    return this.tf.tensor2d(
      this.losses.map((loss) => 2 * VARIANCE_WEIGHT * loss),
      [this.losses.length, 1],
    );
  }
}
