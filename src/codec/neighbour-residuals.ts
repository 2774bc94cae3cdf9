/**
 * What the details decoded before tell of those of a position, beyond the network: it predicts all of them at once, from
 * noise, so its errors at neighbours are alike. The Gaussians of u are moved by a weighted sum of the residuals of four
 * neighbours, and widened or narrowed by how large these are.
 *
 * A residual is (u - mean) / deviation, with the deviation of a rounded u. Neighbours are those of the same tile, since
 * the residuals of others hang on latents that an encoder, which works backwards, does not have yet.
 *
 * Doubles with IEEE + - * / and floor alone, in the order written here.
 */
import { NUM_COEFFICIENTS, NUM_PLANES, ROUNDING_VARIANCE } from '../diffusion/dimensions.ts';
import { type NeighbourTable, NUM_ENERGY_CLASSES, NUM_NEIGHBOURS } from '../model/model.ts';
import { NUM_SCALES, scaleIndexForVariance, scaleSigma } from '../rans/discretised-gaussian.ts';
import type { Gaussians } from './gaussians.ts';

/** Units of a weight in one. */
export const WEIGHT_UNITS = 256;
/** Larger residuals count as this. */
const MAX_RESIDUAL = 8;
/** |mean16| stays within what the format promises of it. */
export const MAX_MEAN16 = 0xff_ffff;
/** Energies from which the next class begins. */
const ENERGY_CLASSES = [1 / 16, 1 / 4, 1 / 2, 0.7, 1, 1.4, 2];

/** 16 times the deviation of a rounded u, by scale. */
export const DEVIATIONS16 = Float64Array.from({ length: NUM_SCALES }, (_, scale) => {
  const sigma = scaleSigma(scale);
  return 16 * scaleSigma(scaleIndexForVariance(sigma * sigma + ROUNDING_VARIANCE));
});

/** A coefficient's own scale and the residuals of its neighbours, [4, 9]. */
interface Surroundings {
  readonly inputs: Float64Array | Float32Array;
  readonly scale: number;
}

/** By how much the neighbours move the mean of a coefficient, in 1/16. */
export function shift16({ weights }: NeighbourTable, c: number, { inputs, scale }: Surroundings): number {
  const row = c * inputs.length;
  let sum = 0;
  for (let i = 0; i < inputs.length; i++) sum += weights[row + i]! * inputs[i]!;
  return Math.floor((sum / WEIGHT_UNITS) * DEVIATIONS16[scale]! + 0.5);
}

export class NeighbourResiduals {
  /** The Gaussians of u: those of positions that were refined, and the network's own for the others. */
  readonly refined: Gaussians;
  private readonly own: Gaussians;
  private readonly table: NeighbourTable;
  private readonly width: number;
  /** [height, width, 9] */
  private readonly residuals: Float64Array;
  /** [height, width, 3]: sums of their squares over the bands of a plane */
  private readonly energies: Float64Array;
  /** [4, 9]: the residuals of the neighbours gathered last. */
  readonly inputs = new Float64Array(NUM_NEIGHBOURS * NUM_COEFFICIENTS);
  private readonly planeEnergies = new Float64Array(NUM_PLANES);

  /** @param gaussians the network's, [height, width, 9] */
  constructor(gaussians: Gaussians, table: NeighbourTable, width: number) {
    const { mean16, scale } = gaussians;
    this.own = gaussians;
    this.refined = { mean16: mean16.slice(), scale: scale.slice() };
    this.table = table;
    this.width = width;
    this.residuals = new Float64Array(mean16.length);
    this.energies = new Float64Array((mean16.length / NUM_COEFFICIENTS) * NUM_PLANES);
  }

  /** Refines the Gaussians of a position whose neighbours before it were noted. @param position row * width + column */
  refine(position: number): void {
    const { own, refined } = this;
    const count = this.gather(position);
    const base = position * NUM_COEFFICIENTS;
    for (let c = 0; c < NUM_COEFFICIENTS; c++) {
      const scale = own.scale[base + c]!;
      const moved = own.mean16[base + c]! + shift16(this.table, c, { inputs: this.inputs, scale });
      refined.mean16[base + c] = Math.min(Math.max(moved, -MAX_MEAN16), MAX_MEAN16);
      const step = this.table.steps[c * NUM_ENERGY_CLASSES + this.energyClass(c, count)]!;
      refined.scale[base + c] = Math.min(Math.max(scale + step, 0), NUM_SCALES - 1);
    }
  }

  /** [9]: of a position that was noted. */
  residualsOf(position: number): Float64Array {
    return this.residuals.subarray(position * NUM_COEFFICIENTS, (position + 1) * NUM_COEFFICIENTS);
  }

  /** Takes in a decoded detail; those that do not exist are to be left out. @param index in [height, width, 9] */
  note(index: number, u: number): void {
    const { own, residuals, energies } = this;
    const deviations = (16 * u - own.mean16[index]!) / DEVIATIONS16[own.scale[index]!]!;
    const residual = Math.min(Math.max(deviations, -MAX_RESIDUAL), MAX_RESIDUAL);
    residuals[index] = residual;
    const plane = Math.floor(index / NUM_COEFFICIENTS) * NUM_PLANES + (index % NUM_PLANES);
    energies[plane] = energies[plane]! + residual * residual;
  }

  /** Brings the residuals of a position's neighbours together; 0 for those outside the tile. Returns how many are inside. */
  gather(position: number): number {
    const { width, inputs, planeEnergies } = this;
    const column = position % width;
    const [hasLeft, hasAbove] = [column > 0, position >= width];
    inputs.fill(0);
    planeEnergies.fill(0);
    if (hasLeft) this.take(0, position - 1);
    if (hasAbove) this.take(1, position - width);
    if (hasAbove && hasLeft) this.take(2, position - width - 1);
    const hasRight = hasAbove && column < width - 1;
    if (hasRight) this.take(3, position - width + 1);
    return (hasLeft ? 1 : 0) + (hasAbove ? 1 : 0) + (hasAbove && hasLeft ? 1 : 0) + (hasRight ? 1 : 0);
  }

  /** That of a coefficient and its plane at the `count` neighbours gathered last. */
  energyClass(c: number, count: number): number {
    const { inputs, planeEnergies } = this;
    let own = 0;
    for (let i = c; i < inputs.length; i += NUM_COEFFICIENTS) own += inputs[i]! * inputs[i]!;
    const energy = count === 0 ? 1 : (own + planeEnergies[c % NUM_PLANES]! / NUM_BANDS) / (2 * count);
    let index = 0;
    while (index < ENERGY_CLASSES.length && energy >= ENERGY_CLASSES[index]!) index++;
    return index;
  }

  private take(neighbour: number, position: number): void {
    const { residuals, energies, inputs, planeEnergies } = this;
    const [from, to] = [position * NUM_COEFFICIENTS, neighbour * NUM_COEFFICIENTS];
    for (let c = 0; c < NUM_COEFFICIENTS; c++) inputs[to + c] = residuals[from + c]!;
    for (let p = 0; p < NUM_PLANES; p++) planeEnergies[p] = planeEnergies[p]! + energies[position * NUM_PLANES + p]!;
  }
}

const NUM_BANDS = NUM_COEFFICIENTS / NUM_PLANES;
