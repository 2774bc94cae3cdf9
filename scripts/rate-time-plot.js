/** Rate against time as an SVG that is readable on light and on dark pages. */

const WIDTH = 720;
const HEIGHT = 400;
const FRAME = { left: 64, right: 24, top: 24, bottom: 52 };
/** Width of a character of the labels, for those that would run out of the frame. */
const CHARACTER = 6.6;

const STYLE = `
    text { font: 12px sans-serif; fill: #444 }
    .grid { stroke: #8884; stroke-width: 1 }
    .others { fill: #777; stroke: #777 }
    .own { fill: #c2410c; stroke: #c2410c }
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
    { length: Math.floor(max / step) - Math.ceil(min / step) + 1 },
    (_, i) => (Math.ceil(min / step) + i) * step,
  );

const fixed = (value) => value.toFixed(1);

/**
 * Draws series of points.
 *
 * @param series { own, points: [{ label, seconds, bitsPerDim }] }; the points of a series are joined by a line
 */
export function plotSvg(series, { xTitle, yTitle }) {
  const points = series.flatMap((one) => one.points);
  const [times, rates] = [points.map(({ seconds }) => seconds), points.map(({ bitsPerDim }) => bitsPerDim)];
  const xRange = { min: Math.min(...times) / 1.6, max: Math.max(...times) * 1.6 };
  const margin = (Math.max(...rates) - Math.min(...rates)) * 0.08;
  const yRange = { min: Math.min(...rates) - margin, max: Math.max(...rates) + margin };
  const [bottom, right] = [HEIGHT - FRAME.bottom, WIDTH - FRAME.right];
  const share = (value, { min, max }) => (value - min) / (max - min);
  const logs = { min: Math.log(xRange.min), max: Math.log(xRange.max) };
  const x = (seconds) => FRAME.left + share(Math.log(seconds), logs) * (right - FRAME.left);
  const y = (rate) => bottom - share(rate, yRange) * (bottom - FRAME.top);

  const grid = [
    ...ticksOfLog(xRange).flatMap((tick) => [
      `<line class="grid" x1="${fixed(x(tick))}" y1="${FRAME.top}" x2="${fixed(x(tick))}" y2="${bottom}"/>`,
      `<text x="${fixed(x(tick))}" y="${bottom + 18}" text-anchor="middle">${tick}</text>`,
    ]),
    ...ticksOfLinear(yRange, 0.2).flatMap((tick) => [
      `<line class="grid" x1="${FRAME.left}" y1="${fixed(y(tick))}" x2="${right}" y2="${fixed(y(tick))}"/>`,
      `<text x="${FRAME.left - 8}" y="${fixed(y(tick) + 4)}" text-anchor="end">${tick.toFixed(1)}</text>`,
    ]),
  ];
  // Own labels to the left above the points, those of the others to the right below.
  const labelOf = ({ label, seconds, bitsPerDim }, own) => {
    const [cx, cy] = [x(seconds), y(bitsPerDim) + (own ? -10 : 18)];
    const [dx, anchor] = own || cx + label.length * CHARACTER > right ? [4, 'end'] : [-4, 'start'];
    return `<text x="${fixed(cx + dx)}" y="${fixed(cy)}" text-anchor="${anchor}">${label}</text>`;
  };
  const drawn = series.flatMap(({ own, points }) => {
    const at = points.map(({ seconds, bitsPerDim }) => [x(seconds), y(bitsPerDim)].map(fixed));
    return [
      `<g class="${own ? 'own' : 'others'}">`,
      `<polyline points="${at.map((pair) => pair.join(',')).join(' ')}"/>`,
      ...at.map(([cx, cy]) => `<circle cx="${cx}" cy="${cy}" r="4"/>`),
      '</g>',
      ...points.map((point) => labelOf(point, own)),
    ];
  });
  const titles = [
    `<text x="${fixed((FRAME.left + right) / 2)}" y="${HEIGHT - 10}" text-anchor="middle">${xTitle}</text>`,
    `<text transform="translate(16 ${fixed((FRAME.top + bottom) / 2)}) rotate(-90)" text-anchor="middle">${yTitle}</text>`,
  ];
  const lines = [`<style>${STYLE}</style>`, ...grid, ...drawn, ...titles].map((line) => `  ${line}`);
  const open = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img">`;
  return `${open}\n${lines.join('\n')}\n</svg>\n`;
}
