import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';

const committed = fileURLToPath(new URL('../../kernels/', import.meta.url));
let rebuilt: string;

beforeAll(() => {
  rebuilt = mkdtempSync(join(tmpdir(), 'vdmz-kernels-'));
  execFileSync(process.execPath, [join(committed, 'build.js'), rebuilt]);
});

afterAll(() => rmSync(rebuilt, { recursive: true }));

/** Of what predicts samples: sums, products, quotients, square roots and roundings, and integers made doubles. */
const SAMPLE_INSTRUCTIONS = [
  ...[
    'add',
    'ceil',
    'convert_i32_s',
    'convert_i32_u',
    'convert_i64_s',
    'div',
    'floor',
    'ge',
    'max',
    'min',
    'mul',
    'neg',
    'promote_f32',
    'sqrt',
    'sub',
  ].map((name) => `f64.${name}`),
  ...['add', 'convert_low_i32x4_s', 'div', 'floor', 'mul', 'pmax', 'pmin', 'replace_lane', 'sub'].map(
    (name) => `f64x2.${name}`,
  ),
];

/** Float instructions of each binary, whose results are exactly specified but for the bits of NaN. */
const FLOAT_INSTRUCTIONS = {
  'conv3x3.wasm': [],
  'conv3x3-shared.wasm': [],
  'dense.wasm': SAMPLE_INSTRUCTIONS,
  'dense-shared.wasm': SAMPLE_INSTRUCTIONS,
  'least-squares.wasm': ['f64.add', 'f64.div', 'f64.ge', 'f64.mul', 'f64.sub', 'f64x2.add', 'f64x2.mul', 'f64x2.sub'],
} as const;
const BINARIES = Object.keys(FLOAT_INSTRUCTIONS) as (keyof typeof FLOAT_INSTRUCTIONS)[];

it.each([...BINARIES, 'SHA256SUMS'])('rebuilding gives the committed %s', (file) => {
  expect(readFileSync(join(rebuilt, file)).equals(readFileSync(join(committed, file)))).toBe(true);
});

it('lists the sums of the committed sources and binaries', () => {
  const lines = readFileSync(join(committed, 'SHA256SUMS'), 'utf8').trim().split('\n').slice(1);
  const { length } = readdirSync(committed).filter((file) => /\.(ts|wasm)$/.test(file));
  expect(lines.length).toBe(length);
  for (const line of lines) {
    const [sum, file] = line.split('  ');
    expect(
      createHash('sha256')
        .update(readFileSync(join(committed, file!)))
        .digest('hex'),
    ).toBe(sum);
  }
});

it.each(BINARIES)('%s uses no instruction whose result may differ between machines', async (file) => {
  // Without relaxed SIMD enabled the compiler refuses that; the others of floats only move bits.
  const { default: binaryen } = await import('binaryen');
  const text = binaryen.readBinary(readFileSync(join(committed, file))).emitText();
  const floats = new Set(text.match(/\b(f32|f64|f32x4|f64x2)\.\w+/g));
  const computing = [...floats].filter((name) => !/\.(const|load|store|splat|extract_lane)$/.test(name)).sort();
  expect(computing).toEqual(FLOAT_INSTRUCTIONS[file]);
  expect(text).not.toMatch(/relaxed/);
});
