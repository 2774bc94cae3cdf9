/** The kernel's arithmetic with nothing clever: the oracle for kernels/conv3x3.wasm. */
import type { Conv3x3Weights } from '../../src/kernels/conv3x3.ts';

/** An image of integers: [height, width, channels]. */
export interface IntegerMap {
  readonly height: number;
  readonly width: number;
  readonly values: ArrayLike<number>;
}

/** roundShift(bias + conv(input), shift): [height, width, outChannels]. */
export function referenceConv3x3({ height, width, values }: IntegerMap, conv: Conv3x3Weights): number[] {
  const { inChannels, outChannels, weights, bias, shift } = conv;
  const sums: number[] = [];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let o = 0; o < outChannels; o++) {
        let sum = bias[o]!;
        for (let tap = 0; tap < 9; tap++) {
          const inputY = y + Math.floor(tap / 3) - 1;
          const inputX = x + (tap % 3) - 1;
          if (inputY < 0 || inputY >= height || inputX < 0 || inputX >= width) continue;
          const from = (inputY * width + inputX) * inChannels;
          for (let c = 0; c < inChannels; c++) sum += weights[(o * 9 + tap) * inChannels + c]! * values[from + c]!;
        }
        sums.push(roundShift(sum, shift[o]!));
      }
    }
  }
  return sums;
}

/** By division, so that it does not share the kernel's idea of a shift. */
export const roundShift = (value: number, shift: number): number =>
  shift === 0 ? value : Math.floor((value + 2 ** (shift - 1)) / 2 ** shift);

export const clamp = (value: number, min: number, max: number): number => Math.min(Math.max(value, min), max);
