/** The rules of ARCHITECTURE.md on imports and arithmetic, checked on the text of src/. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path/posix';
import { expect, it } from 'vitest';

interface Import {
  readonly target: string;
  readonly kind: 'value' | 'type' | 'dynamic';
}

const FILES = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .map((file) => file.replaceAll('\\', '/'))
  .filter((file) => file.endsWith('.ts'))
  .sort();

function withoutComments(source: string): string {
  return source.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/(^|\s)\/\/.*$/gm, '$1');
}

/** How an import looks, by kind; group 1 is what is imported. */
const IMPORT_FORMS: readonly [Import['kind'], RegExp][] = [
  ['type', /^(?:import|export)\s+type\s[^;]*?from\s+'([^']+)'/gm],
  ['type', /typeof import\(\s*'([^']+)'\s*\)/g],
  ['value', /^(?:import|export)\s(?!\s*type\s)[^;]*?from\s+'([^']+)'/gm],
  ['value', /^import\s+'([^']+)'/gm],
  ['dynamic', /(?<!typeof )\bimport\(\s*'([^']+)'\s*\)/g],
];

function importsOf(file: string): Import[] {
  const resolved = (target: string) => (target.startsWith('.') ? join(dirname(file), target) : target);
  return IMPORT_FORMS.flatMap(([kind, form]) =>
    [...CODE.get(file)!.matchAll(form)].map(([, target]) => ({ target: resolved(target!), kind })),
  );
}

/** Code without its comments: rules are about what runs. */
const CODE = new Map(FILES.map((file) => [file, withoutComments(readFileSync(join('src', file), 'utf8'))]));
const IMPORTS = new Map(FILES.map((file) => [file, importsOf(file)]));

/** 'src/a.ts imports b' of every import that the rule forbids. */
const offenders = (isForbidden: (file: string, used: Import) => boolean): string[] =>
  FILES.flatMap((file) =>
    IMPORTS.get(file)!
      .filter((used) => isForbidden(file, used))
      .map((used) => `${file} imports ${used.target}`),
  );

it('finds the imports it is about', () => {
  expect(IMPORTS.get('index.ts')).toContainEqual({ target: 'compress.ts', kind: 'value' });
  expect(IMPORTS.get('index.ts')).toContainEqual({ target: 'image/image.ts', kind: 'type' });
  expect(IMPORTS.get('cli/train-command.ts')).toContainEqual({ target: 'train/train.ts', kind: 'dynamic' });
});

const NOBODY = /^$/;

/** Who may import what: only files of `allowed` import targets of `target`. */
const ONLY_IMPORTERS = [
  { why: 'only tensorflow.ts loads TensorFlow.js', target: /^@tensorflow\//, allowed: /^tensorflow\.ts$/ },
  {
    why: 'only train/, the tfjs engine, the option that asks for it and the command line know TensorFlow.js',
    target: /^tensorflow\.ts$/,
    allowed: /^(train\/|network\/tfjs-|options\.ts$|cli\/)/,
  },
  { why: 'only train/ and the command line know train/', target: /^train\//, allowed: /^(train|cli)\// },
  { why: 'nobody imports the command line', target: /^cli\//, allowed: /^cli\// },
  { why: 'only the command line parses arguments and draws', target: /^(commander|cli-progress)$/, allowed: /^cli\// },
  { why: 'only image/ and train/ know sharp', target: /^sharp$/, allowed: /^(image|train)\// },
  {
    why: 'only image/, the alpha coder and groups know deflate',
    target: /^fflate$/,
    allowed: /^(image\/|codec\/alpha\.ts|archive\/group\.ts)/,
  },
  { why: 'only one file knows zlib', target: /^pako$/, allowed: /^image\/zlib-settings\.ts$/ },
  {
    why: 'only models, kernels, bands, train/, the loader of TensorFlow.js and the command line know files and Node.js',
    target: /^node:/,
    allowed: /^(bands|cli|train|kernels)\/|^(model\/installed-models|tensorflow)\.ts$/,
  },
  {
    why: 'only kernels/, bands/ and the loader of batches start threads',
    target: /^node:worker_threads$/,
    allowed: /^(bands|kernels)\/|^train\/batch-(loader|worker)\.ts$/,
  },
  { why: 'only the command line starts processes', target: /^node:child_process$/, allowed: /^cli\// },
  { why: 'index.ts is only for other packages', target: /^index\.ts$/, allowed: NOBODY },
];

it.each(ONLY_IMPORTERS)('$why', ({ target, allowed }) => {
  expect(offenders((file, used) => target.test(used.target) && !allowed.test(file))).toEqual([]);
});

/** What a folder may import besides its own files. */
const FOLDER_IMPORTS: Record<string, RegExp> = {
  absorbing: /^(codec\/sequential-regression\.ts$|kernels\/|rans\/|errors\.ts$)/,
  rans: /^errors\.ts$/,
  diffusion: NOBODY,
  pyramid: /^errors\.ts$/,
  kernels: /^(node:|errors\.ts$)/,
  container: /^(errors\.ts|image\/image\.ts)$/,
  network: /^(kernels\/|(errors|tensorflow)\.ts$)/,
  model: /^(absorbing\/|diffusion\/|kernels\/|network\/|rans\/|errors\.ts$|node:)/,
  image: /^(container\/(byte-reader|checksum|varint)\.ts|errors\.ts|fflate|pako|sharp)$/,
};

it.each(Object.entries(FOLDER_IMPORTS))('%s/ imports only what it is built on', (folder, allowed) => {
  const isOwn = (path: string) => path.startsWith(`${folder}/`);
  expect(offenders((file, used) => isOwn(file) && !isOwn(used.target) && !allowed.test(used.target))).toEqual([]);
});

it('network/ knows the types of TensorFlow.js and is given the rest', () => {
  const isForbidden = (file: string, { target, kind }: Import) =>
    file.startsWith('network/') && target === 'tensorflow.ts' && kind !== 'type';
  expect(offenders(isForbidden)).toEqual([]);
});

it('model/ knows the types of kernels/ and the shape of dense layers, and runs none', () => {
  const isForbidden = (file: string, { target, kind }: Import) =>
    file.startsWith('model/') && /^kernels\/(?!dense-backend\.ts$)/.test(target) && kind !== 'type';
  expect(offenders(isForbidden)).toEqual([]);
});

it('the command line loads train/ and native modules only when a command needs them', () => {
  const heavy = /^(train\/|@tensorflow\/|sharp$|cli-progress$)/;
  const isForbidden = (file: string, used: Import) =>
    !file.startsWith('train/') && heavy.test(used.target) && used.kind === 'value';
  expect(offenders(isForbidden)).toEqual([]);
});

it('no file imports itself, not even through others', () => {
  const done = new Set<string>();
  const visit = (file: string, path: readonly string[]): string[] => {
    if (path.includes(file)) return [[...path.slice(path.indexOf(file)), file].join(' -> ')];
    if (done.has(file) || !IMPORTS.has(file)) return [];
    const cycles = IMPORTS.get(file)!.flatMap(({ target }) => visit(target, [...path, file]));
    done.add(file);
    return cycles;
  };
  expect(FILES.flatMap((file) => visit(file, []))).toEqual([]);
});

/** Code that only files of `allowed` may hold. */
const TEXT_RULES = [
  {
    why: 'only the command line touches the terminal and the process',
    pattern: /\bconsole\.|\bprocess\.|\bprocess\b\s*[;,)}]/,
    allowed: /^cli\//,
  },
  {
    // Math.sqrt is exact by IEEE 754; the others may differ in their last bits between engines. The rate meter and
    // vlb.ts only report, a port its content; an encoder's choice of colours is written into the file, and what is fitted
    // into a model; a forecast decides what an encoder tries.
    why: 'coded numbers never come from arithmetic that depends on the engine',
    pattern:
      /\bMath\.(a?(sin|cos|tan)h?|atan2|exp|expm1|log|log1p|log2|log10|pow|cbrt|hypot|random|f16round|sumPrecise)\b|\*\*/,
    allowed:
      /^(train|cli)\/|^diffusion\/vlb\.ts$|^fit-neighbours\.ts$|^codec\/(content-stack|rate-meter|symbol-port|choose-colours|webp-forecast)\.ts$/,
  },
  { why: 'no default exports', pattern: /^export default\b/m, allowed: NOBODY },
  {
    why: 'only the command line, evaluation and training measure time',
    pattern: /\bDate\b|\bperformance\./,
    allowed: /^(train|cli)\/|^evaluate\.ts$/,
  },
];

it.each(TEXT_RULES)('$why', ({ pattern, allowed }) => {
  expect(FILES.filter((file) => !allowed.test(file) && pattern.test(CODE.get(file)!))).toEqual([]);
});

it('reports lead to no frequency: coding does not read what the rate meter and vlb.ts compute', () => {
  const isReport = (path: string) => path === 'diffusion/vlb.ts' || path === 'codec/rate-meter.ts';
  const mayRead =
    /^(train|cli)\/|^(evaluate|progressive)\.ts$|^codec\/(rate-meter|symbol-port|choose-colours|webp-forecast)\.ts$/;
  expect(offenders((file, used) => isReport(used.target) && !mayRead.test(file))).toEqual([]);
});
