/** The package as others see it: what is in it, its types, and its use from CommonJS. */
import { execFile, execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { fixturePath } from '../helpers/fixtures.ts';
import { consumerFolder } from './consumer-folder.ts';

describe('npm pack', () => {
  // Without its scripts, which would build dist/ anew under the feet of other tests.
  const listed = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { encoding: 'utf8' });
  const files: string[] = JSON.parse(listed)[0].files.map(({ path }: { path: string }) => path);

  it.each([
    'package.json',
    'README.md',
    'LICENSE',
    'bin/vdmz.js',
    'dist/index.js',
    'dist/index.d.ts',
    'dist/cli/helper-main.js',
    'dist/train/batch-worker.js',
    'kernels/conv3x3.wasm',
    'kernels/conv3x3-shared.wasm',
    'kernels/conv3x3-worker.js',
    'models/photo-6/model.json',
    'models/photo-6/weights.bin',
  ])('has %s', (path) => {
    expect(files).toContain(path);
  });

  it('has nothing that only development needs', () => {
    const known = /^(bin|dist|kernels|models)\/|^docs\/format\.md$|^(package\.json|README\.md|LICENSE)$/;
    expect(files.filter((path) => !known.test(path))).toEqual([]);
    expect(files.filter((path) => /\.(ts|csv)$/.test(path) && !path.endsWith('.d.ts'))).toEqual([]);
  });
});

const ESM = `
import { type CodecErrorCode, type CompressOptions, compress, decompress, type Image, readHeader, readRestored } from 'vdmz';
const image: Image = { height: 1, width: 1, channels: 3, bitDepth: 8, data: new Uint8Array(3) };
const options: CompressOptions = { effort: 2, signal: AbortSignal.timeout(1), onProgress: (fraction: number) => fraction };
const bytes: Uint8Array = await compress(image, options);
const copy: Image = await decompress(bytes);
const restored: 'byte for byte' | 'pixels and chunks' | 'pixels' = readRestored(bytes);
// @ts-expect-error no such channels
const wrong: Image = { ...image, channels: 5 };
const code: CodecErrorCode = 'corrupt';
console.log(copy, restored, wrong, code, readHeader(bytes).height);
`;

const COMMON_JS = `
async function main(): Promise<number> {
  const { compress } = await import('vdmz');
  return (await compress({ height: 1, width: 1, channels: 1, bitDepth: 8, data: new Uint8Array(1) })).length;
}
void main();
`;

it('has types for ES modules and CommonJS', async () => {
  const folder = consumerFolder();
  writeFileSync(join(folder, 'a.mts'), ESM);
  writeFileSync(join(folder, 'b.cts'), COMMON_JS);
  const compilerOptions = {
    ...{ module: 'node16', target: 'es2022', lib: ['es2023'], strict: true, noEmit: true },
    ...{ types: ['node'], typeRoots: [resolve('node_modules/@types')] },
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['a.mts', 'b.cts'] }));
  const tsc = resolve('node_modules/typescript/bin/tsc');
  const { stdout } = await promisify(execFile)(process.execPath, [tsc, '-p', folder]).catch((error) => error);
  expect(stdout).toBe('');
});

it('compresses from CommonJS with the model of a folder', async () => {
  const folder = consumerFolder();
  const app = join(folder, 'app.cjs');
  writeFileSync(
    app,
    `import('vdmz').then(async ({ compress, decompress, loadModel }) => {
       const model = await loadModel(${JSON.stringify(fixturePath('networks/tiny'))});
       const image = { height: 2, width: 3, channels: 1, bitDepth: 8, data: Uint8Array.of(1, 2, 3, 4, 5, 6) };
       const bytes = await compress(image, { model });
       console.log((await decompress(bytes, { model })).data.join());
     });`,
  );
  const { stdout } = await promisify(execFile)(process.execPath, [app]);
  expect(stdout).toBe('1,2,3,4,5,6\n');
});
