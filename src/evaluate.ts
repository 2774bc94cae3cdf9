/** Rate of one image: its real file, the net rate on a stack that has bits already, and the bound, term by term. */
import { RateMeter } from './codec/rate-meter.ts';
import { compress } from './compress.ts';
import { decodeHeader } from './container/header.ts';
import { isKept } from './container/payload-kind.ts';
import { decompress } from './decompress.ts';
import { defaultModelOf } from './default-model.ts';
import { type Image, type Image8, isSameImage, requireImage8 } from './image/image.ts';
import type { AbsorbingModel } from './model/absorbing-model.ts';
import { type AnyModel, isAbsorbing } from './model/installed-models.ts';
import { type NetChainOptions, pushNetChain, pushNetPixels } from './net-chain.ts';

export interface EvaluateOptions extends Omit<NetChainOptions, 'model'> {
  /** Default: as compress chooses. */
  readonly model?: AnyModel | undefined;
}

/** All sizes in bits. */
export interface ImageReport {
  /** height * width * channels */
  readonly dims: number;
  /** Name of the model. */
  readonly model: string;
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
export async function evaluateImage(image: Image, options: EvaluateOptions = {}): Promise<ImageReport> {
  const { threads } = options;
  const pixels = requireImage8(image);
  const { model = await defaultModelOf(undefined, options) } = options;
  const direct = new RateMeter();
  const started = performance.now();
  const file = await compress(image, { ...options, model, observer: direct });
  const encoded = performance.now();
  const exact = await decompress(file, { model, threads }).then(
    (restored) => isSameImage(image, restored),
    () => false,
  );
  const decoded = performance.now();
  const { header, payloadOffset } = decodeHeader(file);
  const headerBits = 8 * (payloadOffset + header.alphaLength);
  const terms = isAbsorbing(model)
    ? await absorbingTerms(pixels, { ...options, model })
    : await gaussianTerms(pixels, { ...options, model });
  return {
    dims: image.data.length,
    model: model.name,
    fileBits: 8 * file.length,
    headerBits,
    ...terms,
    directBits: isKept(header) ? 0 : direct.directBits,
    initialBits: 8 * file.length - headerBits - terms.netBits,
    exact,
    encodeSeconds: (encoded - started) / 1000,
    decodeSeconds: (decoded - encoded) / 1000,
  };
}

type Terms = Pick<
  ImageReport,
  'netBits' | 'vlbBits' | 'lossPrior' | 'lossRecon' | 'lossSteps' | 'baseBits' | 'codedBits'
>;

async function gaussianTerms(image: Image8, options: NetChainOptions): Promise<Terms> {
  const meter = new RateMeter();
  const { netBits, baseBits } = await pushNetChain(image, meter, options);
  return {
    netBits,
    vlbBits: meter.vlbBits + baseBits,
    lossPrior: meter.lossPrior,
    lossRecon: meter.lossRecon,
    lossSteps: meter.lossSteps,
    baseBits,
    codedBits: meter.codedBits + baseBits,
  };
}

/** Its bound is what its symbols cost. */
async function absorbingTerms(
  image: Image8,
  options: EvaluateOptions & { readonly model: AbsorbingModel },
): Promise<Terms> {
  const { netBits, contentBits } = await pushNetPixels(image, options);
  const nothing = { lossPrior: 0, lossSteps: [], baseBits: 0 };
  return { netBits, vlbBits: contentBits, lossRecon: contentBits, codedBits: contentBits, ...nothing };
}
