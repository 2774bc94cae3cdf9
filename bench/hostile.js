/**
 * Drawings, patterns, ramps, noises and photographs in every kind of PNG: vdmz next to the smaller one of optipng and
 * cwebp, and next to the file itself. Every file is restored and compared.
 *
 *     npm run bench:hostile -- [--only PART-OF-A-NAME]
 *
 * A file is over its limit where it is more than 1 % and 16 bytes larger than the smallest peer's, or more than 16 bytes
 * larger than the input. Of peers only those count which hold all of the pixels: WebP has no 16 bits. They do not bring
 * the file back, as vdmz does by its original section; without that section, a file may be over by its pixels. Writes bench/results/hostile.json, unless only a part was asked for.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { methodOf } from '../dist/cli/report.js';
import { decodeFile } from '../dist/container/header.js';
import { isSameImage } from '../dist/image/image.js';
import { decodePng } from '../dist/image/png.js';
import { isSame } from '../dist/image/png-original.js';
import { compressPng, decompressPng, readRestored } from '../dist/index.js';
import { HOSTILE_IMAGES } from './hostile-images.js';
import { machine } from './machine.js';
import { installedPeers, measurePeer } from './peers.js';

const PEER_NAMES = ['PNG (optipng -o2)', 'WebP lossless (cwebp -z 9)'];
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

async function measureImage({ name, file, image }, peers, folder) {
  const vdmz = await measureVdmz(file, image);
  await writeFile(join(folder, 'in.png'), file);
  const row = { name, pngBytes: file.length, ...vdmz };
  for (const peer of peers) {
    const { bytes, exact } = await measurePeer(peer, image, folder);
    if (exact) row.best = Math.min(row.best ?? bytes, bytes);
    row[peer.encode[0]] = exact ? bytes : null;
  }
  const isAbove = (bytes) => bytes > MAX_RATIO * row.best + MAX_MORE || bytes > file.length + MAX_MORE;
  return { ...row, isOver: isAbove(vdmz.bytes), isOverByPixels: isAbove(vdmz.bytes - vdmz.parts.original) };
}

const partsText = (parts) =>
  Object.entries(parts)
    .filter(([, bytes]) => bytes > 0)
    .map(([part, bytes]) => `${part} ${bytes}`)
    .join(', ');

const rowText = ({ name, bytes, best, pngBytes, method, parts }) =>
  `${name}: ${bytes} bytes, best peer ${best}, input ${pngBytes}; ${method}: ${partsText(parts)}`;

async function measureAll(only) {
  const installed = await installedPeers();
  const peers = installed.filter(({ name }) => PEER_NAMES.includes(name));
  if (peers.length < PEER_NAMES.length) throw new Error(`needs ${PEER_NAMES.join(' and ')}`);
  const folder = await mkdtemp(join(tmpdir(), 'vdmz-bench-'));
  const rows = [];
  for (const { name, make } of HOSTILE_IMAGES.filter((one) => one.name.includes(only))) {
    const row = await measureImage({ name, ...make() }, peers, folder);
    console.log(`${row.isRight ? '' : 'FAILED '}${row.isOver ? 'OVER ' : ''}${rowText(row)}`);
    rows.push(row);
  }
  await rm(folder, { recursive: true });
  return rows;
}

async function main() {
  const { values } = parseArgs({ options: { only: { type: 'string', default: '' } } });
  const rows = await measureAll(values.only);
  const sum = (key) => rows.reduce((total, row) => total + row[key], 0);
  const count = (key) => rows.filter((row) => row[key]).length;
  const total = {
    images: rows.length,
    bytes: sum('bytes'),
    bestBytes: sum('best'),
    pngBytes: sum('pngBytes'),
    exact: count('isExact'),
    bugs: rows.length - count('isRight'),
    over: count('isOver'),
    overByPixels: count('isOverByPixels'),
  };
  console.table([total]);
  for (const row of rows.filter(({ isOver, isRight }) => isOver || !isRight)) console.log(rowText(row));
  if (values.only !== '') return;
  await mkdir('bench/results', { recursive: true });
  const result = { command: 'npm run bench:hostile', ...machine(), total, rows };
  await writeFile('bench/results/hostile.json', `${JSON.stringify(result, undefined, 1)}\n`);
}

await main();
