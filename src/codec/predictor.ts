/** What the model says about one tile: Gaussians for u and the latents, as arrays of means and scales for the coder. */
import { NUM_COEFFICIENTS, NUM_PLANES } from '../diffusion/dimensions.ts';
import type { Chain, Condition, Head, NeighbourTable } from '../model/model.ts';
import { denoiserPlanes } from '../network/features.ts';
import { DENOISER_OUTPUTS, DENOISER_PLANES, type Film, type NetworkEngine } from '../network/network.ts';
import { BAND_COUNT, type Size } from '../pyramid/haar.ts';
import type { TileContext } from './stage-context.ts';

/** A Gaussian for each coefficient, [height, width, 9]: 16 times its mean, and its scale index. */
export interface Gaussians {
  readonly mean16: Int32Array;
  readonly scale: Uint8Array;
}

export class TilePredictor {
  private readonly engine: NetworkEngine;
  private readonly condition: Condition;
  private readonly size: Size;
  private readonly context: Int16Array;
  private readonly classes: Uint8Array;
  private withoutLatents: Int16Array | undefined;
  /** An encoder asks for them twice: whether direct coding may pay, and to code. */
  private directGaussians: Gaussians | undefined;

  /** @param size the tile's height and width in positions */
  constructor(engine: NetworkEngine, condition: Condition, size: Size, { context, classes }: TileContext) {
    this.engine = engine;
    this.condition = condition;
    this.size = size;
    this.context = context;
    this.classes = classes;
  }

  get chains(): readonly Chain[] {
    return this.condition.chains;
  }

  /** The Gaussians of what comes before y_i in the chain: u for i = 0, else y_(i-1). @param y the latent y_i */
  reverse(chain: Chain, i: number, y: Int32Array): Gaussians {
    const level = chain.levels[i]!;
    const planes = denoiserPlanes(y, { inScale: this.condition.inScales[level]!, classes: this.classes });
    return this.gaussians(chain.heads[i]!, this.denoise(planes, this.condition.films[level]!), y);
  }

  /** The Gaussians of the chain's last latent, from the known image only. */
  prior(chain: Chain): Gaussians {
    return this.gaussians(chain.prior, this.outputsWithoutLatents());
  }

  /** What neighbours tell of u given y_0, the first latent of the chain. */
  neighbours(chain: Chain): NeighbourTable {
    return this.condition.neighbours[chain.levels[0]!]!;
  }

  /** The same without latents. */
  directNeighbours(): NeighbourTable {
    return this.condition.neighbours.at(-1)!;
  }

  /** The Gaussians of u itself, from the known image only. */
  direct(): Gaussians {
    this.directGaussians ??= this.gaussians(this.condition.direct, this.outputsWithoutLatents());
    return this.directGaussians;
  }

  private outputsWithoutLatents(): Int16Array {
    this.withoutLatents ??= this.denoise(
      new Int8Array(this.size.height * this.size.width * DENOISER_PLANES),
      this.condition.priorFilm,
    );
    return this.withoutLatents;
  }

  private gaussians(head: Head, outputs: Int16Array, y?: Int32Array): Gaussians {
    const { skip, gain, tauBase, scaleOf } = head;
    const mean16 = new Int32Array(this.classes.length * BAND_COUNT);
    const scale = new Uint8Array(mean16.length);
    for (let index = 0; index < mean16.length; index++) {
      const c = index % NUM_COEFFICIENTS;
      const position = (index - c) / NUM_COEFFICIENTS;
      const row = this.classes[position * NUM_PLANES + (c % NUM_PLANES)]! * NUM_COEFFICIENTS + c;
      const f = outputs[position * DENOISER_OUTPUTS + c]!;
      const g = outputs[position * DENOISER_OUTPUTS + NUM_COEFFICIENTS + c]!;
      const latent = y === undefined ? 0 : y[index]!;
      // |skip * y| <= 2^20 * 2^15 and |gain * F| < 2^24 * 2^15: exact in doubles, and the quotient is below 2^24.
      mean16[index] = Math.floor((skip[row]! * latent + gain[row]! * f + MEAN_UNIT / 2) / MEAN_UNIT);
      const tau = tauBase[row]! + ((g + 8) >> 4);
      scale[index] = scaleOf[Math.min(Math.max(tau, 0), 255)]!;
    }
    return { mean16, scale };
  }

  private denoise(planes: Int8Array, film: Film): Int16Array {
    return this.engine.denoise(planes, this.context, this.size.height, this.size.width, film);
  }
}

const MEAN_UNIT = 65_536; // 2^16
