/**
 * What the integer transforms round away from the details of a 2x2 block, which is known once others are:
 *
 *     Haar:     D is exact; H = (the mean of both rows' left - right) less 1/2 where D is odd;
 *               V = (the difference of both rows' means) less 1/2 where the upper row's difference is odd, plus 1/2 where the lower's is
 *     YCoCg-R:  Cg is 1/2 too large where Co is odd; Y is 1/2 too small where Cg is odd, and 1/4 where Co is
 *
 * Noise is Gaussian before the rounding. With the rounding known its details are independent integers again, where without it they
 * cost up to a fifth more; so planes are coded in the order Co, Cg, Y, and their bands in the order D, H, V.
 */
import { type Block, D, H, planePixels, V } from './block-details.ts';
import { NUM_YCOCG_PLANES } from './ycocg.ts';

/** Coefficients in the order that this needs: of three planes, or of gray. */
export const CODING_ORDERS: Readonly<Record<1 | 3, readonly number[]>> = {
  1: [D, H, V],
  3: [1, 2, 0].flatMap((plane) => [D + plane, H + plane, V + plane]),
};

export class RoundingShifts {
  private readonly coloursRound: boolean;
  /** Pixels of Co and Cg. */
  private readonly co = new Int32Array(4);
  private readonly cg = new Int32Array(4);
  /** 16 times what was rounded away from the four pixels of the plane at hand. */
  private readonly pixels = new Int32Array(4);

  /** @param coloursRound the pixels are those of an image in colour, and no means of others */
  constructor(coloursRound: boolean) {
    this.coloursRound = coloursRound;
  }

  /** 16 times what to add to a detail. The details before it in the coding order are to be in the block. */
  shift16(c: number, block: Block): number {
    const plane = c % NUM_YCOCG_PLANES;
    const band = c - plane;
    if (this.coloursRound) this.setPixels(plane, block);
    const [a, b, c2, d] = this.pixels as unknown as [number, number, number, number];
    const { u, base } = block;
    if (band === D) return a - b - c2 + d;
    const diagonal = u[base + D + plane]!;
    if (band === H) return (a - b + c2 - d) / 2 + 8 * (diagonal & 1);
    const lower = u[base + H + plane]! - (diagonal >> 1);
    return (a + b - c2 - d) / 2 + 8 * (((diagonal + lower) & 1) - (lower & 1));
  }

  private setPixels(plane: number, block: Block): void {
    const { pixels, co, cg } = this;
    if (plane !== 1) planePixels(block, 1, co);
    if (plane === 0) planePixels(block, 2, cg);
    for (let i = 0; i < pixels.length; i++) {
      if (plane === 0) pixels[i] = 8 * (cg[i]! & 1) + 4 * (co[i]! & 1);
      else pixels[i] = plane === 2 ? -8 * (co[i]! & 1) : 0;
    }
  }
}
