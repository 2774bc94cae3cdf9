/** Rate of one image: its real file, the net rate on a stack that has bits already, and the bound, term by term. */
import { RateMeter } from './codec/rate-meter.ts';
import { compress } from './compress.ts';
import { decodeHeader } from './container/header.ts';
import { isKept } from './container/payload-kind.ts';
import { decompress } from './decompress.ts';
import { type Image, isSameImage, requireImage8 } from './image/image.ts';
import { type NetChainOptions, pushNetChain } from './net-chain.ts';

export type EvaluateOptions = NetChainOptions;

/** All sizes in bits. */
export interface ImageReport {
  /** height * width * channels */
  readonly dims: number;
  /** The file that compress makes: a WebP or PNG where that is smaller, while bound and net rate are always of diffusion. */
  readonly fileBits: number;
  /** Container and alpha section. */
  readonly headerBits: number;
  /** The image on a stack that pays the initial bits, which are subtracted. */
  readonly netBits: number;
  /** The variational bound of the integer network, base included: vlb = prior + steps + recon + base. */
  readonly vlbBits: number;
  readonly lossPrior: number;
  readonly lossRecon: number;
  /** Index 0 is the step from y_1 to y_0. */
  readonly lossSteps: readonly number[];
  readonly baseBits: number;
  /** Bits of the tiles that the file codes without latents; 0 where it is no diffusion. */
  readonly directBits: number;
  /** Price of starting with an empty stack: file - header - net. Below 0 where the file is no diffusion. */
  readonly initialBits: number;
  /** Information content of the net chain by the integer CDFs; netBits / codedBits - 1 is the coder's overhead. */
  readonly codedBits: number;
  readonly exact: boolean;
  readonly encodeSeconds: number;
  readonly decodeSeconds: number;
}

/** Compresses, restores and measures an image of 8 bits a sample. @throws CodecError 'unsupported-image' for 16 */
export async function evaluateImage(image: Image, options: EvaluateOptions): Promise<ImageReport> {
  const { model, threads } = options;
  const pixels = requireImage8(image);
  const direct = new RateMeter();
  const started = performance.now();
  const file = await compress(image, { ...options, observer: direct });
  const encoded = performance.now();
  const exact = await decompress(file, { model, threads }).then(
    (restored) => isSameImage(image, restored),
    () => false,
  );
  const decoded = performance.now();
  const { header, payloadOffset } = decodeHeader(file);
  const headerBits = 8 * (payloadOffset + header.alphaLength);
  const meter = new RateMeter();
  const { netBits, baseBits } = await pushNetChain(pixels, meter, options);
  return {
    dims: image.data.length,
    fileBits: 8 * file.length,
    headerBits,
    netBits,
    vlbBits: meter.vlbBits + baseBits,
    lossPrior: meter.lossPrior,
    lossRecon: meter.lossRecon,
    lossSteps: meter.lossSteps,
    baseBits,
    directBits: isKept(header) ? 0 : direct.directBits,
    initialBits: 8 * file.length - headerBits - netBits,
    codedBits: meter.codedBits + baseBits,
    exact,
    encodeSeconds: (encoded - started) / 1000,
    decodeSeconds: (decoded - encoded) / 1000,
  };
}
