/** Damage to PNG files that keeps CRCs right, so that what lies behind them is reached. */
import { unzlibSync, zlibSync } from 'fflate';
import { joinChunks, readChunks } from '../../dist/image/png-chunks.js';
import { join, mutateBytes } from './byte-mutations.js';

const SIDES = [0, 1, 2, 255, 65_535, 65_536, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff];
const TYPES = ['IHDR', 'PLTE', 'tRNS', 'IDAT', 'IEND', 'acTL', 'tEXt', 'iCCP', 'bKGD', 'ABCD', 'abcd', '\0\0\0\0'];
const PALETTES = [0, 1, 3, 6, 7, 48, 768, 771];

const isImage = ({ type }) => type === 'IDAT';

function changeHeader(chunks, random) {
  const [header, ...rest] = chunks;
  const data = header.data.slice();
  const view = new DataView(data.buffer);
  if (data.length < 13) return chunks;
  const field = random.below(7);
  if (field < 2) view.setUint32(4 * field, random.chance(2) ? random.pick(SIDES) : 1 + random.below(40));
  else data[6 + field] = random.pick([0, 1, 2, 3, 4, 6, 8, 16, random.below(256)]);
  return [{ ...header, data }, ...rest];
}

function changeChunk(chunks, random, other) {
  const i = random.below(chunks.length);
  const chunk = chunks[i];
  const donor = random.pick(other);
  return chunks.with(i, { ...chunk, data: mutateBytes(chunk.data, random, donor.data) });
}

const renameChunk = (chunks, random) => {
  const i = random.below(chunks.length);
  return chunks.with(i, { ...chunks[i], type: random.pick(TYPES) });
};

const removeChunk = (chunks, random) => chunks.toSpliced(random.below(chunks.length), 1);

const repeatChunk = (chunks, random) => {
  const chunk = random.pick(chunks);
  return chunks.toSpliced(random.below(chunks.length + 1), 0, ...new Array(1 + random.smallBelow(6)).fill(chunk));
};

const takeChunk = (chunks, random, other) => chunks.toSpliced(random.below(chunks.length + 1), 0, random.pick(other));

const addChunk = (chunks, random) => {
  const type = random.pick(TYPES);
  const length = type === 'PLTE' || type === 'tRNS' ? random.pick(PALETTES) : random.smallBelow(40);
  return chunks.toSpliced(random.below(chunks.length + 1), 0, { type, data: random.bytes(length) });
};

/** In IDAT chunks of other lengths, empty ones among them. */
function cutImage(chunks, random) {
  const stream = join(...chunks.filter(isImage).map(({ data }) => data));
  const at = chunks.findIndex(isImage);
  if (at < 0) return chunks;
  const cuts = Array.from({ length: random.below(5) }, () => random.below(stream.length + 1)).sort((a, b) => a - b);
  const pieces = [0, ...cuts].map((cut, i) => ({ type: 'IDAT', data: stream.subarray(cut, cuts[i] ?? stream.length) }));
  return chunks.filter((chunk) => !isImage(chunk)).toSpliced(at, 0, ...pieces);
}

/** Damages the scanlines and deflates them again. */
function changeScanlines(chunks, random, other) {
  const at = chunks.findIndex(isImage);
  if (at < 0) return chunks;
  const scanlines = inflate(join(...chunks.filter(isImage).map(({ data }) => data)));
  const data = zlibSync(mutateBytes(scanlines, random, random.pick(other).data));
  return chunks.filter((chunk) => !isImage(chunk)).toSpliced(at, 0, { type: 'IDAT', data });
}

function inflate(stream) {
  try {
    return unzlibSync(stream);
  } catch {
    return stream;
  }
}

const MUTATIONS = [
  changeHeader,
  changeHeader,
  changeChunk,
  changeChunk,
  renameChunk,
  removeChunk,
  repeatChunk,
  takeChunk,
  addChunk,
  cutImage,
  changeScanlines,
  changeScanlines,
];

/** Mutates a sound PNG file, by chunks or by bytes. */
export function mutatePng(png, random, other) {
  if (random.chance(4)) return mutateBytes(png, random, other);
  const { chunks, end } = readChunks(png);
  const donors = readChunks(other).chunks;
  let mutated = chunks;
  for (let i = random.smallBelow(4); i >= 0 && mutated.length > 0; i--) {
    mutated = random.pick(MUTATIONS)(mutated, random, donors);
  }
  const trailer = random.chance(8) ? random.bytes(random.smallBelow(20)) : png.subarray(end);
  return joinChunks(mutated, trailer);
}
