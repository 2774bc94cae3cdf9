/**
 * Drawings, patterns, ramps, noises and photographs in every kind of PNG: vdmz next to peers that keep as much, and next
 * to the file itself. Every file is restored and compared.
 *
 *     npm run bench:hostile -- [--only PART-OF-A-NAME] [--jobs 2]
 *
 * With what restores the PNG, the peer is `optipng -nx`, which deflates anew and keeps colour type, palette and order,
 * though not the file; without it (pixelsOnly), also optipng that may reduce palettes and depths, and cwebp. A file is over its
 * limit where it is more than 1 % and 16 bytes larger than the smallest of these, or more than 16 bytes larger than the
 * input. Peers count which hold all of the pixels: WebP has no 16 bits. overReduced compares all that restores the file
 * with the peers that drop some. Writes bench/results/hostile.json, unless only a part was asked for.
 */
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { methodOf } from '../dist/cli/report.js';
import { decodeFile } from '../dist/container/header.js';
import { isSameImage } from '../dist/image/image.js';
import { decodePng } from '../dist/image/png.js';
import { isSame } from '../dist/image/png-original.js';
import { compressPng, decompress, decompressPng, readRestored } from '../dist/index.js';
import { HOSTILE_IMAGES } from './hostile-images.js';
import { machine } from './machine.js';
import { installedPeers, measurePeer } from './peers.js';

/** Of pixels; by keys of a row. */
const PEER_NAMES = { optipng: 'PNG (optipng -o2)', cwebp: 'WebP lossless (cwebp -z 9)' };
/** -nx: without reductions of colour type, depth and palette. */
const SAME_KIND = {
  encode: ['optipng', '-quiet', '-nx', '-o5', '-out', 'FILE', 'IN'],
  decode: ['cp', 'FILE', 'OUT'],
};
const MAX_RATIO = 1.01;
const MAX_MORE = 16;

/** Bytes by part; the header is what the others leave. */
function partsOf(coded) {
  const { header, alpha, original, low, payload } = decodeFile(coded);
  const parts = { alpha: alpha.length, original: original.length, payload: payload.length, low: low.length };
  const rest = Object.values(parts).reduce((left, part) => left - part, coded.length);
  return { method: methodOf(header), parts: { header: rest, ...parts } };
}

async function measureVdmz(file, image) {
  const coded = await compressPng(file);
  const restored = await decompressPng(coded);
  const isExact = readRestored(coded) === 'byte for byte';
  const isRight = isExact ? isSame(restored, file) : isSameImage(decodePng(restored), image);
  return { bytes: coded.length, ...partsOf(coded), isExact, isRight };
}

/** Without the file; diffusion of the same pixels again would only take time. */
async function measurePixelsOnly(file, image, { bytes, method, parts }) {
  if (method.includes('diffusion')) return { pixelsOnlyBytes: bytes - parts.original, isPixelsRight: true };
  const coded = await compressPng(file, { pixelsOnly: true });
  return { pixelsOnlyBytes: coded.length, isPixelsRight: isSameImage(await decompress(coded), image) };
}

/** Bytes of each peer, null where it does not hold all of the pixels. */
async function measurePeers(peers, image, folder) {
  const row = {};
  for (const [key, peer] of Object.entries(peers)) {
    const { bytes, exact } = await measurePeer(peer, image, folder);
    row[key] = exact ? bytes : null;
  }
  return row;
}

async function measureImage({ name, file, image }, peers, folder) {
  const whole = await measureVdmz(file, image);
  const vdmz = { ...whole, ...(await measurePixelsOnly(file, image, whole)) };
  await writeFile(join(folder, 'in.png'), file);
  const sizes = await measurePeers(peers, image, folder);
  if (sizes.sameKind === null) throw new Error(`optipng -nx changed ${name}`);
  const best = Math.min(...Object.values(sizes).filter((bytes) => bytes !== null));
  const isOver = (bytes, peer) => bytes > MAX_RATIO * peer + MAX_MORE || bytes > file.length + MAX_MORE;
  const limits = {
    isOver: isOver(vdmz.bytes, sizes.sameKind),
    isOverPixelsOnly: isOver(vdmz.pixelsOnlyBytes, best),
    isOverReduced: isOver(vdmz.bytes, best),
  };
  return {
    name,
    pngBytes: file.length,
    ...vdmz,
    isRight: vdmz.isRight && vdmz.isPixelsRight,
    ...sizes,
    best,
    ...limits,
  };
}

const partsText = (parts) =>
  Object.entries(parts)
    .filter(([, bytes]) => bytes > 0)
    .map(([part, bytes]) => `${part} ${bytes}`)
    .join(', ');

const rowText = ({ name, bytes, pixelsOnlyBytes, best, sameKind, pngBytes, method, parts }) =>
  `${name}: ${bytes} bytes, optipng -nx ${sameKind}, input ${pngBytes}; pixels only ${pixelsOnlyBytes}, best peer ${best}; ${method}: ${partsText(parts)}`;

const isOutside = ({ isOver, isOverPixelsOnly }) => isOver || isOverPixelsOnly;

async function peersByKey() {
  const installed = await installedPeers();
  const found = Object.entries(PEER_NAMES).map(([key, name]) => [key, installed.find((peer) => peer.name === name)]);
  const missing = found.filter(([, peer]) => peer === undefined).map(([key]) => key);
  if (missing.length > 0) throw new Error(`needs ${missing.join(' and ')}`);
  return { ...Object.fromEntries(found), sameKind: SAME_KIND };
}

const imagesOf = (only) => HOSTILE_IMAGES.filter((one) => one.name.includes(only));

/** Every so many images, from one on; in a thread of its own. */
async function work({ only, first, jobs }) {
  const peers = await peersByKey();
  const folder = await mkdtemp(join(tmpdir(), 'vdmz-bench-'));
  for (const [index, { name, make }] of imagesOf(only).entries()) {
    if (index % jobs !== first) continue;
    parentPort.postMessage({ index, row: await measureImage({ name, ...make() }, peers, folder) });
  }
  await rm(folder, { recursive: true });
  process.exit(0); // the models' threads would wait for more
}

async function measureAll(only, jobs) {
  const rows = [];
  const measureShare = async (_, first) => {
    const worker = new Worker(new URL(import.meta.url), { workerData: { only, first, jobs } });
    worker.on('message', ({ index, row }) => {
      console.log(`${row.isRight ? '' : 'FAILED '}${isOutside(row) ? 'OVER ' : ''}${rowText(row)}`);
      rows[index] = row;
    });
    const failed = once(worker, 'error').then(([error]) => Promise.reject(error));
    await Promise.race([once(worker, 'exit'), failed]);
  };
  await Promise.all(Array.from({ length: jobs }, measureShare));
  return rows;
}

async function main() {
  const { values } = parseArgs({
    options: { only: { type: 'string', default: '' }, jobs: { type: 'string', default: '2' } },
  });
  const rows = await measureAll(values.only, Number(values.jobs));
  const sum = (key) => rows.reduce((total, row) => total + row[key], 0);
  const count = (key) => rows.filter((row) => row[key]).length;
  const total = {
    images: rows.length,
    bytes: sum('bytes'),
    sameKindBytes: sum('sameKind'),
    pixelsOnlyBytes: sum('pixelsOnlyBytes'),
    bestBytes: sum('best'),
    pngBytes: sum('pngBytes'),
    exact: count('isExact'),
    bugs: rows.length - count('isRight'),
    over: count('isOver'),
    overPixelsOnly: count('isOverPixelsOnly'),
    overReduced: count('isOverReduced'),
  };
  console.table([total]);
  for (const row of rows.filter((one) => isOutside(one) || !one.isRight)) console.log(rowText(row));
  if (values.only !== '') return;
  await mkdir('bench/results', { recursive: true });
  const result = { command: 'npm run bench:hostile', ...machine(), total, rows };
  await writeFile('bench/results/hostile.json', `${JSON.stringify(result, undefined, 1)}\n`);
}

await (isMainThread ? main() : work(workerData));
