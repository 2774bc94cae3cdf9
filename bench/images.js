/** Images of a wished size for measurements of speed: a part of an image, or the image mirrored on and on. */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readImage } from '../dist/image/read-image.js';

const FIXTURE = fileURLToPath(new URL('../fixtures/images/photo-rgb8-256x192.png', import.meta.url));

/** The image of a file, or without one the fixture. */
export const photograph = (path) => readImage(new Uint8Array(readFileSync(path ?? FIXTURE)));

/** For results: an image's name without its folder. */
export const sourceName = (path) => (path === undefined ? 'fixture, mirrored' : basename(path));

export function resized(image, height, width) {
  const reflect = (i, length) => (i % (2 * length) < length ? i % length : length - 1 - (i % length));
  const data = new Uint8Array(height * width * image.channels);
  for (let i = 0; i < height * width; i++) {
    const [y, x] = [reflect(Math.floor(i / width), image.height), reflect(i % width, image.width)];
    const from = (y * image.width + x) * image.channels;
    data.set(image.data.subarray(from, from + image.channels), i * image.channels);
  }
  return { ...image, height, width, data };
}
