/** Series of points as an SVG that is readable on light and on dark pages. */

const WIDTH = 720;
const HEIGHT = 400;
const FRAME = { left: 64, right: 24, top: 24, bottom: 52 };
/** Width of a character of the labels, for those that would run out of the frame. */
const CHARACTER = 6.6;

/** Colours of series that have names, as they are in a legend, on light and on dark pages. */
const COLOURS = ['#c2410c', '#1d6fd1', '#2e8b57', '#9a4fc9', '#b08900', '#777777'];

const STYLE = `
    text { font: 12px sans-serif; fill: #444 }
    .grid { stroke: #8884; stroke-width: 1 }
    .others { fill: #777; stroke: #777 }
    .own { fill: #c2410c; stroke: #c2410c }
${COLOURS.map((colour, i) => `    .series-${i} { fill: ${colour}; stroke: ${colour} }`).join('\n')}
    polyline { fill: none !important; stroke-width: 2 }
    @media (prefers-color-scheme: dark) {
      text { fill: #ccc }
      .others { fill: #999; stroke: #999 }
      .own { fill: #fb923c; stroke: #fb923c }
    }
  `;

/** The numbers 1, 2 and 5 times powers of ten that a range of positive numbers holds. */
function ticksOfLog({ min, max }) {
  const ticks = [];
  for (let power = Math.floor(Math.log10(min)); power <= Math.log10(max); power++) {
    ticks.push(...[1, 2, 5].map((digit) => Number(`${digit}e${power}`)));
  }
  return ticks.filter((tick) => tick >= min && tick <= max);
}

/** Multiples of a step that a range holds. */
const ticksOfLinear = ({ min, max }, step) =>
  Array.from(
    { length: Math.floor(max / step + EPSILON) - Math.ceil(min / step - EPSILON) + 1 },
    (_, i) => (Math.ceil(min / step - EPSILON) + i) * step,
  );

const EPSILON = 1e-9;
const fixed = (value) => value.toFixed(1);
const share = (value, { min, max }) => (value - min) / (max - min);

/** From a little below the least value to a little above the largest. */
function logAxis(values) {
  const range = { min: Math.min(...values) / 1.6, max: Math.max(...values) * 1.6 };
  const logs = { min: Math.log(range.min), max: Math.log(range.max) };
  return { ticks: ticksOfLog(range).map((tick) => [tick, String(tick)]), at: (value) => share(Math.log(value), logs) };
}

/** Digits after the point that multiples of a step need. */
const digitsOf = (step) => Math.max(0, -Math.floor(Math.log10(step) + EPSILON));

function linearAxis(values, step, { margin = 0, digits = digitsOf(step) } = {}) {
  const room = (Math.max(...values) - Math.min(...values)) * margin;
  const range = { min: Math.min(...values) - room, max: Math.max(...values) + room };
  const ticks = ticksOfLinear(range, step).map((tick) => [tick, tick.toFixed(digits)]);
  return { ticks, at: (value) => share(value, range) };
}

/**
 * Draws series of points.
 *
 * @param series { own, name, points: [{ label, x, y }] }; the points of a series are joined by a line, and those with a label marked;
 *   series with names have colours of their own and a legend
 * @param axes xTitle, yTitle, xStep and yStep (none: logarithmic), yDigits of the labels (default: what yStep needs); legend, 'right'
 *   (default) or 'left'
 */
export function plotSvg(series, { xTitle, yTitle, xStep, yStep, yDigits, legend = 'right' }) {
  const points = series.flatMap((one) => one.points);
  const xs = points.map((point) => point.x);
  const xAxis = xStep === undefined ? logAxis(xs) : linearAxis([0, ...xs], xStep);
  const ys = points.map((point) => point.y);
  const yAxis = yStep === undefined ? logAxis(ys) : linearAxis(ys, yStep, { margin: 0.08, digits: yDigits });
  const [bottom, right] = [HEIGHT - FRAME.bottom, WIDTH - FRAME.right];
  const place = {
    x: (value) => FRAME.left + xAxis.at(value) * (right - FRAME.left),
    y: (value) => bottom - yAxis.at(value) * (bottom - FRAME.top),
  };
  const grid = [
    ...xAxis.ticks.flatMap(([tick, label]) => [
      `<line class="grid" x1="${fixed(place.x(tick))}" y1="${FRAME.top}" x2="${fixed(place.x(tick))}" y2="${bottom}"/>`,
      `<text x="${fixed(place.x(tick))}" y="${bottom + 18}" text-anchor="middle">${label}</text>`,
    ]),
    ...yAxis.ticks.flatMap(([tick, label]) => [
      `<line class="grid" x1="${FRAME.left}" y1="${fixed(place.y(tick))}" x2="${right}" y2="${fixed(place.y(tick))}"/>`,
      `<text x="${FRAME.left - 8}" y="${fixed(place.y(tick) + 4)}" text-anchor="end">${label}</text>`,
    ]),
  ];
  const titles = [
    `<text x="${fixed((FRAME.left + right) / 2)}" y="${HEIGHT - 10}" text-anchor="middle">${xTitle}</text>`,
    `<text transform="translate(16 ${fixed((FRAME.top + bottom) / 2)}) rotate(-90)" text-anchor="middle">${yTitle}</text>`,
  ];
  const named = series.filter(({ name }) => name !== undefined);
  const drawn = [
    ...series.flatMap((one) => seriesLines(one, classOf(one, named), place, right)),
    ...named.flatMap((one, i) => legendLines(one, classOf(one, named), { right, legend }, i)),
  ];
  const lines = [`<style>${STYLE}</style>`, ...grid, ...drawn, ...titles].map((line) => `  ${line}`);
  const open = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img">`;
  return `${open}\n${lines.join('\n')}\n</svg>\n`;
}

function classOf(one, named) {
  if (one.name !== undefined) return `series-${named.indexOf(one) % COLOURS.length}`;
  return one.own ? 'own' : 'others';
}

/** A line of the legend, in one of the upper corners. */
function legendLines({ name }, className, { right, legend }, index) {
  const y = FRAME.top + 14 + 18 * index;
  const isLeft = legend === 'left';
  const x = isLeft ? FRAME.left + 8 : right - 32;
  return [
    `<line class="${className}" stroke-width="2" x1="${x}" y1="${y}" x2="${x + 24}" y2="${y}"/>`,
    `<text x="${isLeft ? x + 30 : x - 6}" y="${y + 4}" text-anchor="${isLeft ? 'start' : 'end'}">${name}</text>`,
  ];
}

function seriesLines({ own, points }, className, place, right) {
  const at = points.map(({ x, y }) => [place.x(x), place.y(y)].map(fixed).join(','));
  const marked = points.filter(({ label }) => label !== undefined);
  // Own labels to the left above the points, those of the others to the right below.
  const labelOf = ({ label, x, y }) => {
    const [cx, cy] = [place.x(x), place.y(y) + (own ? -10 : 18)];
    const [dx, anchor] = own || cx + label.length * CHARACTER > right ? [4, 'end'] : [-4, 'start'];
    return `<text x="${fixed(cx + dx)}" y="${fixed(cy)}" text-anchor="${anchor}">${label}</text>`;
  };
  return [
    `<g class="${className}">`,
    `<polyline points="${at.join(' ')}"/>`,
    ...marked.map(({ x, y }) => `<circle cx="${fixed(place.x(x))}" cy="${fixed(place.y(y))}" r="4"/>`),
    '</g>',
    ...marked.map(labelOf),
  ];
}
