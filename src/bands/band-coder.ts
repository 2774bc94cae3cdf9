/** What codes a band of an image, or an image that is one band: its payload is that of segments. */
import type { Pixels } from '../absorbing/neighbourhood.ts';
import { decodePixels, encodePixels, type PixelCoding } from '../absorbing/pixel-codec.ts';
import { encodeSegments, SegmentReader } from '../container/segments.ts';
import { concatenate } from '../image/png-chunks.ts';
import { type PixelModel, pixelCodingOf } from '../open-pixels.ts';
import type { CodingOptions } from '../options.ts';
import { AnsStack } from '../rans/ans-stack.ts';

export type OnFraction = (fraction: number) => void;

export interface BandCoder {
  /** The payload of pixels. */
  encode(pixels: Pixels, onProgress: OnFraction): Promise<Uint8Array>;
  /** Undoes encode. @param pixels overwritten @throws CodecError */
  decode(pixels: Pixels, payload: Uint8Array, onProgress: OnFraction): Promise<void>;
  /** It is not needed any more: what it is doing ends soon, without a word on how far it is. */
  close(): void;
}

/** Codes on the calling thread, with others of the kernel where there are more. */
export class LocalBandCoder implements BandCoder {
  private readonly model: PixelModel;
  private readonly options: CodingOptions;
  private isClosed = false;

  constructor(model: PixelModel, options: CodingOptions) {
    this.model = model;
    this.options = options;
  }

  async encode(pixels: Pixels, onProgress: OnFraction): Promise<Uint8Array> {
    const stacks = await encodePixels(pixels, this.coding(onProgress));
    return concatenate(encodeSegments(stacks.map((stack) => stack.toBytes())));
  }

  async decode(pixels: Pixels, payload: Uint8Array, onProgress: OnFraction): Promise<void> {
    const reader = new SegmentReader(payload);
    await decodePixels(pixels, this.coding(onProgress), (isLast) => AnsStack.fromBytes(reader.next(isLast)));
  }

  close(): void {
    this.isClosed = true;
  }

  private coding(tell: OnFraction): PixelCoding {
    const onProgress = (fraction: number) => {
      if (this.isClosed) throw new Error('a band is not needed any more');
      tell(fraction);
    };
    return pixelCodingOf(this.model, { ...this.options, onProgress });
  }
}
