/**
 * What the model says about one tile: Gaussians for u and the latents, as arrays of means and scales for the coder.
 *
 * The context trunk sees the known image on the tile and a margin around it, as wide as it can look, so its result
 * does not depend on how a stage is cut into tiles.
 */
import { NUM_COEFFICIENTS } from '../diffusion/dimensions.ts';
import type { Chain, Condition, Head, Model } from '../model/model.ts';
import { denoiserPlanes, knownPlanes } from '../network/features.ts';
import { DENOISER_OUTPUTS, DENOISER_PLANES, type Film, type NetworkEngine } from '../network/network.ts';
import { cut } from '../pyramid/samples.ts';
import type { Tile } from '../pyramid/tiles.ts';

/** A Gaussian for each coefficient, [height, width, 9]: 16 times its mean, and its scale index. */
export interface Gaussians {
  readonly mean16: Int32Array;
  readonly scale: Uint8Array;
}

/** The known image of a stage, [height, width, planes] with 1 (gray) or 3 planes. */
export interface KnownImage {
  readonly height: number;
  readonly width: number;
  readonly planes: 1 | 3;
  readonly data: Int16Array;
}

export class TilePredictor {
  private readonly engine: NetworkEngine;
  private readonly condition: Condition;
  private readonly tile: Tile;
  private readonly context: Int16Array;
  private withoutLatents: Int16Array | undefined;

  constructor(
    { model, engine }: { model: Model; engine: NetworkEngine },
    known: KnownImage,
    tile: Tile,
    condition: number,
  ) {
    this.engine = engine;
    this.condition = model.conditions[condition]!;
    this.tile = tile;
    this.context = contextOf(engine, known, tile, {
      film: this.condition.trunkFilm,
      margin: 1 + 2 * model.trunkBlocks,
    });
  }

  get chains(): readonly Chain[] {
    return this.condition.chains;
  }

  /** The Gaussians of what comes before y_i in the chain: u for i = 0, else y_(i-1). @param y the latent y_i */
  reverse(chain: Chain, i: number, y: Int32Array): Gaussians {
    const level = chain.levels[i]!;
    const planes = denoiserPlanes(y, this.condition.inScales[level]!);
    return applyHead(chain.heads[i]!, this.denoise(planes, this.condition.films[level]!), y);
  }

  /** The Gaussians of the chain's last latent, from the known image only. */
  prior(chain: Chain): Gaussians {
    return applyHead(chain.prior, this.outputsWithoutLatents(), undefined);
  }

  /** The Gaussians of u itself, from the known image only. */
  direct(): Gaussians {
    return applyHead(this.condition.direct, this.outputsWithoutLatents(), undefined);
  }

  private outputsWithoutLatents(): Int16Array {
    this.withoutLatents ??= this.denoise(
      new Int8Array(this.tile.height * this.tile.width * DENOISER_PLANES),
      this.condition.priorFilm,
    );
    return this.withoutLatents;
  }

  private denoise(planes: Int8Array, film: Film): Int16Array {
    return this.engine.denoise(planes, this.context, this.tile.height, this.tile.width, film);
  }
}

/** The trunk's output on a tile: computed on the tile with its margin, as far as the image reaches, then cut out. */
function contextOf(
  engine: NetworkEngine,
  { height, width, planes, data }: KnownImage,
  tile: Tile,
  { film, margin }: { film: Film; margin: number },
): Int16Array {
  const top = Math.max(0, tile.row - margin);
  const left = Math.max(0, tile.column - margin);
  const bottom = Math.min(height, tile.row + tile.height + margin);
  const right = Math.min(width, tile.column + tile.width + margin);
  const window = { row: top, column: left, height: bottom - top, width: right - left };
  const known = knownPlanes(cut(data, width, window, planes), planes);
  const context = engine.trunk(known, window.height, window.width, film);
  const channels = context.length / (window.height * window.width);
  return cut(context, window.width, { ...tile, row: tile.row - top, column: tile.column - left }, channels);
}

const MEAN_UNIT = 65_536; // 2^16

function applyHead(head: Head, outputs: Int16Array, y: Int32Array | undefined): Gaussians {
  const { skip, gain, tauBase, scaleOf } = head;
  const positions = outputs.length / DENOISER_OUTPUTS;
  const mean16 = new Int32Array(positions * NUM_COEFFICIENTS);
  const scale = new Uint8Array(positions * NUM_COEFFICIENTS);
  for (let position = 0; position < positions; position++) {
    for (let c = 0; c < NUM_COEFFICIENTS; c++) {
      const index = position * NUM_COEFFICIENTS + c;
      const f = outputs[position * DENOISER_OUTPUTS + c]!;
      const g = outputs[position * DENOISER_OUTPUTS + NUM_COEFFICIENTS + c]!;
      const latent = y === undefined ? 0 : y[index]!;
      // |skip * y| <= 2^21 * 2^15 and |gain * F| < 2^24 * 2^15: exact in doubles, and the quotient is below 2^24.
      mean16[index] = Math.floor((skip[c]! * latent + gain[c]! * f + MEAN_UNIT / 2) / MEAN_UNIT);
      const tau = tauBase[c]! + ((g + 8) >> 4);
      scale[index] = scaleOf[Math.min(Math.max(tau, 0), 255)]!;
    }
  }
  return { mean16, scale };
}
