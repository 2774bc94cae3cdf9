/**
 * Linear memory of a kernel, handed out from the bottom up and given back from the top down.
 *
 * Views die when memory grows, so they are made fresh for each use.
 */
const PAGE_BYTES = 65536;
const ALIGNMENT = 64;
/** 1 GiB: far above any tile of any model. */
const MAX_BYTES = 0x4000_0000;
export const MAX_PAGES = MAX_BYTES / PAGE_BYTES;

export class KernelMemory {
  private top = 0;
  private readonly memory: WebAssembly.Memory;

  constructor(memory: WebAssembly.Memory) {
    this.memory = memory;
  }

  /** The same pointers in a copy of the memory. */
  movedTo(memory: WebAssembly.Memory): KernelMemory {
    const moved = new KernelMemory(memory);
    moved.top = this.top;
    return moved;
  }

  /** Pointer to this many bytes, aligned to cache lines, with any content. @throws RangeError above 1 GiB. */
  allocate(byteLength: number): number {
    const pointer = this.top;
    const end = Math.ceil((pointer + byteLength) / ALIGNMENT) * ALIGNMENT;
    if (!(end <= MAX_BYTES)) throw new RangeError(`"byteLength" must fit in ${MAX_BYTES} bytes, ends at ${end}`);
    const missing = end - this.memory.buffer.byteLength;
    if (missing > 0) this.memory.grow(Math.ceil(missing / PAGE_BYTES));
    this.top = end;
    return pointer;
  }

  /** What is allocated now stays when this mark is released. */
  mark(): number {
    return this.top;
  }

  /** Gives back everything allocated after the mark. */
  release(mark: number): void {
    this.top = mark;
  }

  uint8(pointer: number, length: number): Uint8Array {
    return new Uint8Array(this.memory.buffer, pointer, length);
  }

  int8(pointer: number, length: number): Int8Array {
    return new Int8Array(this.memory.buffer, pointer, length);
  }

  uint16(pointer: number, length: number): Uint16Array {
    return new Uint16Array(this.memory.buffer, pointer, length);
  }

  uint32(pointer: number, length: number): Uint32Array {
    return new Uint32Array(this.memory.buffer, pointer, length);
  }

  int16(pointer: number, length: number): Int16Array {
    return new Int16Array(this.memory.buffer, pointer, length);
  }

  float32(pointer: number, length: number): Float32Array {
    return new Float32Array(this.memory.buffer, pointer, length);
  }

  float64(pointer: number, length: number): Float64Array {
    return new Float64Array(this.memory.buffer, pointer, length);
  }

  int32(pointer: number, length: number): Int32Array {
    return new Int32Array(this.memory.buffer, pointer, length);
  }
}
