/** Damage to compressed files that keeps the rest of a file sound, so that what lies behind its first checks is reached. */
import { deflateSync, inflateSync } from 'fflate';
import { decodeFile, encodeHeaderStart, imageChecksum, versionOf } from '../../dist/container/header.js';
import { decodeOriginal } from '../../dist/container/original.js';
import {
  hasAlphaSection,
  hasLowSection,
  isKept,
  isOriginalPayload,
  PNG_STEPS,
  PREVIEWED_STEPS,
  WEBP_STEPS,
} from '../../dist/container/payload-kind.js';
import { encodeSmallImage, startOfSmallImage } from '../../dist/container/small-image.js';
import { uint32Bytes } from '../../dist/container/uint32.js';
import { encodeVarint } from '../../dist/container/varint.js';
import { decodePngBody } from '../../dist/image/png-body.js';
import { RECIPE_DICTIONARY } from '../../dist/image/recipe-dictionary.js';
import { join, mutateBytes } from './byte-mutations.js';
import { mutatePng } from './png-mutations.js';

const SIDES = [1, 2, 3, 255, 2000, 2048, 16_384, 65_535];
const LENGTHS = [0, 1, 2, 5, 127, 128, 0xffff, 0xffff_ffff];

/** A header as bytes; unlike encodeHeader, it writes whatever it is told. */
function headerBytes({ modelId, kind, height, width, numSteps, checksum, alphaLength, lowLength, originalLength }) {
  const coding = { channels: kind & 0x3f, bitDepth: (kind & 0x40) === 0 ? 8 : 16, numSteps };
  const lengths = [
    ...(hasAlphaSection(coding) ? [alphaLength] : []),
    ...(hasLowSection(coding) ? [lowLength] : []),
    ...(kind > 0x7f ? [originalLength] : []),
  ];
  const size = join(encodeVarint(height), encodeVarint(width));
  const model = isKept(coding) ? [] : [uint32(modelId)];
  const start = [
    Buffer.from('vdmz'),
    Uint8Array.of(versionOf({ numSteps }), kind),
    size,
    Uint8Array.of(numSteps),
    ...model,
  ];
  return join(...start, uint32(checksum), ...lengths.map(encodeVarint));
}

const uint32 = (value) => Uint8Array.from(uint32Bytes(value));

function partsOf(file) {
  const { header, ...sections } = decodeFile(file);
  const kind = header.channels + (header.bitDepth === 16 ? 0x40 : 0) + (header.hasOriginal ? 0x80 : 0);
  return { header: { ...header, kind }, ...sections };
}

const fileOf = ({ header, alpha, original, payload, low }) => join(headerBytes(header), alpha, original, payload, low);

/** With the lengths that the sections have. */
const fileOfSections = ({ header, ...parts }) => fileOf({ header: { ...header, ...lengthsOf(parts) }, ...parts });

const lengthsOf = ({ alpha, low, original }) => ({
  alphaLength: alpha.length,
  lowLength: low.length,
  originalLength: original.length,
});

const HEADER_FIELDS = {
  modelId: (random) => (random.chance(2) ? 0 : random.below(2 ** 32)),
  kind: (random) => random.pick([1, 2, 3, 4, 0x41, 0x44, 0x81, 0x82, 0x83, 0x84, 0xc1, 0xc3]),
  height: (random) => random.pick(SIDES),
  width: (random) => random.pick(SIDES),
  numSteps: (random) => random.pick([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 16, 255]),
  checksum: (random) => random.below(2 ** 32),
  alphaLength: (random) => random.pick(LENGTHS),
  lowLength: (random) => random.pick(LENGTHS),
  originalLength: (random) => random.pick(LENGTHS),
};

function changeHeader(parts, random) {
  const header = { ...parts.header };
  for (let i = random.smallBelow(3); i >= 0; i--) {
    const field = random.pick(Object.keys(HEADER_FIELDS));
    header[field] = HEADER_FIELDS[field](random);
  }
  return fileOf({ ...parts, header });
}

/** Damages one section and states the length that it has then. */
function changeSection(parts, random, other) {
  const name = random.pick(['alpha', 'original', 'payload', 'low']);
  const mutated = name === 'original' && random.chance(2) ? changeRecipe(parts, random) : undefined;
  return fileOfSections({ ...parts, [name]: mutated ?? mutateBytes(parts[name], random, other[name]) });
}

const takeSection = (parts, random, other) => {
  const name = random.pick(['header', 'alpha', 'original', 'payload', 'low']);
  return fileOfSections({ ...parts, [name]: other[name] });
};

/** An original section whose recipe is damaged before it is deflated; an order keeps its place at the end. */
function changeRecipe({ original }, random) {
  if (original.length === 0) return undefined;
  const { isExact, checksum, recipe } = decodeOriginal(original);
  const dictionary = RECIPE_DICTIONARY;
  const bytes = mutateBytes(inflateSync(recipe.packed, { dictionary }), random, random.bytes(20));
  const order = recipe.packed.subarray(-random.smallBelow(8) - 1);
  const length = random.chance(8) ? random.pick(LENGTHS) : 2 * bytes.length + (isExact ? 1 : 0);
  return join(encodeVarint(length), uint32(checksum), deflateSync(bytes, { dictionary }), order);
}

const pngOf = ({ header, payload }) => (isOriginalPayload(header) ? payload : decodePngBody(payload, header));

/** What lies between the ends of a PNG that may be damaged. */
const bodyOf = (png, body) => join(body.subarray(0, 1), png.subarray(33, -12));

const holdsPng = (header) => header.numSteps === PNG_STEPS || isOriginalPayload(header);

/** Damages a PNG that is the payload, and corrects the checksum where it is over the PNG. */
function changePayloadPng(parts, random, other) {
  const payload = mutatePng(pngOf(parts), random, pngOf(holdsPng(other.header) ? other : parts));
  if (!isOriginalPayload(parts.header)) return fileOf({ ...parts, payload: bodyOf(payload, parts.payload) });
  const checksum = imageChecksum(encodeHeaderStart(parts.header), payload);
  return fileOf({ ...parts, payload, header: { ...parts.header, checksum } });
}

const WEBP_BITS = 14;

/** Another size, in the header as in the WebP. */
function changeWebpSize(parts, random) {
  const [height, width] = [random, random].map(() => (random.chance(4) ? random.pick(SIDES) : 1 + random.below(64)));
  const payload = parts.payload.slice();
  const size = (((height - 1) & 0x3fff) << WEBP_BITS) | ((width - 1) & 0x3fff);
  if (payload.length >= 5) new DataView(payload.buffer).setUint32(1, size, true);
  return fileOf({ ...parts, payload, header: { ...parts.header, height, width } });
}

/** Damages the small image, with the checksum that it has then. */
function changeSmallImage(parts, random, other) {
  const { level, payload, rest } = startOfSmallImage(parts.payload, Math.max(parts.header.height, parts.header.width));
  const small = {
    level: random.chance(4) ? random.below(18) : level,
    payload: random.chance(4) ? payload : mutateBytes(payload, random, other.payload),
  };
  return fileOf({ ...parts, payload: join(...encodeSmallImage(small), rest) });
}

function mutationsOf({ header }) {
  const mutations = [changeHeader, changeSection, changeSection, takeSection];
  if (holdsPng(header)) mutations.push(changePayloadPng, changePayloadPng);
  if (header.numSteps === WEBP_STEPS) mutations.push(changeWebpSize);
  if (header.numSteps === PREVIEWED_STEPS) mutations.push(changeSmallImage, changeSmallImage);
  return mutations;
}

/** Mutates a sound compressed file, by its parts or by bytes. */
export function mutateFile(file, random, other) {
  if (random.chance(2)) return mutateBytes(file, random, other);
  const parts = partsOf(file);
  return random.pick(mutationsOf(parts))(parts, random, partsOf(other));
}
