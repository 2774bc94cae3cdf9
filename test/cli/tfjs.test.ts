/** --engine tfjs on TensorFlow.js without its native addon. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { readHeader } from '../../src/decompress.ts';
import { readImage } from '../../src/image/read-image.ts';
import { loadTensorFlow, type Tensor2D, type Tf } from '../../src/tensorflow.ts';
import { bytesOf, fixture, run, TINY_MODEL, temporaryFolder } from './run-main.ts';

vi.mock('../../src/tensorflow.ts', () => ({ loadTensorFlow: vi.fn(() => import('@tensorflow/tfjs')) }));

const INPUT = fixture('gradient-rgb8-13x1.png');
const TINY = ['--model', TINY_MODEL];
const TFJS = [...TINY, '--engine', 'tfjs'];
/** Others than diffusion need no engine. */
const DIFFUSION = ['--method', 'diffusion'];

it('codes the same file as the other engines, and restores theirs', async () => {
  const [tfjs, wasm] = await Promise.all(
    [TFJS, TINY].map((options) => run(['compress', INPUT, '-', ...options, ...DIFFUSION])),
  );
  expect(tfjs!.code).toBe(0);
  expect(tfjs!.stdoutBytes).toEqual(wasm!.stdoutBytes);
  expect(readHeader(wasm!.stdoutBytes).numSteps).toBe(8);
  const restored = await run(['decompress', '-', '-', ...TFJS], { stdin: wasm!.stdoutBytes });
  expect(restored.code).toBe(0);
  expect(await readImage(restored.stdoutBytes)).toEqual(await readImage(bytesOf(INPUT)));
});

it.each([
  ['compress', INPUT],
  ['decompress', 'fixtures/golden/v6-tiny-flat-rgb8-32x32.vdmz'],
])('%s says in one line how to install TensorFlow.js', async (command, input) => {
  vi.mocked(loadTensorFlow).mockRejectedValueOnce(new Error('TensorFlow.js is not installed:\nrun npm install'));
  const output = join(temporaryFolder(), 'out');
  expect(await run([command, input, '-o', output, ...TFJS])).toMatchObject({
    code: 2,
    stdout: '',
    stderr: 'vdmz: usage: TensorFlow.js is not installed: run npm install\n',
  });
  expect(existsSync(output)).toBe(false);
});

it('writes nothing when the device does not compute exactly', async () => {
  const plain: Tf = await import('@tensorflow/tfjs');
  const matMul = (a: Tensor2D, b: Tensor2D) => plain.add(plain.matMul(a, b), 0.3);
  vi.mocked(loadTensorFlow).mockResolvedValue({ ...plain, matMul } as Tf);
  const folder = temporaryFolder();
  const result = await run(['compress', INPUT, join(folder, 'a.vdmz'), ...TFJS, ...DIFFUSION]);
  expect(result.stderr).toMatch(/usage: TensorFlow\.js does not compute exactly on this device, use --engine wasm\n$/);
  expect(result.code).toBe(2);
  expect(readdirSync(folder)).toEqual([]);
});
