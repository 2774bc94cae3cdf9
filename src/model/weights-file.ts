/** Arrays of numbers as a weights file: one after the other, little-endian. */

export type WeightArray = Int8Array | Uint8Array | Int16Array | Int32Array | Float32Array;

const sizeOf = (arrays: readonly WeightArray[]): number => arrays.reduce((size, array) => size + array.byteLength, 0);

export function encodeArrays(arrays: readonly WeightArray[]): Uint8Array {
  const bytes = new Uint8Array(sizeOf(arrays));
  const view = new DataView(bytes.buffer);
  let offset = 0;
  for (const array of arrays) {
    for (const value of array) {
      if (array instanceof Float32Array) view.setFloat32(offset, value, true);
      else if (array.BYTES_PER_ELEMENT === 1) view.setInt8(offset, value);
      else if (array.BYTES_PER_ELEMENT === 2) view.setInt16(offset, value, true);
      else view.setInt32(offset, value, true);
      offset += array.BYTES_PER_ELEMENT;
    }
  }
  return bytes;
}

/** Undoes encodeArrays, into arrays of the right sizes. @throws RangeError for bytes of another size */
export function decodeArrays(bytes: Uint8Array, arrays: readonly WeightArray[]): void {
  const expected = sizeOf(arrays);
  if (bytes.length !== expected) throw new RangeError(`weights must have ${expected} bytes, got ${bytes.length}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let offset = 0;
  for (const array of arrays) {
    for (let i = 0; i < array.length; i++) {
      if (array instanceof Float32Array) array[i] = view.getFloat32(offset, true);
      else if (array.BYTES_PER_ELEMENT === 1) array[i] = view.getInt8(offset);
      else if (array.BYTES_PER_ELEMENT === 2) array[i] = view.getInt16(offset, true);
      else array[i] = view.getInt32(offset, true);
      offset += array.BYTES_PER_ELEMENT;
    }
  }
}
