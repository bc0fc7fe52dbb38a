import type { Comparison } from '../measure/comparison.js';
import type { Curve } from '../question.js';
import { figure } from './figures.js';

const WIDTH = 720;
const ROW = 26;
const LABELS = 250;
const TOP = 34;
const RIGHT = 90;
const COLORS = ['#2563eb', '#d97706', '#059669', '#9333ea', '#dc2626', '#475569'];

/** Bars of one metric: the median, and a line from the least to the greatest value of all rounds. */
export function barPlot({ title, unit, sides }: Comparison): string {
  const most = Math.max(...sides.map(({ high }) => high), Number.MIN_VALUE);
  const x = (value: number): number => (value / most) * (WIDTH - LABELS - RIGHT);
  const rows = sides.map(({ side, median, low, high }, row) => {
    const y = TOP + row * ROW;
    const middle = y + ROW / 2;
    return [
      text(LABELS - 8, middle + 4, side, 'end'),
      `<rect x="${LABELS}" y="${y + 4}" width="${round(x(median))}" height="${ROW - 8}" fill="${color(row)}"/>`,
      `<line x1="${round(LABELS + x(low))}" x2="${round(LABELS + x(high))}" y1="${middle}" y2="${middle}" stroke="#111" stroke-width="1.5"/>`,
      text(round(LABELS + x(high)) + 6, middle + 4, figure(median)),
    ].join('');
  });
  return svg(TOP + sides.length * ROW + 8, [text(8, 20, `${title} (${unit})`), ...rows]);
}

/** Lines over a logarithmic x axis; y begins at zero. */
export function linePlot({ title, x: xTitle, y: yTitle, lines }: Curve): string {
  const height = 320;
  const points = lines.flatMap((line) => line.points);
  const xs = points.map(([value]) => Math.log10(Math.max(value, Number.MIN_VALUE)));
  const least = Math.min(...xs);
  const span = Math.max(Math.max(...xs) - least, Number.MIN_VALUE);
  const most = Math.max(...points.map(([, value]) => value), Number.MIN_VALUE);
  const left = 70;
  const bottom = height - 46;
  const x = (value: number): number =>
    round(
      left +
        ((Math.log10(Math.max(value, Number.MIN_VALUE)) - least) / span) * (WIDTH - left - 190),
    );
  const y = (value: number): number => round(bottom - (value / most) * (bottom - 40));
  const drawn = lines.flatMap(({ label, points: own }, index) => {
    const last = own.at(-1);
    if (last === undefined) return [];
    const path = own.map(([px, py]) => `${x(px)},${y(py)}`).join(' ');
    return [
      `<polyline points="${path}" fill="none" stroke="${color(index)}" stroke-width="2"/>`,
      ...own.map(
        ([px, py]) => `<circle cx="${x(px)}" cy="${y(py)}" r="3" fill="${color(index)}"/>`,
      ),
      text(x(last[0]) + 8, y(last[1]) + 4, label),
    ];
  });
  const ticks = [...new Set(points.map(([value]) => value))].map((value) =>
    text(x(value), bottom + 18, figure(value), 'middle'),
  );
  return svg(height, [
    text(8, 20, title),
    `<path d="M${left} 34V${bottom}H${WIDTH - 180}" fill="none" stroke="#94a3b8"/>`,
    text(left - 6, 44, figure(most), 'end'),
    text(left - 6, bottom, '0', 'end'),
    text(left, 34, yTitle),
    text(WIDTH - 180, bottom + 36, xTitle, 'end'),
    ...ticks,
    ...drawn,
  ]);
}

function svg(height: number, parts: readonly string[]): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="12">`,
    `<rect width="${WIDTH}" height="${height}" fill="#fff"/>`,
    ...parts,
    '</svg>\n',
  ].join('\n');
}

function text(x: number, y: number, content: string, anchor = 'start'): string {
  const escaped = content.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return `<text x="${x}" y="${y}" text-anchor="${anchor}" fill="#111">${escaped}</text>`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function color(index: number): string {
  return COLORS[index % COLORS.length] ?? '#111';
}
