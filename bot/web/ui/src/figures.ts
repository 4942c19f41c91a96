// Tables and charts of cards.

import type { Chart, Table } from './api';
import { draw, h } from './dom';

export function tableOf(table: Table): HTMLElement {
  const cell = (text: string, column: number) =>
    h('td', {}, column === table.state && text !== '' ? h('span', { class: 'state' }, text) : text);
  return h(
    'div',
    { class: 'table', tabindex: 0, role: 'region', 'aria-label': table.columns.join('、') },
    h(
      'table',
      {},
      h('thead', {}, h('tr', {}, ...table.columns.map((column) => h('th', { scope: 'col' }, column)))),
      h('tbody', {}, ...table.rows.map((row) => h('tr', { class: row.late ? 'late' : '' }, ...row.cells.map(cell)))),
    ),
  );
}

const label = 88;
const widest = 200;
const line = 22;
const colours = ['series-0', 'series-1'];

/** Horizontal bars, the values of each one behind the other; the numbers stand in the text for whoever cannot see them. */
export function chartOf(chart: Chart): HTMLElement {
  const sum = (values: number[]) => values.reduce((all, one) => all + one, 0);
  const most = Math.max(1, ...chart.bars.map((bar) => sum(bar.values)));
  const said = chart.bars.map((bar) => `${bar.label} ${chart.series.map((name, i) => `${name} ${bar.values[i] ?? 0}`).join(' ')}`);
  const bars = chart.bars.flatMap((bar, row) => {
    let from = label;
    const parts = bar.values.map((value, i) => {
      const width = (value / most) * widest;
      const part = draw('rect', { class: colours[i] ?? '', x: from, y: row * line + 3, width, height: line - 8, rx: 2 });
      from += width;
      return part;
    });
    const middle = row * line + line - 8;
    return [
      draw('text', { x: label - 6, y: middle, 'text-anchor': 'end' }, bar.label),
      ...parts,
      draw('text', { x: from + 4, y: middle }, bar.values.filter((value) => value > 0).join(' + ')),
    ];
  });
  const size = `0 0 ${label + widest + 56} ${chart.bars.length * line}`;
  return h(
    'figure',
    { class: 'chart' },
    h('figcaption', {}, chart.title, ...chart.series.map((name, i) => h('span', { class: `key ${colours[i] ?? ''}` }, name))),
    draw('svg', { viewBox: size, role: 'img', 'aria-label': `${chart.title}: ${said.join('; ')}` }, ...bars),
  );
}
