/** Tables over three axes, laid out in blocks: cells that are near each other along all axes follow each other. */

export interface Axis {
  /** A multiple of the block's side. */
  readonly size: number;
  /** Logarithm of the block's side. */
  readonly blockBits: number;
}

export interface BlockLayout {
  /** Of all cells together. */
  readonly length: number;
  /** Logarithm of the cells of a block. */
  readonly blockBits: number;
  /** The index of a cell is the sum of what each axis has for its coordinate. */
  readonly offsets: readonly [Int32Array, Int32Array, Int32Array];
}

/** @param axes of which the last varies fastest, within a block and from block to block */
export function blockLayout(axes: readonly [Axis, Axis, Axis]): BlockLayout {
  let cell = 1;
  const blockBits = axes.reduce((sum, axis) => sum + axis.blockBits, 0);
  let block = 1 << blockBits;
  const offsetsOf = ({ size, blockBits }: Axis): Int32Array => {
    const side = 1 << blockBits;
    const [cellStep, blockStep] = [cell, block];
    cell *= side;
    block *= size / side;
    return Int32Array.from({ length: size }, (_, i) => (i % side) * cellStep + Math.floor(i / side) * blockStep);
  };
  // Each call goes on where the one before ended.
  const [third, second, first] = [offsetsOf(axes[2]), offsetsOf(axes[1]), offsetsOf(axes[0])];
  return { length: block, blockBits, offsets: [first, second, third] };
}
