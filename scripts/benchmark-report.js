/**
 * Writes what the results in bench/results say: docs/benchmarks.md, the plot docs/rate-time.svg and the marked parts of
 * README.md and docs/restoring.md. npm run bench:report
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { plotSvg } from './plot.js';

const RESULTS = 'bench/results';
/** The set of images of the plot and of README's table of efforts. */
const EFFORT_SET = 'kodak4';

const read = (name) => JSON.parse(readFileSync(`${RESULTS}/${name}`, 'utf8'));
const readIfThere = (name) => (existsSync(`${RESULTS}/${name}`) ? read(name) : undefined);
const cell = (value, digits = 3) => (value === undefined ? '' : value.toFixed(digits));
const row = (cells) => `| ${cells.join(' | ')} |`;
const table = (head, rows) => [
  row(head),
  row(head.map((_, i) => (i === 0 ? '---' : '---:'))),
  ...rows.map((cells) => row(cells)),
];
const percent = (ratio) => `${ratio > 1 ? '+' : ''}${cell(100 * (ratio - 1), 1)} %`;

/** Of peers, where there is little room. */
const SHORT_NAMES = {
  'PNG (optipng -o2)': 'PNG (optipng)',
  'WebP lossless (cwebp -z 9)': 'WebP lossless',
  'JPEG XL (cjxl -d 0 -e 7)': 'JPEG XL -e 7',
  'JPEG XL (cjxl -d 0 -e 9)': 'JPEG XL -e 9',
};
const shortName = (name) => SHORT_NAMES[name] ?? name;

const measuredOn = ({ date, commit, node, cpu, cores }) =>
  `${date}, commit ${commit}, Node ${node}, ${cores} cores of ${cpu}.`;

function rateTable({ summary }) {
  const own = summary.find(({ name }) => name === 'vdmz').bitsPerDim;
  return table(
    ['codec', 'bits/dim, mean of files', 'vdmz against it', 'encode s', 'decode s', 'bugs'],
    summary.map(({ name, bitsPerDim, encodeSeconds, decodeSeconds, bugs }) => [
      name,
      cell(bitsPerDim),
      name === 'vdmz' ? '' : percent(own / bitsPerDim),
      cell(encodeSeconds, 2),
      cell(decodeSeconds, 2),
      bugs,
    ]),
  );
}

/** Models that compress chose, with the images of each. */
function modelsText({ rows }) {
  const counts = new Map();
  for (const { codecs } of rows) counts.set(codecs.vdmz.model, (counts.get(codecs.vdmz.model) ?? 0) + 1);
  return `by model ${[...counts].map(([name, count]) => `${name} ${count}`).join(', ')}`;
}

function rateSection(result) {
  const { name, command, model, images, summary } = result;
  const { bitsPerDim, netBitsPerDim, vlbBitsPerDim } = summary.find((codec) => codec.name === 'vdmz');
  return [
    `## ${name}`,
    '',
    `${images} images, ${model ? `model ${model.name} (${model.id}) at ${model.steps} steps` : modelsText(result)}. ` +
      `${measuredOn(result)} \`${command} FOLDER\``,
    '',
    ...rateTable(result),
    '',
    `vdmz in parts: bound ${cell(vlbBitsPerDim, 4)}, net rate ${cell(netBitsPerDim, 4)}, files ${cell(bitsPerDim, 4)} ` +
      `bits/dim: files are ${cell(100 * (bitsPerDim / vlbBitsPerDim - 1), 2)} % above the bound.`,
    '',
    '<details><summary>each image</summary>',
    '',
    ...table(
      ['image', ...summary.map(({ name }) => name), 'vdmz bound'],
      result.rows.map(({ name, codecs }) => [
        name,
        ...summary.map((codec) => cell(codecs[codec.name].bitsPerDim)),
        cell(codecs.vdmz.vlbBitsPerDim),
      ]),
    ),
    '',
    '</details>',
    '',
  ];
}

/** Of a whole run: the largest part of the time first. */
const sharesText = (shares) =>
  Object.entries(shares)
    .sort(([, a], [, b]) => b - a)
    .map(([part, share]) => `${part} ${cell(100 * share, 1)} %`)
    .join(', ');

const PROCESS_TEXTS = { absorbing: 'absorbing diffusion', gaussian: 'Gaussian diffusion' };

function speedSection(result) {
  const { image, layers, network, pixelNetwork, rans, whole, peers, steps } = result;
  const megapixels = (image.height * image.width) / 1e6;
  const peakOf = ({ process, threads }) =>
    Math.max(
      ...(process === 'absorbing' ? pixelNetwork : network)
        .filter((row) => row.threads === threads)
        .map((row) => row.gmacsPerSecond),
    );
  const sections = Object.keys(PROCESS_TEXTS).map((process) => whole.filter((run) => run.process === process));
  const fastest = sections[0].at(-1);
  return [
    '## Speed',
    '',
    `One photograph (${image.source}) of ${image.width} x ${image.height} pixels, the fastest of three rounds. ` +
      `${measuredOn(result)} \`${result.command}\``,
    '',
    ...sections.flatMap((runs) => processSection(runs, { megapixels, peakOf, steps })),
    `GMAC/s count multiplications, of convolutions those of plain ones, over the whole run; "of the network alone" is against calls ` +
      `of the network one after the other: ${[...pixelNetwork, ...network]
        .map(({ name, threads, gmacsPerSecond }) => `${name} ${cell(gmacsPerSecond, 0)} GMAC/s with ${threads}`)
        .join(', ')} threads (single layers of Gaussian diffusion with 1: ` +
      `${layers.map(({ name, gmacsPerSecond }) => `${name} channels ${cell(gmacsPerSecond, 0)}`).join(', ')}).`,
    '',
    `The coder alone: ${cell(Math.min(...rans.map(({ pushNs }) => pushNs)), 0)} to ` +
      `${cell(Math.max(...rans.map(({ popNs }) => popNs)), 0)} ns a symbol.`,
    '',
    'The same photograph in the same run:',
    '',
    ...table(
      ['codec', 'encode s', 'absorbing diffusion against it', 'decode s'],
      peers.map(({ name, encodeSeconds, decodeSeconds }) => [
        name,
        cell(encodeSeconds, 2),
        `${cell(fastest.compressing.seconds / encodeSeconds, 1)} times as long`,
        cell(decodeSeconds, 2),
      ]),
    ),
    '',
  ];
}

function processSection(runs, { megapixels, peakOf, steps }) {
  const { process, model, loadMs, engineMs, threads, compressing, decompressing } = runs.at(-1);
  return [
    `By ${PROCESS_TEXTS[process]}, model ${model.name} (${model.id})${process === 'gaussian' ? ` at ${steps} steps` : ''}:`,
    '',
    ...table(
      ['', 'threads', 's', 's a megapixel', 'GMAC/s', 'of the network alone', 'entropy coding'],
      runs.flatMap((run) =>
        Object.entries({ compress: run.compressing, decompress: run.decompressing }).map(([name, part]) => [
          name,
          run.threads,
          cell(part.seconds, 2),
          cell(part.seconds / megapixels, 2),
          cell(part.gmacsPerSecond, 0),
          `${cell((100 * part.gmacsPerSecond) / peakOf(run), 0)} %`,
          `${cell(100 * part.shares['entropy coding'], 1)} %`,
        ]),
      ),
    ),
    '',
    `With ${threads} threads, of the main thread's time: compressing ${sharesText(compressing.shares)}; decompressing ` +
      `${sharesText(decompressing.shares)}. Before the first pixel: ${cell(loadMs, 0)} ms to load the model and ` +
      `${cell(engineMs, 0)} ms to compile and fill the engine.`,
    '',
  ];
}

const FREE_MEGABYTES = 150;
/** Bytes a pixel that a process takes at most beyond what it takes anyway. */
const bytesPerPixel = ({ peakMegabytes }, megapixels) =>
  Math.max(0, ((peakMegabytes - FREE_MEGABYTES) * 1024 * 1024) / (megapixels * 1e6));

function scalingSection(results) {
  if (results.length === 0) return [];
  return [
    '## Size of the image',
    '',
    'The whole command line, each run in a process of its own, without the check. Processor time counts all threads; from',
    'the times a megapixel, what an image of 8 x 8 pixels takes is subtracted.',
    '',
    ...results.flatMap(scalingTable),
  ];
}

function scalingTable({ command, effort, model, source, start, sizes, ...machine }) {
  const head = ['processor s a megapixel', 'peak MB', `bytes a pixel above ${FREE_MEGABYTES} MB`];
  const cells = (name, key) =>
    sizes.map(({ megapixels, [key]: run }) => [
      name,
      cell(megapixels, 2),
      cell(run.seconds, 1),
      cell(run.cpuSeconds, 1),
      cell((run.cpuSeconds - start[key].cpuSeconds) / megapixels, 2),
      cell(run.peakMegabytes, 0),
      cell(bytesPerPixel(run, megapixels), 1),
    ]);
  return [
    `Parts of ${source}, effort ${effort}, model ${model.name} (${model.id}). ${measuredOn(machine)} \`${command}\``,
    '',
    ...table(
      ['', 'megapixels', 's', 'processor s', ...head],
      [...cells('compress', 'compressing'), ...cells('decompress', 'decompressing')],
    ),
    '',
    `Before the first tile: ${cell(start.compressing.cpuSeconds, 2)} processor seconds to compress and ` +
      `${cell(start.decompressing.cpuSeconds, 2)} to decompress.`,
    '',
  ];
}

/** Efforts of the default kind of diffusion. */
const ofDefault = (efforts) => efforts.filter(({ process }) => process === 'absorbing');

function effortTable({ efforts, summary, megapixels }) {
  const rows = ofDefault(efforts).map((one) => ({ ...one, ...summary.find(({ name }) => name === one.name) }));
  return table(
    [
      '`--effort`',
      'model',
      'bits/dim',
      'against the effort before',
      'compress s a megapixel',
      'decompress s a megapixel',
    ],
    rows.map(({ effort, model, bitsPerDim, encodeSeconds, decodeSeconds }, i) => [
      effort,
      model.name,
      cell(bitsPerDim),
      i === 0 ? '' : percent(bitsPerDim / rows[i - 1].bitsPerDim),
      cell(encodeSeconds / megapixels, 1),
      cell(decodeSeconds / megapixels, 1),
    ]),
  );
}

function effortSection(result) {
  const { name, command, efforts, images, summary, megapixels } = result;
  const models = [...new Set(efforts.map(({ model }) => `${model.name} (${model.id})`))].join(', ');
  return [
    `## Rate against time: ${name}`,
    '',
    `${images} images, one at a time, models ${models}. ${measuredOn(result)} \`${command} FOLDER\``,
    '',
    ...(name === EFFORT_SET ? ['![bits/dim against seconds to compress a megapixel](rate-time.svg)', ''] : []),
    ...table(
      ['codec', 'bits/dim', 'encode s a megapixel', 'decode s a megapixel', 'bugs'],
      summary.map(({ name, bitsPerDim, encodeSeconds, decodeSeconds, bugs }) => [
        name,
        cell(bitsPerDim),
        cell(encodeSeconds / megapixels, 2),
        cell(decodeSeconds / megapixels, 2),
        bugs,
      ]),
    ),
    '',
  ];
}

function archiveSection(results) {
  if (results.length === 0) return [];
  return [
    '## Archives',
    '',
    'PNG files as sharp writes them, in one archive: all of its bytes, names, checksums and what restores the files included,',
    'against the net rate of the images on a chain that has bits from the start.',
    '',
    ...table(
      ['set', 'images', 'bits/dim', 'net', 'files byte for byte', 'bugs', 'pack ms an image', 'unpack ms an image'],
      results.map((one) => [
        one.name,
        one.images,
        cell(one.bitsPerDim),
        cell(one.netBitsPerDim),
        one.exact,
        one.bugs,
        cell((1000 * one.packSeconds) / one.images, 0),
        cell((1000 * one.unpackSeconds) / one.images, 0),
      ]),
    ),
    '',
    ...results.map((one) => `${measuredOn(one)} Model ${one.model.name} (${one.model.id}). \`${one.command} FOLDER\``),
    '',
  ];
}

function hostileSection(result) {
  if (result === undefined) return [];
  const { command, total, rows } = result;
  const outside = rows.filter(
    ({ isOver, isOverPixelsOnly, isOverReduced }) => isOver || isOverPixelsOnly || isOverReduced,
  );
  const namesText = (key) => {
    const names = rows.filter((one) => one[key]).map(({ name }) => name);
    return names.length === 0
      ? 'none is'
      : `${names.length} ${names.length === 1 ? 'is' : 'are'} (${names.join(', ')})`;
  };
  return [
    '## Every kind of PNG',
    '',
    `${total.images} drawings, patterns, ramps, dithers, noises and photographs of up to 300 pixels a side in every kind of PNG, made by ` +
      `bench/hostile-images.js. ${measuredOn(result)} \`${command}\``,
    '',
    'A file is over its limit where it takes more than 1 % and 16 bytes more than the smallest peer, or 16 bytes more than its PNG.',
    '',
    `With what restores the files, against PNGs deflated anew that keep palettes, their order and depths (\`optipng -nx -o5\`): ${namesText('isOver')} over. ` +
      `vdmz takes ${total.bytes} bytes in all, optipng -nx ${total.sameKindBytes}, the PNG files ${total.pngBytes}. ` +
      `${total.exact} files came back byte for byte, the others with their pixels and chunks, ${total.bugs} not.`,
    '',
    `With \`--pixels-only\`, against the smallest one of that, \`optipng -o2\` and \`cwebp -lossless -exact -z 9\`: ${namesText('isOverPixelsOnly')} over. ` +
      `vdmz takes ${total.pixelsOnlyBytes} bytes in all, the smallest peers ${total.bestBytes}.`,
    '',
    `With what restores the files, against the smallest peer, which drops the order of palettes and what is not used: ${total.overReduced} are over.`,
    '',
    ...table(
      ['over either', 'PNG', 'optipng -nx', 'optipng', 'cwebp', 'vdmz', 'pixels only', 'method', 'original section'],
      outside.map(({ name, pngBytes, sameKind, optipng, cwebp, bytes, pixelsOnlyBytes, method, parts }) => [
        name,
        pngBytes,
        sameKind,
        optipng,
        cwebp ?? '',
        bytes,
        pixelsOnlyBytes,
        method,
        parts.original,
      ]),
    ),
    '',
  ];
}

/** The table of docs/restoring.md. */
const restoringTable = ({ command, total, encoders, ...result }) => [
  ...table(
    ['Encoder', 'Byte for byte', 'Settings found: level, memory, strategy', "Section, bytes of a file's, mean"],
    encoders.map(({ encoder, files, exact, settings, sectionBytes, fileBytes }) => [
      encoder,
      `${exact} of ${files}`,
      settings.join('; '),
      `${sectionBytes} of ${fileBytes}`,
    ]),
  ),
  row(['all', `${total.exact} of ${total.files}`, '', '']),
  '',
  `The middle of ${total.images} photographs, up to ${total.side} pixels a side, by each encoder. ${measuredOn(result)} \`${command} FOLDER\``,
];

/** Neighbours of one rate are one point, between them, that is called as the last. */
function joined(points) {
  const [first, second, ...rest] = points;
  if (second === undefined) return points;
  if (first.y !== second.y) return [first, ...joined([second, ...rest])];
  return joined([{ ...second, x: (first.x + second.x) / 2 }, ...rest]);
}

/** The programs of one kind are joined by a line: vdmz, JPEG XL and so on. */
function effortPlot({ summary, efforts, megapixels, images, name }) {
  const kindOf = (name) => name.split(/ [(]| --effort/)[0]; // 'JPEG XL' of 'JPEG XL (cjxl ...)'
  const kinds = [...new Set(summary.map(({ name }) => kindOf(name)))];
  const next = new Set(
    ofDefault(efforts)
      .slice(1)
      .map(({ name }) => name),
  );
  const label = (name) => (next.has(name) ? name.split(' ').at(-1) : shortName(name));
  const series = kinds.map((kind) => ({
    own: kind.startsWith('vdmz'),
    points: joined(
      summary
        .filter((one) => kindOf(one.name) === kind)
        .map(({ name, bitsPerDim, encodeSeconds }) => ({
          label: label(name),
          x: encodeSeconds / megapixels,
          y: bitsPerDim,
        })),
    ),
  }));
  return plotSvg(series, {
    xTitle: `seconds to compress a megapixel (${images} images of ${name.replace(/\d+$/, '')})`,
    yTitle: 'bits/dim, less is better',
    yStep: 0.2,
  });
}

/** README's first table, from the result sets with these titles. */
const README_SETS = {
  'rate-kodak.json': ({ images }) => `Kodak, ${images} photographs, mean`,
  'rate-photos-validation.json': ({ images }) => `${images} photographs reduced from larger ones, mean`,
  'rate-cifar10-test-500.json': ({ images }) => `CIFAR-10 test, first ${images} images, mean`,
};

function readmeRates() {
  const sets = Object.entries(README_SETS).map(([file, title]) => ({ ...read(file), title }));
  const names = sets[0].summary.map(({ name }) => name);
  return table(
    ['bits per sample (bits/dim)', ...names.map(shortName)],
    sets.map((set) => [
      set.title(set),
      ...set.summary.map(({ name, bitsPerDim }) => (name === 'vdmz' ? `**${cell(bitsPerDim)}**` : cell(bitsPerDim))),
    ]),
  );
}

function readmeSpeed({ image, whole, peers }) {
  const of = (kind) => whole.filter(({ process }) => process === kind).at(-1);
  const [{ threads, compressing, decompressing }, gaussian] = [of('absorbing'), of('gaussian')];
  const slowest = peers.find(({ name }) => name.includes('-e 9'));
  const ratio =
    slowest && `${cell(compressing.seconds / slowest.encodeSeconds, 1)} times what \`cjxl -d 0 -e 9\` takes`;
  return [
    `${image.source.replace(/\.\w+$/, '')}, of ${image.width}x${image.height} pixels, takes ${cell(compressing.seconds, 1)} s to compress` +
      `${ratio ? `, ${ratio},` : ''} and ${cell(decompressing.seconds, 1)} s to`,
    `decompress by absorbing diffusion, ${cell(gaussian.compressing.seconds, 1)} and ` +
      `${cell(gaussian.decompressing.seconds, 1)} s with \`--method gaussian\`, with ${threads} threads.`,
  ];
}

/** Puts lines between the marks of a part of a document. */
function fillIn(text, part, lines) {
  const [open, close] = [`<!-- bench:report ${part} -->`, `<!-- end of ${part} -->`];
  const [before, rest] = text.split(open);
  const [, after] = (rest ?? '').split(close);
  if (after === undefined) throw new Error(`a document has no part between ${open} and ${close}`);
  return `${before}${open}\n${lines.join('\n')}\n${close}${after}`;
}

const results = (pattern) =>
  readdirSync(RESULTS)
    .filter((name) => pattern.test(name))
    .sort()
    .map(read);

const speed = readIfThere('speed.json');
const effort = readIfThere(`effort-${EFFORT_SET}.json`);

const lines = [
  '# Benchmarks',
  '',
  'Generated by `npm run bench:report` from bench/results; do not edit. Rates are of whole files, container included;',
  'bits/dim is bits / (height * width * channels). Every file is decoded again and compared, "bugs" counts those that',
  'did not come back exactly. Times are wall seconds, of the whole process for the peers and of the library call for',
  'vdmz. In the tables of whole sets as many images are coded at once as the command says, so there they are for',
  'orientation only.',
  '',
  ...(speed === undefined ? [] : speedSection(speed)),
  ...results(/^effort-.*\.json$/).flatMap(effortSection),
  ...scalingSection(results(/^scaling-.*\.json$/)),
  ...archiveSection(results(/^archive-.*\.json$/)),
  ...hostileSection(readIfThere('hostile.json')),
  ...results(/^rate-.*\.json$/).flatMap(rateSection),
];
writeFileSync('docs/benchmarks.md', `${lines.join('\n').trimEnd()}\n`);

let readme = fillIn(readFileSync('README.md', 'utf8'), 'rates', readmeRates());
if (speed !== undefined) readme = fillIn(readme, 'speed', readmeSpeed(speed));
if (effort !== undefined) {
  writeFileSync('docs/rate-time.svg', effortPlot(effort));
  readme = fillIn(readme, 'efforts', effortTable(effort));
}
writeFileSync('README.md', readme);

const restoring = readIfThere('restoring.json');
if (restoring !== undefined) {
  const path = 'docs/restoring.md';
  writeFileSync(path, fillIn(readFileSync(path, 'utf8'), 'restoring', restoringTable(restoring)));
}
