/**
 * rANS coder that works as a stack: the last symbol pushed is the first one popped.
 *
 * Invariant between calls: STATE_MIN <= state < STATE_END. Every product below then stays
 * under 2^53, so plain numbers are exact and no BigInt is needed. floor(a / b) of integers
 * a < 2^53 is exact too: a / b is at least 1 / b away from the next integer, more than half an ulp.
 *
 * Byte form (toBytes, fromBytes), from the top of the stack down, all numbers big endian:
 *
 *     4 bytes       the state
 *     3 bytes * n   the words, the last one pushed first
 *
 * A state of 2^32 or more is shortened first: its low 24 bits become one more word. What is read is thus at least 2^8,
 * and below STATE_MIN = 2^28 it is to be lengthened by the first word. The pristine stack (no words, state 2^28) is
 * 0 bytes, and 10 00 00 00 on its own is not allowed. Every stack thus has exactly one byte form, and the start of it is
 * enough to begin popping.
 *
 * Duda, arXiv:1311.2540; word-wise renormalisation after Giesen, arXiv:1402.3392.
 */
import { CodecError } from '../errors.ts';

export const WORD_BITS = 24;
/** The coder is exact up to WORD_BITS; at 20 its overhead is below 0.0001 %. */
export const MAX_PRECISION = 20;

const WORD_BYTES = 3;
const WORD_MASK = 0xff_ffff;
const WORD_SIZE = 0x100_0000; // 2^24
const WORD_SIZE_INVERSE = 1 / WORD_SIZE;
const STATE_MIN = 0x1000_0000; // 2^28
const STATE_END = 0x10_0000_0000_0000; // 2^52
/** States from here on are written with their low word apart, so that all take 4 bytes. */
const WRITTEN_STATE_END = 0x1_0000_0000; // 2^32
/** The least that a state can be shortened to. */
const SHORT_STATE_MIN = 0x100; // WRITTEN_STATE_END / WORD_SIZE
const STATE_BYTES = 4;
/** Bits of STATE_MIN above a word, of which a pristine stack has none. */
const MIN_STATE_BITS = 4;
const INITIAL_CAPACITY = 1024;

/** What was done to a stack since its mark: the words below `kept` are as they were. */
export interface StackChanges {
  readonly state: number;
  readonly kept: number;
  readonly words: Uint32Array;
}

export class AnsStack {
  private state = STATE_MIN;
  private words = new Uint32Array(INITIAL_CAPACITY);
  private numWords = 0;

  /** State and number of words at the mark. */
  private marked = { state: STATE_MIN, numWords: 0 };
  /** Words from the bottom that no pop has reached since the mark. */
  private kept = 0;
  /** The words of the mark that pops have reached since, the topmost first. */
  private poppedWords: number[] = [];

  /**
   * Adds the symbol with the interval [start, start + freq) out of 2^precision; costs precision - log2(freq) bits.
   * @param freq at least 1
   * @param precision 1..MAX_PRECISION
   */
  push(start: number, freq: number, precision: number): void {
    const scale = 1 << precision;
    let state = this.state;
    // From this state on, growing by scale / freq would leave the range.
    if (state >= (STATE_END / scale) * freq) {
      const word = state & WORD_MASK;
      this.pushWord(word);
      state = (state - word) * WORD_SIZE_INVERSE;
    }
    const quotient = Math.floor(state / freq);
    const remainder = state - quotient * freq;
    this.state = quotient * scale + start + remainder;
  }

  /** Reads the slot in [0, 2^precision) that the next pop consumes; it names the symbol. */
  peek(precision: number): number {
    // Bit operators take their operand modulo 2^32, which keeps the low bits of any state.
    return this.state & ((1 << precision) - 1);
  }

  /**
   * Takes off the symbol whose interval holds the peeked slot: the exact inverse of push.
   * @throws CodecError 'truncated' when the stack has no more words; the stack is then as it was.
   */
  pop(start: number, freq: number, precision: number): void {
    const scale = 1 << precision;
    const slot = this.state & (scale - 1);
    // Exact: scale is a power of two, and the difference a multiple of it.
    const state = freq * ((this.state - slot) * (1 / scale)) + slot - start;
    // One word is always enough while precision <= WORD_BITS.
    this.state = state < STATE_MIN ? state * WORD_SIZE + this.popWord() : state;
  }

  /** A stack of the same content, without a mark. */
  copy(): AnsStack {
    const stack = new AnsStack();
    stack.state = this.state;
    stack.words = this.words.slice();
    stack.numWords = this.numWords;
    return stack;
  }

  /** True when everything pushed has been popped again: the check that a decode ended cleanly. */
  get isPristine(): boolean {
    return this.numWords === 0 && this.state === STATE_MIN;
  }

  /** Content in whole bits, rounded down: 0 for a pristine stack. For reports only. */
  get bitLength(): number {
    const high = Math.floor(this.state * WORD_SIZE_INVERSE); // in [2^4, 2^28)
    return this.numWords * WORD_BITS + 31 - Math.clz32(high) - MIN_STATE_BITS;
  }

  /** Marks the present content, for rollback; the mark before is forgotten. */
  mark(): void {
    this.marked = { state: this.state, numWords: this.numWords };
    this.kept = this.numWords;
    this.poppedWords = [];
  }

  /** Puts the content of the mark back in place of the present one. */
  rollback(): void {
    for (const [i, word] of this.poppedWords.entries()) this.words[this.marked.numWords - 1 - i] = word;
    this.state = this.marked.state;
    this.numWords = this.marked.numWords;
    this.mark();
  }

  /** What was done since the mark; takes memory for that alone, however large the stack is. */
  changes(): StackChanges {
    return { state: this.state, kept: this.kept, words: this.words.slice(this.kept, this.numWords) };
  }

  /** Does again, to the content of the mark, what was done and rolled back. */
  redo({ state, kept, words }: StackChanges): void {
    while (this.numWords > kept) this.popWord();
    for (const word of words) this.pushWord(word);
    this.state = state;
  }

  /** The stack in its byte form, see the head of this file. */
  toBytes(): Uint8Array {
    if (this.isPristine) return new Uint8Array(0);
    const low = this.state & WORD_MASK;
    const isLong = this.state >= WRITTEN_STATE_END;
    const topWords = isLong ? 1 : 0;

    const bytes = new Uint8Array(STATE_BYTES + (topWords + this.numWords) * WORD_BYTES);
    writeBigEndian(bytes, 0, STATE_BYTES, isLong ? (this.state - low) * WORD_SIZE_INVERSE : this.state);
    if (isLong) writeBigEndian(bytes, STATE_BYTES, WORD_BYTES, low);
    for (let i = 0; i < this.numWords; i++) {
      writeBigEndian(bytes, bytes.length - (i + 1) * WORD_BYTES, WORD_BYTES, this.words[i]!);
    }
    return bytes;
  }

  /**
   * The stack that toBytes wrote.
   * @throws CodecError 'corrupt' when toBytes writes no such bytes.
   */
  static fromBytes(bytes: Uint8Array): AnsStack {
    const stack = new AnsStack();
    if (bytes.length === 0) return stack;
    const excess = (bytes.length - STATE_BYTES) % WORD_BYTES;
    if (bytes.length < STATE_BYTES || excess !== 0) throw corrupt(`it cannot have ${bytes.length} bytes`, 0);
    stack.read(bytes);
    if (stack.isPristine) throw corrupt('an empty stack must be 0 bytes', 0);
    return stack;
  }

  /**
   * The top of a stack whose byte form was cut off somewhere: pops give the same until its words run out.
   * @throws CodecError 'truncated' when there is not even a state, 'corrupt' when toBytes writes no such state.
   */
  static fromFirstBytes(bytes: Uint8Array): AnsStack {
    if (bytes.length < STATE_BYTES) throw new CodecError('truncated', ENDED_EARLY);
    const whole = bytes.length - ((bytes.length - STATE_BYTES) % WORD_BYTES);
    const state = readBigEndian(bytes, 0, STATE_BYTES);
    if (whole === STATE_BYTES && state >= SHORT_STATE_MIN && state < STATE_MIN) {
      throw new CodecError('truncated', ENDED_EARLY);
    }
    const stack = new AnsStack();
    stack.read(bytes.subarray(0, whole));
    return stack;
  }

  private read(bytes: Uint8Array): void {
    this.numWords = (bytes.length - STATE_BYTES) / WORD_BYTES;
    this.words = new Uint32Array(Math.max(INITIAL_CAPACITY, this.numWords));
    for (let i = 0; i < this.numWords; i++) {
      this.words[i] = readBigEndian(bytes, bytes.length - (i + 1) * WORD_BYTES, WORD_BYTES);
    }
    const state = readBigEndian(bytes, 0, STATE_BYTES);
    const isShort = state < STATE_MIN;
    if (isShort && (state < SHORT_STATE_MIN || this.numWords === 0)) throw corrupt('its state is too small', 0);
    this.state = isShort ? state * WORD_SIZE + this.popWord() : state;
  }

  private pushWord(word: number): void {
    if (this.numWords === this.words.length) this.grow();
    this.words[this.numWords++] = word;
  }

  private popWord(): number {
    if (this.numWords === 0) throw new CodecError('truncated', ENDED_EARLY);
    const word = this.words[--this.numWords]!;
    if (this.numWords < this.kept) {
      this.kept = this.numWords;
      this.poppedWords.push(word);
    }
    return word;
  }

  private grow(): void {
    const words = new Uint32Array(this.words.length * 2);
    words.set(this.words);
    this.words = words;
  }
}

const ENDED_EARLY = 'compressed stream ended early';

function corrupt(what: string, byteOffset: number): CodecError {
  return new CodecError('corrupt', `compressed stream is malformed: ${what}`, { byteOffset });
}

function writeBigEndian(bytes: Uint8Array, offset: number, length: number, value: number): void {
  let rest = value;
  for (let i = offset + length - 1; i >= offset; i--) {
    bytes[i] = rest & 0xff;
    rest = Math.floor(rest / 256);
  }
}

function readBigEndian(bytes: Uint8Array, offset: number, length: number): number {
  let value = 0;
  for (let i = offset; i < offset + length; i++) value = value * 256 + bytes[i]!;
  return value;
}
