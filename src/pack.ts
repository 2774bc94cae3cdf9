/** Images to an archive. Small ones share a stack, which pays its initial bits once; the others are files of their own. */
import { sourceOfBytes } from './archive/archive-source.ts';
import { type ChainCoding, entryOf, pushChain } from './archive/chain.ts';
import { nameFault } from './archive/entry-name.ts';
import { archiveEnd, archiveStart, encodeGroup } from './archive/group.ts';
import { type Picture, pictureOf } from './archive/picture.ts';
import { assertRestored, assertSameImage } from './check-restored.ts';
import { assertMethod, assertMethodFits, compress, kindOf, type MethodOptions, mayKeep } from './compress.ts';
import { compressPng } from './compress-png.ts';
import { type Restored, readRestored } from './container/original.ts';
import { ABSORBING_STEPS } from './container/payload-kind.ts';
import { decompress } from './decompress.ts';
import { decompressPng } from './decompress-png.ts';
import { defaultModelOf } from './default-model.ts';
import { type EffortOptions, stepsFor } from './effort.ts';
import { CodecError } from './errors.ts';
import { assertImage, type Image } from './image/image.ts';
import { decodePng } from './image/png.ts';
import { concatenate } from './image/png-chunks.ts';
import { isAbsorbing } from './model/installed-models.ts';
import { assertCodingOptions, type CodingOptions } from './options.ts';
import { unpack } from './unpack.ts';

export interface PackItem {
  /** Path of the PNG that unpack gives, below the folder it is unpacked to, with slashes. */
  readonly name: string;
  /** A PNG file, which comes back as with compressPng; or an image, of which the pixels do. */
  readonly data: Uint8Array | Image;
}

export interface PackOptions extends Omit<CodingOptions, 'onProgress' | 'engine'>, EffortOptions, MethodOptions {
  /** Decode every group before it is given out. Default: false. */
  readonly verify?: boolean | undefined;
  /** Called with the name of each image that is coded, and what unpack gives back of it. */
  readonly onItem?: ((name: string, restored: Restored) => void) | undefined;
  /** Told of data that are no sound PNG, which are left out. Default: the first such error is thrown. */
  readonly onFault?: ((name: string, error: CodecError) => void | Promise<void>) | undefined;
}

/** A chain is full with so many images or pixels: to take one out, all before it are decoded. */
const MAX_CHAIN = { images: 256, pixels: 1 << 20 } as const;
/** A group of files is full with so many of them or bytes. */
const MAX_FILES = { files: 256, bytes: 1 << 22 } as const;

/**
 * Packs images to an archive, which is what all the pieces given out are in their order. Its images come back in another
 * order: those of their own file after others.
 *
 * @throws CodecError for data that are no sound PNG; RangeError for a name that is no path or is given twice; TypeError
 *   or RangeError for a malformed image or option.
 */
export async function* pack(
  items: Iterable<PackItem> | AsyncIterable<PackItem>,
  options: PackOptions = {},
): AsyncGenerator<Uint8Array, void> {
  const packer = new Packer(options, await chainCodingOf(options));
  yield archiveStart();
  for await (const item of items) {
    await packer.add(item).catch((error) => {
      if (!(error instanceof CodecError) || options.onFault === undefined) throw error;
      return options.onFault(item.name, error);
    });
    yield* packer.fullGroups();
  }
  yield* packer.allGroups();
  yield archiveEnd();
}

async function chainCodingOf(options: PackOptions): Promise<ChainCoding> {
  assertCodingOptions(options);
  assertMethod(options);
  assertMethodFits(options, options.model);
  const { model = await defaultModelOf(kindOf(options.method), options), threads, maxPixels, signal } = options;
  const numSteps = stepsFor(options);
  return { model, threads, maxPixels, signal, numSteps: isAbsorbing(model) ? ABSORBING_STEPS : numSteps };
}

interface PackedFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** What waits for its group. */
class Packer {
  readonly #options: PackOptions;
  /** Of files of their own. */
  readonly #fileCoding: CodingOptions & EffortOptions;
  readonly #onItem: (name: string, restored: Restored) => void;
  /** Of images that share a stack. */
  readonly #coding: ChainCoding;
  readonly #names = new Set<string>();
  #pictures: Picture[] = [];
  #files: PackedFile[] = [];

  constructor(options: PackOptions, coding: ChainCoding) {
    const { model, threads, maxPixels, signal, effort, numSteps, onItem = () => undefined } = options;
    this.#options = options;
    this.#fileCoding = { model, threads, maxPixels, signal, effort, numSteps };
    this.#onItem = onItem;
    this.#coding = coding;
  }

  async add({ name, data }: PackItem): Promise<void> {
    this.#coding.signal?.throwIfAborted();
    if (!(data instanceof Uint8Array)) assertImage(data);
    this.#takeName(name);
    const { maxPixels } = this.#coding;
    const { method } = this.#options;
    const picture =
      method === 'kept' ? undefined : await pictureOf(name, data, { mayKeep: mayKeep({ method }), maxPixels });
    if (picture === undefined) await this.#addFile(name, data);
    else this.#pictures.push(picture);
  }

  #takeName(name: string): void {
    const fault = typeof name === 'string' ? nameFault(name) : 'is no string';
    if (fault !== undefined) throw new RangeError(`"name" ${JSON.stringify(name)} ${fault}`);
    if (this.#names.has(name)) throw new RangeError(`"name" ${JSON.stringify(name)} is given twice`);
    this.#names.add(name);
  }

  async #addFile(name: string, data: Uint8Array | Image): Promise<void> {
    await this.#takeFile(name, data, await this.#encodeFile(data, this.#options.method));
  }

  #encodeFile(data: Uint8Array | Image, method: MethodOptions['method']): Promise<Uint8Array> {
    const options = { ...this.#fileCoding, method };
    return data instanceof Uint8Array ? compressPng(data, options) : compress(data, options);
  }

  async #takeFile(name: string, data: Uint8Array | Image, bytes: Uint8Array): Promise<void> {
    if (this.#options.verify)
      await (data instanceof Uint8Array ? this.#checkPng(bytes, data) : this.#checkPixels(bytes, data));
    this.#files.push({ name, bytes });
    this.#onItem(name, readRestored(bytes));
  }

  async #checkPng(bytes: Uint8Array, png: Uint8Array): Promise<void> {
    assertRestored(await decompressPng(bytes, this.#fileCoding), png, readRestored(bytes) === 'byte for byte');
  }

  async #checkPixels(bytes: Uint8Array, image: Image): Promise<void> {
    assertSameImage(await decompress(bytes, this.#fileCoding), image);
  }

  async *fullGroups(): AsyncGenerator<Uint8Array, void> {
    const pixels = this.#pictures.reduce((sum, { image }) => sum + image.height * image.width, 0);
    if (this.#pictures.length >= MAX_CHAIN.images || pixels >= MAX_CHAIN.pixels) yield* this.#chainGroup();
    const bytes = this.#files.reduce((sum, file) => sum + file.bytes.length, 0);
    if (this.#files.length >= MAX_FILES.files || bytes >= MAX_FILES.bytes) yield this.#filesGroup();
  }

  async *allGroups(): AsyncGenerator<Uint8Array, void> {
    if (this.#pictures.length > 0) yield* this.#chainGroup();
    if (this.#files.length > 0) yield this.#filesGroup();
  }

  async *#chainGroup(): AsyncGenerator<Uint8Array, void> {
    const { numSteps, model } = this.#coding;
    const keep = (picture: Picture) => this.#encodeFile(sourceOf(picture), 'kept');
    const { stack, chained, rejected } = await pushChain(this.#pictures, this.#coding, keep);
    this.#pictures = [];
    if (chained.length > 0) {
      const table = { numSteps, modelId: model.id, images: await Promise.all(chained.map(entryOf)) };
      const group = encodeGroup(table, stack.toBytes());
      if (this.#options.verify) await this.#checkChain(group, chained);
      yield group;
      for (const { name, original } of chained) this.#onItem(name, restoredOf(original));
    }
    for (const { picture, file } of rejected) await this.#takeFile(picture.name, sourceOf(picture), file);
  }

  async #checkChain(group: Uint8Array, pictures: readonly Picture[]): Promise<void> {
    const archive = concatenate([archiveStart(), group, archiveEnd()]);
    const left = [...pictures];
    for await (const { png, error } of unpack(sourceOfBytes(archive), this.#coding)) {
      if (error !== undefined) throw error;
      const { original, image } = left.shift()!;
      if (original === undefined) assertSameImage(decodePng(png), image);
      else assertRestored(png, original.source, original.isExact);
    }
    if (left.length > 0) throw new Error('images are missing in the archive, which was not written');
  }

  #filesGroup(): Uint8Array {
    const files = this.#files.map(({ name, bytes }) => ({ name, length: bytes.length }));
    const payload = concatenate(this.#files.map(({ bytes }) => bytes));
    this.#files = [];
    return encodeGroup({ numSteps: 0, files }, payload);
  }
}

const sourceOf = ({ original, image }: Picture): Uint8Array | Image => original?.source ?? image;

function restoredOf(original: Picture['original']): Restored {
  if (original === undefined) return 'pixels';
  return original.isExact ? 'byte for byte' : 'pixels and chunks';
}
