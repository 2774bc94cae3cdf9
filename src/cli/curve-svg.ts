/** A curve through points as an SVG that is readable on light and on dark pages. */

export interface Curve {
  readonly points: readonly (readonly [x: number, y: number])[];
  readonly xTitle: string;
  readonly yTitle: string;
}

const WIDTH = 720;
const HEIGHT = 400;
const LEFT = 64;
const RIGHT = WIDTH - 24;
const TOP = 24;
const BOTTOM = HEIGHT - 52;
const TICKS = 6;

const STYLE =
  'text { font: 12px sans-serif; fill: #444 } .grid { stroke: #8884 } .curve { fill: none; stroke: #c2410c; stroke-width: 2 } ' +
  'circle { fill: #c2410c } @media (prefers-color-scheme: dark) { text { fill: #ccc } .curve { stroke: #fb923c } circle { fill: #fb923c } }';

/** Both axes begin at 0. */
export function curveSvg({ points, xTitle, yTitle }: Curve): string {
  const [xStep, yStep] = [0, 1].map((axis) => niceStep(Math.max(...points.map((point) => point[axis]!))));
  const x = (value: number) => LEFT + (value / (TICKS * xStep!)) * (RIGHT - LEFT);
  const y = (value: number) => BOTTOM - (value / (TICKS * yStep!)) * (BOTTOM - TOP);
  const at = points.map(([a, b]) => [x(a).toFixed(1), y(b).toFixed(1)] as const);
  const grid = Array.from({ length: TICKS + 1 }, (_, i) => {
    const [tickX, tickY] = [x(i * xStep!).toFixed(1), y(i * yStep!).toFixed(1)];
    return [
      `<line class="grid" x1="${tickX}" y1="${TOP}" x2="${tickX}" y2="${BOTTOM}"/>`,
      `<line class="grid" x1="${LEFT}" y1="${tickY}" x2="${RIGHT}" y2="${tickY}"/>`,
      `<text x="${tickX}" y="${BOTTOM + 18}" text-anchor="middle">${number(i * xStep!)}</text>`,
      `<text x="${LEFT - 8}" y="${tickY}" dy="4" text-anchor="end">${number(i * yStep!)}</text>`,
    ];
  });
  const lines = [
    `<style>${STYLE}</style>`,
    ...grid.flat(),
    `<polyline class="curve" points="${at.map((pair) => pair.join(',')).join(' ')}"/>`,
    ...at.map(([cx, cy]) => `<circle cx="${cx}" cy="${cy}" r="3"/>`),
    `<text x="${(LEFT + RIGHT) / 2}" y="${HEIGHT - 10}" text-anchor="middle">${xTitle}</text>`,
    `<text transform="translate(16 ${(TOP + BOTTOM) / 2}) rotate(-90)" text-anchor="middle">${yTitle}</text>`,
  ];
  const open = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img">`;
  return `${open}\n${lines.map((line) => `  ${line}`).join('\n')}\n</svg>\n`;
}

/** 1, 2 or 5 times a power of ten, of which TICKS reach a value. */
function niceStep(max: number): number {
  if (!(max > 0)) return 1;
  const least = max / TICKS;
  const power = 10 ** Math.floor(Math.log10(least));
  return [1, 2, 5, 10].map((digit) => digit * power).find((step) => step >= least * (1 - 1e-9))!;
}

const number = (value: number): string => String(Number(value.toPrecision(6)));
