/**
 * The network in float32 on TensorFlow.js, a GPU's with tfjs-node-gpu: the same bits as the reference engine.
 *
 * Every value is an integer or a multiple of 2^-20 with at most 24 significant bits, which float32 holds, and every
 * operation is exact, or rounds above 2^23, far outside the clamp that follows it (docs/determinism.md, "Engines").
 */
import type { Tensor1D, Tensor3D, TensorContainer, Tf } from '../tensorflow.ts';
import { assertAccumulatorBounds } from './bounds.ts';
import {
  type BlockWeights,
  DENOISER_PLANES,
  type Film,
  KNOWN_PLANES,
  type NetworkEngine,
  type NetworkWeights,
} from './network.ts';
import { convolve, type TfjsLayer, uploadLayer } from './tfjs-convolution.ts';
import { assertDenoiseCall, assertTrunkCall } from './validate.ts';

interface Block {
  readonly conv1: TfjsLayer;
  readonly conv2: TfjsLayer;
}

interface Layers {
  readonly trunkIn: TfjsLayer;
  readonly trunkBlocks: readonly Block[];
  readonly denoiserIn: TfjsLayer;
  readonly denoiserBlocks: readonly Block[];
  readonly denoiserOut: TfjsLayer;
}

/** One block's FiLM, [channels] each, both times 2^-11. */
interface FilmRow {
  readonly multiplier: Tensor1D;
  readonly offset: Tensor1D;
}

export class TfjsEngine implements NetworkEngine {
  private readonly tf: Tf;
  private readonly channels: number;
  private readonly layers: Layers;
  private readonly films = new Map<Film, readonly FilmRow[]>();

  /** Uploads the weights; a film's rows follow when it is first used, and must not change after. */
  constructor(tf: Tf, weights: NetworkWeights) {
    assertAccumulatorBounds(weights);
    this.tf = tf;
    this.channels = weights.channels;
    this.layers = uploadLayers(tf, weights);
  }

  trunk(known: Int8Array, height: number, width: number, film: Film): Int16Array {
    const { trunkIn, trunkBlocks } = this.layers;
    assertTrunkCall({ height, width, channels: this.channels, blocks: trunkBlocks.length, film }, known);
    const rows = this.rowsOf(film);
    return this.download(() => {
      const sums = convolve(this.tf, this.upload(known, [height, width, KNOWN_PLANES]), trunkIn);
      return this.runBlocks(this.saturate(this.round(sums)), trunkBlocks, rows);
    });
  }

  denoise(planes: Int8Array, context: Int16Array, height: number, width: number, film: Film): Int16Array {
    const { denoiserIn, denoiserBlocks, denoiserOut } = this.layers;
    const call = { height, width, channels: this.channels, blocks: denoiserBlocks.length, film };
    assertDenoiseCall(call, planes, context);
    const rows = this.rowsOf(film);
    return this.download(() => {
      const start = this.upload(context, [height, width, this.channels]);
      const sums = convolve(this.tf, this.upload(planes, [height, width, DENOISER_PLANES]), denoiserIn);
      const stream = this.runBlocks(this.addSaturated(start, sums), denoiserBlocks, rows);
      return this.saturate(this.round(convolve(this.tf, this.activate(stream), denoiserOut)));
    });
  }

  /** Frees the memory of the device. */
  dispose(): void {
    this.tf.dispose([this.layers, ...this.films.values()] as unknown as TensorContainer);
    this.films.clear();
  }

  private rowsOf(film: Film): readonly FilmRow[] {
    const rows = this.films.get(film) ?? uploadFilm(this.tf, film, this.channels);
    this.films.set(film, rows);
    return rows;
  }

  private runBlocks(stream: Tensor3D, blocks: readonly Block[], rows: readonly FilmRow[]): Tensor3D {
    return blocks.reduce((x, { conv1, conv2 }, block) => {
      const hidden = this.round(convolve(this.tf, this.activate(x), conv1));
      return this.addSaturated(x, convolve(this.tf, this.modulate(hidden, rows[block]!), conv2));
    }, stream);
  }

  /** ReLU from units of 2^-8 to units of 2^-5. */
  private activate(x: Tensor3D): Tensor3D {
    return this.clamp(this.round(this.tf.mul(x, 1 / 8)), 0, 255);
  }

  /** FiLM and ReLU. */
  private modulate(hidden: Tensor3D, { multiplier, offset }: FilmRow): Tensor3D {
    const t = this.clamp(hidden, -4096, 4095);
    // |t * multiplier| <= 2^22 and |offset| <= 2^22 before both are divided by 2^11, so the sum is exact.
    return this.clamp(this.round(this.tf.add(this.tf.mul(t, multiplier), offset)), 0, 255);
  }

  private addSaturated(x: Tensor3D, sums: Tensor3D): Tensor3D {
    return this.saturate(this.tf.add(x, this.round(sums)));
  }

  private saturate(x: Tensor3D): Tensor3D {
    return this.clamp(x, -32768, 32767);
  }

  /**
   * To the nearest integer, ties up, where |x| = |v| * 2^-s for an integer |v| < 2^24: the reference's roundShift(v, s).
   *
   * For s > 0 only sums x + 1/2 above 2^(24-s) are inexact. They round to no more than 2^(24-s) + 1/2, which is a
   * float, so their floor stays. For s = 0 an |x| above 2^23 may change, and is clamped by the caller.
   */
  private round(x: Tensor3D): Tensor3D {
    return this.tf.floor(this.tf.add<Tensor3D>(x, 0.5));
  }

  private clamp(x: Tensor3D, min: number, max: number): Tensor3D {
    return this.tf.clipByValue(x, min, max);
  }

  private upload(map: Int8Array | Int16Array, shape: [number, number, number]): Tensor3D {
    return this.tf.tensor3d(new Float32Array(map), shape);
  }

  /** The values of what is computed; all tensors made on the way are disposed of. */
  private download(compute: () => Tensor3D): Int16Array {
    const result = this.tf.tidy(compute);
    try {
      return new Int16Array(result.dataSync());
    } finally {
      result.dispose();
    }
  }
}

function uploadLayers(tf: Tf, weights: NetworkWeights): Layers {
  const uploadBlocks = (blocks: readonly BlockWeights[]): Block[] =>
    blocks.map(({ conv1, conv2 }) => ({ conv1: uploadLayer(tf, conv1), conv2: uploadLayer(tf, conv2) }));
  return {
    trunkIn: uploadLayer(tf, weights.trunkIn),
    trunkBlocks: uploadBlocks(weights.trunkBlocks),
    denoiserIn: uploadLayer(tf, weights.denoiserIn),
    denoiserBlocks: uploadBlocks(weights.denoiserBlocks),
    denoiserOut: uploadLayer(tf, weights.denoiserOut),
  };
}

function uploadFilm(tf: Tf, { multiplier, offset }: Film, channels: number): FilmRow[] {
  const row = (values: Int16Array | Int32Array, block: number): Tensor1D =>
    tf.tensor1d(Float32Array.from(values.subarray(block * channels, (block + 1) * channels), (value) => value / 2048));
  return Array.from({ length: multiplier.length / channels }, (_, block) => ({
    multiplier: row(multiplier, block),
    offset: row(offset, block),
  }));
}
