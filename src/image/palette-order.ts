/**
 * An order of things as a number: its rank among all orders, so that n of them take log2(n!) bits and at most 7 more.
 *
 * Invariant: every order has exactly one encoding, and the decoder refuses what is none.
 */
import { CodecError } from '../errors.ts';

/** Bytes that hold every order of so many. */
export function orderBytes(count: number): number {
  let orders = 1n;
  for (let left = 2n; left <= count; left++) orders *= left;
  let bytes = 0;
  for (let last = orders - 1n; last > 0n; last >>= 8n) bytes++;
  return bytes;
}

/** @param order the numbers 0 to its length less 1, each once */
export function encodeOrder(order: readonly number[]): Uint8Array {
  const left = order.toSorted((a, b) => a - b);
  let rank = 0n;
  for (const item of order) {
    rank = rank * BigInt(left.length) + BigInt(left.indexOf(item));
    left.splice(left.indexOf(item), 1);
  }
  const bytes = new Uint8Array(orderBytes(order.length));
  for (let i = bytes.length - 1; i >= 0; i--, rank >>= 8n) bytes[i] = Number(rank & 255n);
  return bytes;
}

/** @throws CodecError 'corrupt' */
export function decodeOrder(bytes: Uint8Array, count: number): number[] {
  let rank = bytes.reduce((value, byte) => (value << 8n) + BigInt(byte), 0n);
  const places: number[] = [];
  for (let left = 1; left <= count; left++) {
    places.unshift(Number(rank % BigInt(left)));
    rank /= BigInt(left);
  }
  if (rank > 0n) throw new CodecError('corrupt', `${count} colours have no such order`);
  const left = Array.from({ length: count }, (_, item) => item);
  return places.map((place) => left.splice(place, 1)[0]!);
}
