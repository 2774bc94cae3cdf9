/** One run of the fuzzer, decided by seed and number alone, so that any run can be repeated on its own. */

import { decodeFile } from '../../dist/container/header.js';
import { isKept, isOriginalPayload } from '../../dist/container/payload-kind.js';
import { mutateArchive } from './archive-mutations.js';
import { join, mutateBytes } from './byte-mutations.js';
import { checkArchive, checkFile, checkPngFile, checkStack } from './checks.js';
import { mutateFile } from './file-mutations.js';
import { mutatePng } from './png-mutations.js';
import { Random } from './random.js';
import { ARCHIVES, FILES, PNG_FILES } from './sources.js';

/** Kinds of runs, by their shares: of 10 runs, 4 are of files. */
const KINDS = ['file', 'file', 'file', 'file', 'archive', 'png', 'png', 'png', 'stack', 'payload'];

/** Every so many sound PNGs are compressed and restored as a whole. */
const WHOLE_ONE_IN = 8;

/** { kind, bytes, check }: the input, and the promise that it is treated right. */
export function caseOf(seed, run) {
  const random = new Random(seed, run);
  const kind = random.pick(KINDS);
  return { kind, ...CASES[kind](random) };
}

const CASES = {
  file(random) {
    const bytes = mutateFile(random.pick(FILES).file, random, random.pick(FILES).file);
    return { bytes, check: () => checkFile(bytes, { isResealed: isResealed(bytes) }) };
  },
  archive(random) {
    const { bytes: sound, options } = random.pick(ARCHIVES);
    const { bytes, isResealed } = mutateArchive(sound, random, random.pick(ARCHIVES).bytes);
    return { bytes, check: () => checkArchive(bytes, { isResealed, options }) };
  },
  png(random) {
    const bytes = mutatePng(random.pick(PNG_FILES), random, random.pick(PNG_FILES));
    const isWhole = random.chance(WHOLE_ONE_IN);
    return { bytes, check: () => checkPngFile(bytes, { isWhole }) };
  },
  /** The bytes of a stack alone. */
  stack(random) {
    const bytes = stackBytes(random);
    return { bytes, check: () => checkStack(bytes, random) };
  },
  /** The same behind a sound header. */
  payload(random) {
    const { file } = random.pick(FILES.filter(isDiffused));
    const { payload } = decodeFile(file);
    const bytes = join(file.subarray(0, file.length - payload.length), stackBytes(random));
    return { bytes, check: () => checkFile(bytes) };
  },
};

const isDiffused = ({ file }) => !isKept(decodeFile(file).header);

const stackBytes = (random) =>
  random.chance(2)
    ? random.bytes(random.chance(2) ? 4 + 3 * random.smallBelow(200) : random.smallBelow(600))
    : mutateBytes(decodeFile(random.pick(FILES.filter(isDiffused)).file).payload, random, random.bytes(30));

/** True where the checksum is over a PNG that is the payload, which a mutation may have made to fit. */
function isResealed(bytes) {
  try {
    return isOriginalPayload(decodeFile(bytes).header);
  } catch {
    return false;
  }
}
