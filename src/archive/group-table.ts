/**
 * The table of a group: what it holds, before the bytes that hold it. Like things stand together, because the table is
 * deflated; checksums, which do not deflate, follow it.
 *
 *     steps (1): 0 for files | model id (4), 0 for files | number of entries (varint)
 *     | names, each in UTF-8 with a 0 at its end
 *     files:  | length of each (varint)
 *     chain:  | kind of each (1): channels, + 0x80 with a recipe, + 0x40 where that makes the very file
 *             | heights, widths (varints) | number of recipes, and the length of each (varints)
 *             | number of its recipe, of each entry that has one (varint)
 *             | length of the alpha section, of each entry with alpha (varint)
 *             | recipes | alpha sections
 *     then, as they are: of a chain, the checksum of each entry (4)
 */
import { ByteReader } from '../container/byte-reader.ts';
import { crc32 } from '../container/checksum.ts';
import { ABSORBING_STEPS, DIFFUSION_STEPS } from '../container/payload-kind.ts';
import { uint32Bytes } from '../container/uint32.ts';
import { encodeVarint } from '../container/varint.ts';
import { CodecError } from '../errors.ts';
import { type ChannelCount, checkSizeInFile, hasAlpha, isChannelCount } from '../image/image.ts';
import { concatenate } from '../image/png-chunks.ts';
import { isSame } from '../image/png-original.ts';
import { nameFault } from './entry-name.ts';

/** Compressed files, one after the other. */
export interface FilesTable {
  readonly numSteps: 0;
  readonly files: readonly FileEntry[];
}

export interface FileEntry {
  readonly name: string;
  /** In bytes. */
  readonly length: number;
}

/** Images on one stack, the first one on its top. */
export interface ChainTable {
  /** T, or that of absorbing diffusion, as in the header of a compressed file. */
  readonly numSteps: number;
  readonly modelId: number;
  readonly images: readonly ChainEntry[];
}

export interface ChainEntry {
  readonly name: string;
  readonly height: number;
  readonly width: number;
  readonly channels: ChannelCount;
  /** The alpha section; empty without alpha. */
  readonly alpha: Uint8Array;
  /** What makes the PNG file of the pixels; undefined where only they are kept. */
  readonly recipe: Uint8Array | undefined;
  /** The recipe makes the file that was packed, byte for byte. */
  readonly isExact: boolean;
  /** CRC-32 of the PNG file that the recipe makes, or, without one, of the pixels. */
  readonly checksum: number;
}

export type GroupTable = FilesTable | ChainTable;

export const isChain = (table: GroupTable): table is ChainTable => table.numSteps !== 0;

/** Entries of a group, at most. */
const MAX_ENTRIES = 4096;
const RECIPE_BIT = 0x80;
const EXACT_BIT = 0x40;

export interface TableBytes {
  /** To be deflated. */
  readonly columns: Uint8Array;
  readonly checksums: Uint8Array;
}

export function encodeTable(table: GroupTable): TableBytes {
  const checksums = isChain(table) ? table.images.flatMap(({ checksum }) => uint32Bytes(checksum)) : [];
  return { columns: columnsOf(table), checksums: Uint8Array.from(checksums) };
}

function columnsOf(table: GroupTable): Uint8Array {
  const entries = isChain(table) ? table.images : table.files;
  return concatenate([
    Uint8Array.of(table.numSteps),
    Uint8Array.from(uint32Bytes(isChain(table) ? table.modelId : 0)),
    encodeVarint(entries.length),
    ...entries.map(({ name }) => new TextEncoder().encode(`${name}\0`)),
    ...(isChain(table) ? chainColumns(table.images) : table.files.map(({ length }) => encodeVarint(length))),
  ]);
}

function chainColumns(images: readonly ChainEntry[]): Uint8Array[] {
  const { recipes, numbers } = distinctRecipes(images);
  const alphas = images.filter(({ channels }) => hasAlpha(channels)).map(({ alpha }) => alpha);
  return [
    Uint8Array.from(images, kindOf),
    ...images.map(({ height }) => encodeVarint(height)),
    ...images.map(({ width }) => encodeVarint(width)),
    encodeVarint(recipes.length),
    ...recipes.map(({ length }) => encodeVarint(length)),
    ...numbers.map(encodeVarint),
    ...alphas.map(({ length }) => encodeVarint(length)),
    ...recipes,
    ...alphas,
  ];
}

const kindOf = ({ channels, recipe, isExact }: ChainEntry): number =>
  channels + (recipe === undefined ? 0 : RECIPE_BIT) + (isExact ? EXACT_BIT : 0);

/** Images of one encoder mostly have the same recipe. */
function distinctRecipes(images: readonly ChainEntry[]): { recipes: Uint8Array[]; numbers: number[] } {
  const recipes: Uint8Array[] = [];
  const numberOf = new Map<number, number>();
  const numbers = images.flatMap(({ recipe }) => {
    if (recipe === undefined) return [];
    const hash = crc32(recipe);
    const known = numberOf.get(hash);
    if (known !== undefined && isSame(recipes[known]!, recipe)) return [known];
    numberOf.set(hash, recipes.length);
    return [recipes.push(recipe) - 1];
  });
  return { recipes, numbers };
}

/** @param checksums what ends with them. @throws CodecError 'truncated', 'corrupt' or 'too-large' */
export function decodeTable({ columns, checksums }: TableBytes): GroupTable {
  const reader = new ByteReader(columns, 'table of a group');
  const numSteps = reader.uint8();
  const modelId = reader.uint32();
  const count = reader.varint();
  if (numSteps !== 0) checkChain(numSteps, count);
  if (count > MAX_ENTRIES) throw corrupt(`${count} entries, at most ${MAX_ENTRIES}`);
  const names = Array.from({ length: count }, () => readName(reader));
  const table =
    numSteps === 0
      ? ({ numSteps, files: names.map((name) => ({ name, length: reader.varint() })) } as const)
      : { numSteps, modelId, images: readImages(reader, names, readChecksums(checksums, count)) };
  if (numSteps === 0 && modelId !== 0) throw corrupt('a model, but no images that it coded');
  if (!reader.isAtEnd) throw corrupt('bytes after its end');
  return table;
}

const isChainSteps = (numSteps: number): boolean => numSteps === ABSORBING_STEPS || DIFFUSION_STEPS.includes(numSteps);

function checkChain(numSteps: number, count: number): void {
  if (!isChainSteps(numSteps)) throw corrupt(`${numSteps} steps`);
  if (count === 0) throw corrupt('a stack of no images');
}

const UTF8 = new TextDecoder('utf-8', { ignoreBOM: true, fatal: true });

function readName(reader: ByteReader): string {
  const name = decodeText(reader.takeUntil(0));
  const fault = nameFault(name);
  if (fault !== undefined) throw corrupt(`a name that ${fault}`);
  return name;
}

function decodeText(bytes: Uint8Array): string {
  try {
    return UTF8.decode(bytes);
  } catch {
    throw corrupt('a name that is not UTF-8');
  }
}

function readChecksums(tail: Uint8Array, count: number): number[] {
  const reader = new ByteReader(tail.subarray(Math.max(0, tail.length - 4 * count)), 'checksums of a group');
  return Array.from({ length: count }, () => reader.uint32());
}

function readImages(reader: ByteReader, names: readonly string[], checksums: readonly number[]): ChainEntry[] {
  const kinds = [...reader.take(names.length)].map(checkKind);
  const [heights, widths] = [reader.varints(names.length), reader.varints(names.length)];
  for (const [i, height] of heights.entries()) checkSizeInFile(height, widths[i]!);
  const recipeCount = reader.varint();
  if (recipeCount > names.length) throw corrupt(`${recipeCount} recipes of ${names.length} images`);
  const recipeLengths = reader.varints(recipeCount);
  const numbers = kinds.map(({ hasRecipe }) => (hasRecipe ? reader.varint() : undefined));
  const alphaLengths = kinds.map(({ channels }) => (hasAlpha(channels) ? reader.varint() : 0));
  const recipes = recipeLengths.map((length) => reader.take(length));
  const alphas = alphaLengths.map((length) => reader.take(length));
  return names.map((name, i) => {
    const { channels, hasRecipe, isExact } = kinds[i]!;
    const recipe = hasRecipe ? recipes[numbers[i]!] : undefined;
    if (hasRecipe && recipe === undefined) throw corrupt(`recipe ${numbers[i]} of ${recipes.length}`);
    const [height, width, alpha, checksum] = [heights[i]!, widths[i]!, alphas[i]!, checksums[i]!];
    return { name, height, width, channels, alpha, recipe, isExact, checksum };
  });
}

function checkKind(kind: number): { channels: ChannelCount; hasRecipe: boolean; isExact: boolean } {
  const channels = kind & ~(RECIPE_BIT | EXACT_BIT);
  const [hasRecipe, isExact] = [(kind & RECIPE_BIT) !== 0, (kind & EXACT_BIT) !== 0];
  if (isChannelCount(channels) && (hasRecipe || !isExact)) return { channels, hasRecipe, isExact };
  throw corrupt(`an image of kind ${kind}`);
}

const corrupt = (what: string): CodecError => new CodecError('corrupt', `table of a group has ${what}`);
