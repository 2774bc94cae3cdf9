/**
 * What a deflate stream says (RFC 1951), before it is bytes: its literals and matches. They tell the settings of an
 * encoder from its first decisions, long before the first block of two streams can be compared byte by byte.
 */

/** A literal 0..255, or a match: MATCH + length * 2^16 + distance. */
type Token = number;
const MATCH = 0x100_0000;

const END_OF_BLOCK = 256;
const MAX_BITS = 15;
/** First length or distance of each code, and its extra bits. */
const [LENGTHS, LENGTH_BITS] = rangesOf(3, 28, 4);
LENGTHS[28] = 258;
LENGTH_BITS[28] = 0;
const [DISTANCES, DISTANCE_BITS] = rangesOf(1, 30, 2);
const CODE_LENGTH_ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

/** Ranges that double in size with every group of codes; the first two groups have no extra bits. */
function rangesOf(first: number, count: number, perGroup: number): [number[], number[]] {
  const [starts, bits]: [number[], number[]] = [[], []];
  for (let code = 0, start = first; code < count; code++) {
    bits.push(Math.max(0, Math.floor(code / perGroup) - 1));
    starts.push(start);
    start += 1 << bits[code]!;
  }
  return [starts, bits];
}

/** Codes of one alphabet, in canonical order. */
interface HuffmanCode {
  /** By number of bits. */
  readonly counts: Uint16Array;
  readonly symbols: readonly number[];
}

function huffmanCode(lengths: readonly number[]): HuffmanCode {
  const counts = new Uint16Array(MAX_BITS + 1);
  for (const length of lengths) if (length > 0) counts[length]!++;
  const used = lengths.map((length, symbol) => ({ length, symbol })).filter(({ length }) => length > 0);
  return {
    counts,
    symbols: used.sort((a, b) => a.length - b.length || a.symbol - b.symbol).map(({ symbol }) => symbol),
  };
}

class BitReader {
  readonly #bytes: Uint8Array;
  #position = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  bits(count: number): number {
    let value = 0;
    for (let i = 0; i < count; i++, this.#position++) {
      value |= ((this.#bytes[this.#position >> 3]! >> (this.#position & 7)) & 1) << i;
    }
    return value;
  }

  symbol({ counts, symbols }: HuffmanCode): number {
    let [code, first, index] = [0, 0, 0];
    for (let length = 1; length <= MAX_BITS; length++) {
      code |= this.bits(1);
      const count = counts[length]!;
      if (code - first < count) return symbols[index + code - first]!;
      index += count;
      first = (first + count) << 1;
      code <<= 1;
    }
    throw new Error('a sound deflate stream has no such code');
  }
}

interface BlockCodes {
  readonly literals: HuffmanCode;
  readonly distances: HuffmanCode;
}

const FIXED_CODES: BlockCodes = {
  literals: huffmanCode(Array.from({ length: 288 }, (_, i) => (i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8))),
  distances: huffmanCode(new Array<number>(30).fill(5)),
};

function dynamicCodes(reader: BitReader): BlockCodes {
  const [literals, distances, codes] = [reader.bits(5) + 257, reader.bits(5) + 1, reader.bits(4) + 4];
  const codeLengths = new Array<number>(19).fill(0);
  for (const symbol of CODE_LENGTH_ORDER.slice(0, codes)) codeLengths[symbol] = reader.bits(3);
  const code = huffmanCode(codeLengths);
  const lengths: number[] = [];
  while (lengths.length < literals + distances) {
    const symbol = reader.symbol(code);
    if (symbol < 16) lengths.push(symbol);
    else if (symbol === 16) repeat(lengths, lengths.at(-1)!, 3 + reader.bits(2));
    else repeat(lengths, 0, symbol === 17 ? 3 + reader.bits(3) : 11 + reader.bits(7));
  }
  return { literals: huffmanCode(lengths.slice(0, literals)), distances: huffmanCode(lengths.slice(literals)) };
}

function repeat(lengths: number[], length: number, count: number): void {
  for (let i = 0; i < count; i++) lengths.push(length);
}

/** A block's codes; undefined for one that is stored. */
function startBlock(reader: BitReader): { codes: BlockCodes | undefined; isLast: boolean } {
  const isLast = reader.bits(1) === 1;
  const type = reader.bits(2);
  if (type === 0) return { codes: undefined, isLast };
  return { codes: type === 1 ? FIXED_CODES : dynamicCodes(reader), isLast };
}

function* blockTokens(reader: BitReader, { literals, distances }: BlockCodes): Generator<Token, void> {
  for (;;) {
    const symbol = reader.symbol(literals);
    if (symbol === END_OF_BLOCK) return;
    if (symbol < END_OF_BLOCK) {
      yield symbol;
      continue;
    }
    const length = LENGTHS[symbol - 257]! + reader.bits(LENGTH_BITS[symbol - 257]!);
    const code = reader.symbol(distances);
    yield MATCH + length * 0x1_0000 + DISTANCES[code]! + reader.bits(DISTANCE_BITS[code]!);
  }
}

const tokenBytes = (token: Token): number => (token < MATCH ? 1 : (token - MATCH) >> 16);

/**
 * The tokens that begin before the byte `end` of the data, up to the first stored block.
 * @param stream raw deflate data that are known to be sound
 */
export function readTokens(stream: Uint8Array, end: number): Token[] {
  const reader = new BitReader(stream);
  const tokens: Token[] = [];
  for (let position = 0; ; ) {
    const { codes, isLast } = startBlock(reader);
    if (codes === undefined) return tokens;
    for (const token of blockTokens(reader, codes)) {
      if (position >= end) return tokens;
      tokens.push(token);
      position += tokenBytes(token);
    }
    if (isLast) return tokens;
  }
}

/**
 * Tokens of the first block, at most one more than `most`, and whether it is the only one; undefined where it is stored.
 * @param stream as of readTokens
 */
export function countFirstBlock(stream: Uint8Array, most: number): { count: number; isLast: boolean } | undefined {
  const reader = new BitReader(stream);
  const { codes, isLast } = startBlock(reader);
  if (codes === undefined) return undefined;
  let count = 0;
  for (const _token of blockTokens(reader, codes)) if (++count > most) break;
  return { count, isLast };
}
