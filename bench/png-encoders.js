/** Encoders of PNG for bench/restoring.js; those that are not installed are left out. */
import { execFile } from 'node:child_process';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { encode as encodeByFastPng } from 'fast-png';
import sharp from 'sharp';
import { encodePng } from '../dist/image/png.js';

const run = promisify(execFile);
const PYTHON_SCRIPT = fileURLToPath(new URL('./png-encoders.py', import.meta.url));

/** Command lines: IN is a PNG of RGB with 8 bits, PNM and WEBP the same image, OUT the file to write. */
const PROGRAMS = [
  ['ImageMagick 6 `convert`', 'convert-im6 IN OUT'],
  ['ffmpeg', 'ffmpeg -loglevel error -y -i IN -update 1 -frames:v 1 OUT'],
  ['`pnmtopng` (libpng)', 'sh -c "pnmtopng PNM > OUT"'],
  ['`pnmtopng -interlace`', 'sh -c "pnmtopng -interlace PNM > OUT"'],
  ['`dwebp` (libpng)', 'dwebp -quiet WEBP -o OUT'],
  ['optipng `-o1`', 'optipng -quiet -o1 -out OUT IN'],
  ['optipng `-o2`', 'optipng -quiet -o2 -out OUT IN'],
  ['pngcrush', 'pngcrush -q IN OUT'],
  ['zopflipng `--iterations=1`', 'zopflipng -y --iterations=1 IN OUT'],
].map(([name, line]) => ({ name, words: line.match(/"[^"]*"|\S+/g).map((word) => word.replaceAll('"', '')) }));

const rgbaOf = ({ height, width, data }) =>
  Uint8Array.from({ length: height * width * 4 }, (_, i) => (i % 4 === 3 ? 255 : data[3 * (i >> 2) + (i % 4)]));

const bySharp = (options) => (image) =>
  sharp(image.data, { raw: { width: image.width, height: image.height, channels: 3 } })
    .png(options)
    .toBuffer();

/** In JavaScript: functions of an image, given what the folder of --modules has installed. */
const MODULES = [
  ['sharp, default', undefined, bySharp({})],
  ['sharp, `compressionLevel: 9`', undefined, bySharp({ compressionLevel: 9 })],
  ['sharp, `adaptiveFiltering`', undefined, bySharp({ adaptiveFiltering: true })],
  ['sharp, `palette`', undefined, bySharp({ palette: true })],
  ['fast-png', undefined, (image) => encodeByFastPng({ ...image, depth: 8 })],
  ['PNGs that vdmz makes of pixels', undefined, (image) => encodePng(image)],
  ['pngjs', 'pngjs', byPngjs],
  [
    'upng-js',
    'upng-js',
    ({ height, width, ...image }, upng) => upng.encode([rgbaOf({ height, width, ...image }).buffer], width, height, 0),
  ],
  ['@napi-rs/canvas', '@napi-rs/canvas', byCanvas],
].map(([name, module, write]) => ({ name, module, write }));

function byPngjs(image, { PNG }) {
  const png = new PNG({ width: image.width, height: image.height });
  png.data = Buffer.from(rgbaOf(image));
  return PNG.sync.write(png, { colorType: 2 });
}

function byCanvas(image, { createCanvas, ImageData }) {
  const canvas = createCanvas(image.width, image.height);
  const pixels = new ImageData(new Uint8ClampedArray(rgbaOf(image)), image.width, image.height);
  canvas.getContext('2d').putImageData(pixels, 0, 0);
  return canvas.toBuffer('image/png');
}

/** Undefined for what is not installed. */
const orMissing = (work) =>
  work.catch((error) =>
    /ENOENT|not found|MODULE_NOT_FOUND/.test(`${error.code} ${error.stderr}`) ? undefined : Promise.reject(error),
  );

async function byProgram({ words }, paths) {
  const [program, ...rest] = words.map((word) => word.replace(/\b(IN|OUT|PNM|WEBP)\b/g, (name) => paths[name]));
  await rm(paths.OUT, { force: true });
  await run(program, rest);
  return readFile(paths.OUT);
}

/** Names and files of those encoders of Python that the interpreter has. */
async function byPython(python, paths) {
  const { stdout } = await run(python, [PYTHON_SCRIPT, paths.IN, paths.PYTHON]);
  const found = stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
  return Promise.all(found.map(async ({ name, file }) => ({ name, file: await readFile(file) })));
}

/**
 * { name, file }: the image, RGB of 8 bits, as each encoder writes it.
 * @param where folder: for what is written; modules: a folder whose node_modules are used; python: an interpreter
 */
export async function* encodings(image, { folder, modules, python }) {
  const paths = Object.fromEntries(
    ['IN.png', 'OUT.png', 'PNM.ppm', 'WEBP.webp', 'PYTHON'].map((file) => [
      file.split('.')[0],
      join(folder, file.toLowerCase()),
    ]),
  );
  const { height, width } = image;
  await writeFile(paths.IN, encodePng(image));
  await writeFile(paths.PNM, Buffer.concat([Buffer.from(`P6\n${width} ${height}\n255\n`), image.data]));
  await sharp(paths.IN).webp({ lossless: true }).toFile(paths.WEBP);
  if (python !== undefined) yield* await byPython(python, paths);
  for (const program of PROGRAMS) {
    const file = await orMissing(byProgram(program, paths));
    if (file !== undefined) yield { name: program.name, file: new Uint8Array(file) };
  }
  const require = createRequire(resolve(modules ?? '.', 'package.json'));
  for (const { name, module, write } of MODULES) {
    const file = await orMissing((async () => write(image, module && require(module)))());
    if (file !== undefined) yield { name, file: new Uint8Array(file) };
  }
}
