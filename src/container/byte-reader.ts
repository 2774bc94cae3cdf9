/** Reads fields one after the other. Every method throws CodecError 'truncated' where the bytes end before the field does. */
import { CodecError } from '../errors.ts';
import { decodeVarintOf } from './varint.ts';

export class ByteReader {
  readonly #bytes: Uint8Array;
  /** What the bytes are, for messages. */
  readonly #subject: string;
  #offset = 0;

  constructor(bytes: Uint8Array, subject: string) {
    this.#bytes = bytes;
    this.#subject = subject;
  }

  get isAtEnd(): boolean {
    return this.#offset === this.#bytes.length;
  }

  /** The next bytes; they share the memory of all. */
  take(length: number): Uint8Array {
    const start = this.#offset;
    if (length > this.#bytes.length - start) {
      throw new CodecError('truncated', `${this.#subject} ends after ${this.#bytes.length} bytes, too early`);
    }
    this.#offset += length;
    return this.#bytes.subarray(start, this.#offset);
  }

  /** All that is left. */
  rest(): Uint8Array {
    return this.take(this.#bytes.length - this.#offset);
  }

  uint8(): number {
    return this.take(1)[0]!;
  }

  /** Big-endian. */
  uint32(): number {
    const bytes = this.take(4);
    return new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
  }

  varint(): number {
    const { value, end } = decodeVarintOf(this.#subject, this.#bytes, this.#offset);
    this.#offset = end;
    return value;
  }

  varints(count: number): number[] {
    return Array.from({ length: count }, () => this.varint());
  }

  /** The bytes up to a byte, which is passed over. */
  takeUntil(end: number): Uint8Array {
    const length = this.#bytes.subarray(this.#offset).indexOf(end);
    const bytes = this.take(length < 0 ? Number.POSITIVE_INFINITY : length);
    this.#offset += 1;
    return bytes;
  }
}
