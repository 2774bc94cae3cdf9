/** Everything that encoder and decoder of an image share while they work through its tiles. */

import type { Model } from '../model/model.ts';
import type { NetworkEngine } from '../network/network.ts';
import { coefficientCount } from '../pyramid/haar.ts';
import { stageSizes } from '../pyramid/stages.ts';
import type { TileObserver } from './tile-observer.ts';

export interface CoderOptions {
  readonly model: Model;
  readonly engine: NetworkEngine;
  /** Of the model's network for details without latents; only large stages need it. */
  readonly detailsEngine?: NetworkEngine | undefined;
  readonly numSteps: number;
  /** 1 for gray, 3 for colour. */
  readonly planes: 1 | 3;
  readonly height: number;
  readonly width: number;
  /** The image comes on top of others, whose bits pay for its latents: no tile is cut to bring bits. Default: false. */
  readonly isChained?: boolean | undefined;
  readonly onProgress?: ((fraction: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly observer?: TileObserver | undefined;
}

export class Coder {
  readonly options: CoderOptions;
  private readonly total: number;
  private done = 0;

  /** @throws the signal's reason when it is aborted already */
  constructor(options: CoderOptions) {
    options.signal?.throwIfAborted();
    this.options = options;
    const { height, width, planes } = options;
    this.total = stageSizes(height, width).reduce((sum, size) => sum + coefficientCount(size, planes), 0);
  }

  /** Called after each tile: reports progress, and lets timers and signals in. @throws the signal's reason */
  async tileDone(coefficients: number): Promise<void> {
    this.done += coefficients;
    this.options.onProgress?.(this.done / this.total);
    await this.pause();
  }

  /** Lets timers and signals in. @throws the signal's reason */
  async pause(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    this.options.signal?.throwIfAborted();
  }
}
