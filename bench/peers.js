/** Other lossless codecs by their command lines, and how vdmz is compared with them. */
import { execFile } from 'node:child_process';
import { readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { readImage } from '../dist/image/read-image.js';

const run = promisify(execFile);

/** Command lines of the peers: IN is a PNG, FILE the compressed file, OUT the restored PNG. */
const PEERS = [
  {
    name: 'PNG (optipng -o2)',
    encode: ['optipng', '-quiet', '-o2', '-out', 'FILE', 'IN'],
    decode: ['cp', 'FILE', 'OUT'],
  },
  {
    name: 'WebP lossless (cwebp -z 9)',
    encode: ['cwebp', '-quiet', '-lossless', '-exact', '-z', '9', 'IN', '-o', 'FILE'],
    decode: ['dwebp', '-quiet', 'FILE', '-o', 'OUT'],
  },
  {
    name: 'JPEG XL (cjxl -d 0 -e 7)',
    encode: ['cjxl', '-d', '0', '-e', '7', 'IN', 'FILE'],
    decode: ['djxl', 'FILE', 'OUT'],
  },
  {
    name: 'JPEG XL (cjxl -d 0 -e 9)',
    encode: ['cjxl', '-d', '0', '-e', '9', 'IN', 'FILE'],
    decode: ['djxl', 'FILE', 'OUT'],
  },
];

/** The peers whose programs are there. */
export async function installedPeers() {
  const found = await Promise.all(PEERS.map(({ encode: [program] }) => isInstalled(program)));
  return PEERS.filter((_, i) => found[i]);
}

const isInstalled = (program) =>
  run('which', [program]).then(
    () => true,
    () => false,
  );

/** Codes in.png of a folder, which holds the image, restores and compares it. */
export async function measurePeer(peer, image, folder) {
  const extension = peer.encode[0] === 'cwebp' ? 'webp' : peer.encode[0] === 'cjxl' ? 'jxl' : 'png';
  const paths = { IN: join(folder, 'in.png'), FILE: join(folder, `file.${extension}`), OUT: join(folder, 'out.png') };
  for (const path of [paths.FILE, paths.OUT]) await rm(path, { force: true });
  const encodeSeconds = await timed(peer.encode, paths);
  const decodeSeconds = await timed(peer.decode, paths);
  const restored = await readImage(new Uint8Array(await readFile(paths.OUT)));
  const { size } = await stat(paths.FILE);
  const bitsPerDim = (8 * size) / image.data.length;
  return { bytes: size, bitsPerDim, encodeSeconds, decodeSeconds, exact: isSame(image, restored) };
}

async function timed(command, paths) {
  const [program, ...rest] = command.map((word) => paths[word] ?? word);
  const started = performance.now();
  await run(program, rest);
  return (performance.now() - started) / 1000;
}

/** Same pixels, whatever the kind: optipng turns RGB without colour into gray, and drops opaque alpha. */
function isSame(a, b) {
  if (a.height !== b.height || a.width !== b.width) return false;
  const [left, right] = [rgba(a), rgba(b)];
  return left.every((value, i) => value === right[i]);
}

/** Of 16 bits a sample. */
function rgba({ channels, bitDepth, data }) {
  const numColours = channels < 3 ? 1 : 3;
  const scale = bitDepth === 16 ? 1 : 257;
  return Uint16Array.from({ length: (data.length / channels) * 4 }, (_, i) => {
    const [pixel, c] = [i >> 2, i & 3];
    if (c === 3 && channels === numColours) return 65_535;
    const channel = c === 3 ? numColours : numColours === 1 ? 0 : c;
    return data[pixel * channels + channel] * scale;
  });
}

/** Mean over the images, as the literature reports it; "bugs" counts files that did not come back. */
export function summarise(name, rows) {
  const cells = rows.map((row) => row.codecs[name]);
  const mean = (key) => cells.reduce((sum, cell) => sum + cell[key], 0) / cells.length;
  const keys = ['bitsPerDim', 'netBitsPerDim', 'vlbBitsPerDim', 'encodeSeconds', 'decodeSeconds'];
  const means = keys.filter((key) => key in cells[0]).map((key) => [key, mean(key)]);
  return { name, ...Object.fromEntries(means), bugs: cells.filter(({ exact }) => !exact).length };
}

/** Of a model, for results. */
export const described = ({ name, id }) => ({ name, id: id.toString(16).padStart(8, '0') });
