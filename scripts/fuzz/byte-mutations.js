/** Damage that knows nothing of the format: each takes bytes and returns others. */

export const join = (...parts) => new Uint8Array(Buffer.concat(parts));

const EXTREME_BYTES = [0, 1, 2, 4, 16, 0x7f, 0x80, 0x81, 0xfe, 0xff];

/** Numbers that are often limits, as bytes: big-endian, and as varints. */
const EXTREME_NUMBERS = [
  [0, 0, 0, 0],
  [0, 0, 0, 1],
  [0x7f, 0xff, 0xff, 0xff],
  [0x80, 0, 0, 0],
  [0xff, 0xff, 0xff, 0xff],
  [0, 0, 0xff, 0xff],
  [0, 1, 0, 0],
  [0xff, 0xff, 0x03],
  [0x80, 0x80, 0x80, 0x80, 0x01],
  [0xff, 0xff, 0xff, 0xff, 0x0f],
  [0xff, 0xff, 0xff, 0xff, 0x7f],
  [0x80, 0x00],
];

function changed(bytes, change) {
  const copy = bytes.slice();
  if (copy.length > 0) change(copy);
  return copy;
}

/** A range [start, end) of bytes, mostly a short one. */
function rangeOf(bytes, random) {
  const start = random.below(bytes.length + 1);
  return [start, start + random.smallBelow(bytes.length - start + 1)];
}

const flipBit = (bytes, random) =>
  changed(bytes, (copy) => {
    copy[random.below(copy.length)] ^= 1 << random.below(8);
  });

const setByte = (bytes, random) =>
  changed(bytes, (copy) => {
    copy[random.below(copy.length)] = random.chance(2) ? random.pick(EXTREME_BYTES) : random.below(256);
  });

/** In the first bytes, where headers are. */
const setEarlyByte = (bytes, random) =>
  changed(bytes, (copy) => {
    copy[random.below(Math.min(32, copy.length))] = random.chance(2) ? random.pick(EXTREME_BYTES) : random.below(256);
  });

const setNumber = (bytes, random) =>
  changed(bytes, (copy) => {
    const at = random.below(copy.length);
    copy.set(random.pick(EXTREME_NUMBERS).slice(0, copy.length - at), at);
  });

function insert(bytes, random) {
  const at = random.below(bytes.length + 1);
  const added = random.chance(2) ? random.bytes(1 + random.smallBelow(32)) : random.pick(EXTREME_NUMBERS);
  return join(bytes.subarray(0, at), Uint8Array.from(added), bytes.subarray(at));
}

function remove(bytes, random) {
  const [start, end] = rangeOf(bytes, random);
  return join(bytes.subarray(0, start), bytes.subarray(end));
}

const truncate = (bytes, random) => bytes.slice(0, random.below(bytes.length + 1));

function repeatBlock(bytes, random) {
  const [start, end] = rangeOf(bytes, random);
  const copies = Array.from({ length: 1 + random.smallBelow(8) }, () => bytes.subarray(start, end));
  return join(bytes.subarray(0, end), ...copies, bytes.subarray(end));
}

function fill(bytes, random) {
  const [start, end] = rangeOf(bytes, random);
  return bytes.slice().fill(random.pick(EXTREME_BYTES), start, end);
}

function moveBlock(bytes, random) {
  const [start, end] = rangeOf(bytes, random);
  const at = random.below(bytes.length - (end - start) + 1);
  const rest = join(bytes.subarray(0, start), bytes.subarray(end));
  return join(rest.subarray(0, at), bytes.subarray(start, end), rest.subarray(at));
}

/** The start of one file and the end of another. */
function splice(bytes, random, other) {
  const cut = random.below(bytes.length + 1);
  const same = random.chance(2) ? cut : random.below(other.length + 1);
  return join(bytes.subarray(0, cut), other.subarray(same));
}

const MUTATIONS = [
  flipBit,
  flipBit,
  setByte,
  setByte,
  setEarlyByte,
  setNumber,
  insert,
  remove,
  truncate,
  repeatBlock,
  fill,
  moveBlock,
  splice,
];

/** Most bytes of a mutated file. */
const MAX_BYTES = 1 << 16;

/** One to four mutations, mostly one. */
export function mutateBytes(bytes, random, other) {
  let mutated = bytes;
  for (let i = random.smallBelow(4); i >= 0; i--) mutated = random.pick(MUTATIONS)(mutated, random, other);
  return mutated.subarray(0, MAX_BYTES);
}
