/**
 * What the model says about one tile: Gaussians for u and the latents, as arrays of means and scales for the coder.
 *
 * The context trunk sees the known image on the tile and a margin around it, as wide as it can look, so its result
 * does not depend on how a stage is cut into tiles.
 */
import { NUM_COEFFICIENTS, NUM_PLANES } from '../diffusion/dimensions.ts';
import type { Chain, Condition, Head, Model } from '../model/model.ts';
import { denoiserPlanes, knownPlanes } from '../network/features.ts';
import { contrastClasses, type KnownMap } from '../network/local-contrast.ts';
import { DENOISER_OUTPUTS, DENOISER_PLANES, type Film, type NetworkEngine } from '../network/network.ts';
import { BAND_COUNT } from '../pyramid/haar.ts';
import { cut } from '../pyramid/samples.ts';
import type { Tile } from '../pyramid/tiles.ts';

/** A Gaussian for each coefficient, [height, width, 9]: 16 times its mean, and its scale index. */
export interface Gaussians {
  readonly mean16: Int32Array;
  readonly scale: Uint8Array;
}

export class TilePredictor {
  private readonly engine: NetworkEngine;
  private readonly condition: Condition;
  private readonly tile: Tile;
  private readonly context: Int16Array;
  /** [height, width, 3] */
  private readonly classes: Uint8Array;
  private withoutLatents: Int16Array | undefined;
  /** An encoder asks for them twice: whether direct coding may pay, and to code. */
  private directGaussians: Gaussians | undefined;

  constructor(
    { model, engine }: { model: Model; engine: NetworkEngine },
    known: KnownMap,
    tile: Tile,
    condition: number,
  ) {
    this.engine = engine;
    this.condition = model.conditions[condition]!;
    this.tile = tile;
    // Each convolution sees one position further, and so does the local contrast before the first.
    const { map, inner } = windowAround(known, tile, 2 + 2 * model.trunkBlocks);
    const context = engine.trunk(knownPlanes(map), map.height, map.width, this.condition.trunkFilm);
    this.context = cut(context, map.width, inner, context.length / (map.height * map.width));
    this.classes = cut(contrastClasses(map), map.width, inner, NUM_PLANES);
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

  /** The Gaussians of u itself, from the known image only. */
  direct(): Gaussians {
    this.directGaussians ??= this.gaussians(this.condition.direct, this.outputsWithoutLatents());
    return this.directGaussians;
  }

  private outputsWithoutLatents(): Int16Array {
    this.withoutLatents ??= this.denoise(
      new Int8Array(this.tile.height * this.tile.width * DENOISER_PLANES),
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
    return this.engine.denoise(planes, this.context, this.tile.height, this.tile.width, film);
  }
}

/** The known image around a tile, as far as it reaches, and where the tile lies in it. */
function windowAround(
  { height, width, planes, data }: KnownMap,
  tile: Tile,
  margin: number,
): { map: KnownMap; inner: Tile } {
  const row = Math.max(0, tile.row - margin);
  const column = Math.max(0, tile.column - margin);
  const bottom = Math.min(height, tile.row + tile.height + margin);
  const right = Math.min(width, tile.column + tile.width + margin);
  const window = { row, column, height: bottom - row, width: right - column };
  const map = { height: window.height, width: window.width, planes, data: cut(data, width, window, planes) };
  return { map, inner: { ...tile, row: tile.row - row, column: tile.column - column } };
}

const MEAN_UNIT = 65_536; // 2^16
