/** What the model says about one tile: Gaussians for u and the latents, as arrays of means and scales for the coder. */
import { NUM_COEFFICIENTS } from '../diffusion/dimensions.ts';
import type { Chain, Condition, Head, NeighbourTable } from '../model/model.ts';
import { denoiserPlanes } from '../network/features.ts';
import { DENOISER_PLANES, type Film, type NetworkEngine } from '../network/network.ts';
import type { Size } from '../pyramid/haar.ts';
import { emptyGaussians, type Gaussians, setGaussians } from './gaussians.ts';
import type { TileContext } from './stage-context.ts';

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
    const gaussians = emptyGaussians(this.size);
    for (let c = 0; c < NUM_COEFFICIENTS; c++) setGaussians(gaussians, c, { head, outputs, classes: this.classes, y });
    return gaussians;
  }

  private denoise(planes: Int8Array, film: Film): Int16Array {
    return this.engine.denoise(planes, this.context, this.size.height, this.size.width, film);
  }
}
